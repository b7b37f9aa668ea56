// SPDX-License-Identifier: Apache-2.0
#include "engine/id_table.hpp"

#include <algorithm>
#include <bit>

namespace qdrantd::engine {

std::size_t IdTable::home(const model::PointId& id) const {
    // The hash ring uses the upper part of the same hash, so one shard's ids share it; the finisher
    // of splitmix64 spreads what is left over all bits.
    auto h = id.stable_hash();
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ULL;
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBULL;
    return static_cast<std::size_t>(h ^ (h >> 31)) & (cells_.size() - 1);
}

Slot IdTable::find(const model::PointId& id) const {
    if (cells_.empty()) return kNoSlot;
    for (auto at = home(id);; at = (at + 1) & (cells_.size() - 1)) {
        const auto slot = cells_[at];
        if (slot == kEmpty) return kNoSlot;
        if (slot != kErased && columns_.id[slot] == id) return slot;
    }
}

void IdTable::put(Slot slot) {
    if ((used_ + 1) * 3 > cells_.size() * 2) rebuild(size_ + 1);
    const auto& id = columns_.id[slot];
    std::size_t target = cells_.size();
    for (auto at = home(id);; at = (at + 1) & (cells_.size() - 1)) {
        const auto present = cells_[at];
        if (present == kErased) {
            if (target == cells_.size()) target = at;
            continue;
        }
        if (present != kEmpty && !(columns_.id[present] == id)) continue;
        if (present != kEmpty) {
            cells_[at] = slot;
            return;
        }
        if (target == cells_.size()) {
            target = at;
            ++used_;
        }
        break;
    }
    cells_[target] = slot;
    ++size_;
}

void IdTable::erase(const model::PointId& id) {
    if (cells_.empty()) return;
    for (auto at = home(id);; at = (at + 1) & (cells_.size() - 1)) {
        const auto slot = cells_[at];
        if (slot == kEmpty) return;
        if (slot != kErased && columns_.id[slot] == id) {
            cells_[at] = kErased;
            --size_;
            return;
        }
    }
}

void IdTable::rebuild(std::size_t wanted) {
    std::vector<Slot> old(std::bit_ceil(std::max<std::size_t>(wanted * 2, 64)), kEmpty);
    old.swap(cells_);
    size_ = used_ = 0;
    for (const auto slot : old) {
        if (slot != kEmpty && slot != kErased) {
            auto at = home(columns_.id[slot]);
            while (cells_[at] != kEmpty)
                at = (at + 1) & (cells_.size() - 1);
            cells_[at] = slot;
            ++size_;
        }
    }
    used_ = size_;
}

}  // namespace qdrantd::engine
