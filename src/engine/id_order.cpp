// SPDX-License-Identifier: Apache-2.0
#include "engine/id_order.hpp"

#include <algorithm>
#include <iterator>

namespace qdrantd::engine {
namespace {

using Offset = std::vector<Slot>::difference_type;

}  // namespace

std::size_t IdOrder::block_of(const model::PointId& id) const {
    const auto behind = std::upper_bound(
        blocks_.begin(), blocks_.end(), id,
        [&](const model::PointId& a, const Block& b) { return a < columns_.id[b.front()]; });
    return behind == blocks_.begin()
               ? 0
               : static_cast<std::size_t>(std::distance(blocks_.begin(), behind)) - 1;
}

std::size_t IdOrder::place_in(const Block& block, const model::PointId& id) const {
    const auto at =
        std::lower_bound(block.begin(), block.end(), id,
                         [&](Slot slot, const model::PointId& b) { return columns_.id[slot] < b; });
    return static_cast<std::size_t>(std::distance(block.begin(), at));
}

void IdOrder::put(Slot slot) {
    const auto& id = columns_.id[slot];
    if (blocks_.empty()) {
        blocks_.push_back({slot});
        return;
    }
    const auto which = block_of(id);
    auto* block = &blocks_[which];
    auto at = place_in(*block, id);
    if (at < block->size() && columns_.id[(*block)[at]] == id) {
        (*block)[at] = slot;
        return;
    }
    if (block->size() == kBlockMax) {
        const auto next = blocks_.begin() + static_cast<Offset>(which) + 1;
        if (at == kBlockMax) {
            blocks_.insert(next, Block{slot});
            return;
        }
        constexpr auto kHalf = static_cast<Offset>(kBlockMax / 2);
        Block upper(block->begin() + kHalf, block->end());
        block->resize(kBlockMax / 2);
        blocks_.insert(next, std::move(upper));
        block = &blocks_[which];
        if (at > block->size()) {
            at -= block->size();
            block = &blocks_[which + 1];
        }
    }
    block->insert(block->begin() + static_cast<Offset>(at), slot);
}

void IdOrder::erase(const model::PointId& id) {
    if (blocks_.empty()) return;
    const auto which = block_of(id);
    auto& block = blocks_[which];
    const auto at = place_in(block, id);
    if (at == block.size() || !(columns_.id[block[at]] == id)) return;
    block.erase(block.begin() + static_cast<Offset>(at));
    if (block.empty()) blocks_.erase(blocks_.begin() + static_cast<Offset>(which));
}

void IdOrder::collect(const std::optional<model::PointId>& from, bool exclusive, std::size_t max,
                      std::vector<Slot>& out) const {
    if (blocks_.empty()) return;
    std::size_t which = 0;
    std::size_t at = 0;
    if (from) {
        which = block_of(*from);
        at = place_in(blocks_[which], *from);
        if (exclusive && at < blocks_[which].size() && columns_.id[blocks_[which][at]] == *from) {
            ++at;
        }
    }
    for (; which < blocks_.size() && max > 0; ++which, at = 0) {
        const auto& block = blocks_[which];
        const auto n = std::min(max, block.size() - at);
        const auto first = block.begin() + static_cast<Offset>(at);
        out.insert(out.end(), first, first + static_cast<Offset>(n));
        max -= n;
    }
}

std::size_t IdOrder::bytes() const {
    std::size_t sum = blocks_.capacity() * sizeof(Block);
    for (const auto& block : blocks_)
        sum += block.capacity() * sizeof(Slot);
    return sum;
}

}  // namespace qdrantd::engine
