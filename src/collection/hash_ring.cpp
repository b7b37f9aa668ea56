// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/collection/hash_ring.hpp>

#include <qdrantd/common/assert.hpp>

namespace qdrantd::collection {

namespace {

constexpr std::uint32_t kPlacesPerShard = 256;

std::uint64_t place_of(ShardId shard, std::uint32_t index) {
    // A point id hashes well already, and its hash is fixed for good; places use the same function.
    return model::PointId((static_cast<std::uint64_t>(shard.value) << 32) | index).stable_hash();
}

}  // namespace

HashRing::HashRing(const std::vector<ShardId>& shards) {
    QD_ASSERT(!shards.empty());
    only_ = shards.front();
    if (shards.size() == 1) return;
    places_.reserve(shards.size() * kPlacesPerShard);
    for (const auto shard : shards) {
        for (std::uint32_t i = 0; i < kPlacesPerShard; ++i)
            places_.emplace_back(place_of(shard, i), shard);
    }
    std::sort(places_.begin(), places_.end());
}

ShardId HashRing::owner(const model::PointId& id) const {
    if (places_.empty()) return only_;
    const auto found =
        std::upper_bound(places_.begin(), places_.end(), id.stable_hash(),
                         [](std::uint64_t hash, const auto& place) { return hash < place.first; });
    return found == places_.end() ? places_.front().second : found->second;
}

}  // namespace qdrantd::collection
