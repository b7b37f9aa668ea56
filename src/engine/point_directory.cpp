// SPDX-License-Identifier: Apache-2.0
#include "engine/point_directory.hpp"

#include <mutex>

namespace qdrantd::engine {

void PointDirectory::change(std::span<const Slot> added, std::span<const Slot> dropped) {
    if (added.empty() && dropped.empty()) return;
    const std::unique_lock lock(mutex_);
    for (const auto slot : added) {
        table_.put(slot);
        order_.put(slot);
    }
    for (const auto slot : dropped) {
        const auto& id = columns_.id[slot];
        if (table_.find(id) != slot) continue;
        table_.erase(id);
        order_.erase(id);
    }
}

Slot PointDirectory::latest(const model::PointId& id) const {
    const std::shared_lock lock(mutex_);
    return table_.find(id);
}

Slot PointDirectory::resolve(Slot slot, const ReadView& view) const {
    while (slot != kNoSlot && slot >= view.slots())
        slot = columns_.previous[slot];
    return slot != kNoSlot && view.sees(columns_, slot) ? slot : kNoSlot;
}

Slot PointDirectory::slot_at(const model::PointId& id, const ReadView& view) const {
    const std::shared_lock lock(mutex_);
    return resolve(table_.find(id), view);
}

bool PointDirectory::next_slots(const ReadView& view, std::optional<model::PointId>& from,
                                bool exclusive, std::size_t max, std::vector<Slot>& out) const {
    const auto begin = out.size();
    const std::shared_lock lock(mutex_);
    order_.collect(from, exclusive, max, out);
    if (out.size() == begin) return false;
    from = columns_.id[out.back()];
    auto kept = begin;
    for (auto at = begin; at < out.size(); ++at) {
        const auto slot = resolve(out[at], view);
        if (slot != kNoSlot) out[kept++] = slot;
    }
    out.resize(kept);
    return true;
}

std::size_t PointDirectory::bytes() const {
    const std::shared_lock lock(mutex_);
    return table_.bytes() + order_.bytes();
}

}  // namespace qdrantd::engine
