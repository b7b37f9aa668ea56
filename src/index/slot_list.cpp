// SPDX-License-Identifier: Apache-2.0
#include "index/slot_list.hpp"

#include <algorithm>
#include <array>

namespace qdrantd::index {

namespace {

constexpr std::size_t kFew = 64;
constexpr std::uint32_t kMeasureAfter = 256;
constexpr std::size_t kRadixFrom = 4096;  // below it std::sort is as fast

/// Least significant digit first, three digits of 11 bits.
void radix_sort(std::vector<Slot>& slots) {
    constexpr unsigned kBits = 11;
    constexpr std::uint32_t kMask = (1U << kBits) - 1;
    std::vector<Slot> other(slots.size());
    for (unsigned shift = 0; shift < 32; shift += kBits) {
        std::array<std::size_t, kMask + 1> start{};
        for (const auto slot : slots)
            ++start[(slot >> shift) & kMask];
        std::size_t sum = 0;
        for (auto& place : start)
            sum += std::exchange(place, sum);
        for (const auto slot : slots)
            other[start[(slot >> shift) & kMask]++] = slot;
        slots.swap(other);
    }
}

}  // namespace

void SlotList::add(Slot slot) {
    if (size_ == 0 && !many_) {
        only_ = slot;
        size_ = 1;
        return;
    }
    if (!many_) {
        if (only_ == slot) return;
        many_ = std::make_unique<Many>();
        many_->few = {std::min(only_, slot), std::max(only_, slot)};
        size_ = 2;
        return;
    }
    if (many_->set) {
        if (!many_->set->addChecked(slot)) return;
        ++size_;
        many_->changed();
        return;
    }
    auto& few = many_->few;
    const auto at = std::lower_bound(few.begin(), few.end(), slot);
    if (at != few.end() && *at == slot) return;
    few.insert(at, slot);
    ++size_;
    if (few.size() > kFew) {
        many_->set.emplace(few.size(), few.data());
        few = {};
        many_->set_bytes = many_->set->getSizeInBytes(false);
    }
}

void SlotList::remove(Slot slot) {
    if (size_ == 0) return;
    if (!many_) {
        if (only_ == slot) size_ = 0;
        return;
    }
    if (many_->set) {
        if (!many_->set->removeChecked(slot)) return;
        --size_;
        many_->changed();
    } else {
        auto& few = many_->few;
        const auto at = std::lower_bound(few.begin(), few.end(), slot);
        if (at == few.end() || *at != slot) return;
        few.erase(at);
        --size_;
    }
    if (size_ == 0) many_.reset();
}

Roaring SlotList::to_bitmap() const {
    if (many_ && many_->set) return *many_->set;
    SlotGatherer gatherer;
    gatherer.add(*this);
    return gatherer.build();
}

void SlotList::Many::changed() {
    if (++changes < kMeasureAfter) return;
    changes = 0;
    set_bytes = set->getSizeInBytes(false);
}

void SlotGatherer::add(const SlotList& list) {
    if (list.size_ == 0) return;
    if (!list.many_) {
        loose_.push_back(list.only_);
    } else if (list.many_->set) {
        sets_.push_back(&*list.many_->set);
    } else {
        loose_.insert(loose_.end(), list.many_->few.begin(), list.many_->few.end());
    }
}

Roaring SlotGatherer::build() {
    if (loose_.size() >= kRadixFrom) {
        radix_sort(loose_);
    } else {
        std::sort(loose_.begin(), loose_.end());
    }
    Roaring all(loose_.size(), loose_.data());
    if (sets_.empty()) return all;
    sets_.push_back(&all);
    return Roaring::fastunion(sets_.size(), sets_.data());
}

}  // namespace qdrantd::index
