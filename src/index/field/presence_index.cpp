// SPDX-License-Identifier: Apache-2.0
#include "index/field/presence_index.hpp"

#include <algorithm>
#include <vector>

#include <qdrantd/model/match.hpp>

namespace qdrantd::index {

void PresenceIndex::put(Slot slot, const model::PathValues& values) {
    for (const auto count : values.counts)
        by_count_[count].add(slot);
    if (values.has_null) null_values_.add(slot);
    const bool null_element = std::any_of(
        values.elements.begin(), values.elements.end(),
        [](const model::ValueView& v) { return v.kind == model::ValueView::Kind::kNull; });
    if (null_element) null_elements_.add(slot);
}

void PresenceIndex::remove(Slot slot, const model::PathValues& values) {
    for (const auto count : values.counts) {
        const auto found = by_count_.find(count);
        if (found == by_count_.end()) continue;
        found->second.remove(slot);
        if (found->second.isEmpty()) by_count_.erase(found);
    }
    null_values_.remove(slot);
    null_elements_.remove(slot);
}

Roaring PresenceIndex::with_count(const model::ValuesCount& bounds) const {
    std::vector<const Roaring*> sets;
    for (const auto& [count, slots] : by_count_) {
        if (model::within(bounds, count)) sets.push_back(&slots);
    }
    if (sets.empty()) return {};
    if (sets.size() == 1) return *sets.front();
    return Roaring::fastunion(sets.size(), sets.data());
}

std::size_t PresenceIndex::bytes() const {
    constexpr std::size_t kNode = 48;  // of the map, beside the bitmap
    auto sum = null_values_.getSizeInBytes(false) + null_elements_.getSizeInBytes(false);
    for (const auto& [count, slots] : by_count_)
        sum += kNode + slots.getSizeInBytes(false);
    return sum;
}

}  // namespace qdrantd::index
