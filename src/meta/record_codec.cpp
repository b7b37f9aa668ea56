// SPDX-License-Identifier: Apache-2.0
#include "meta/record_codec.hpp"

namespace qdrantd::meta {

void write_shards(ByteWriter& out, const std::vector<ShardPlacement>& shards) {
    out.varint(shards.size());
    for (const auto& placement : shards) {
        out.varint(placement.shard.value);
        out.varint(placement.replicas.size());
        for (const auto peer : placement.replicas)
            out.u64(peer.value);
    }
}

std::vector<ShardPlacement> read_shards(ByteReader& in) {
    std::vector<ShardPlacement> shards;
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        auto& placement = shards.emplace_back();
        placement.shard = ShardId(static_cast<std::uint32_t>(in.varint()));
        for (auto replicas = in.varint(); replicas > 0 && in.ok(); --replicas) {
            placement.replicas.emplace_back(in.u64());
        }
    }
    return shards;
}

}  // namespace qdrantd::meta
