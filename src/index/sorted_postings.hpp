// SPDX-License-Identifier: Apache-2.0
// Values in order with the slots that have them, in blocks: cheap to walk, cheap to insert into,
// and as small as an array. How to use: add/remove as payloads change, then ask for one value or
// for a range. Thread safety: none; concurrent reads are fine. Invariants: no block and no entry is
// empty; blocks hold at most kBlockEntries entries.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <qdrantd/model/match.hpp>

#include "index/slot_list.hpp"

namespace qdrantd::index {

/// Value is std::int64_t or double, never NaN.
template <typename Value>
class SortedPostings {
  public:
    void add(Value value, Slot slot) {
        if (blocks_.empty()) blocks_.emplace_back();
        auto block = blocks_.begin() + static_cast<std::ptrdiff_t>(block_of(value));
        auto entry = entry_of(*block, value);
        if (entry == block->entries.end() || entry->value != value) {
            entry = block->entries.insert(entry, Entry{value, {}});
        }
        const auto before = entry->slots.size();
        list_bytes_ -= entry->slots.heap_bytes();
        entry->slots.add(slot);
        list_bytes_ += entry->slots.heap_bytes();
        block->members += entry->slots.size() - before;
        if (block->entries.size() > kBlockEntries) split(block);
    }

    void remove(Value value, Slot slot) {
        if (blocks_.empty()) return;
        const auto block = blocks_.begin() + static_cast<std::ptrdiff_t>(block_of(value));
        const auto entry = entry_of(*block, value);
        if (entry == block->entries.end() || entry->value != value) return;
        const auto before = entry->slots.size();
        list_bytes_ -= entry->slots.heap_bytes();
        entry->slots.remove(slot);
        list_bytes_ += entry->slots.heap_bytes();
        block->members -= before - entry->slots.size();
        if (entry->slots.size() == 0) block->entries.erase(entry);
        if (block->entries.empty()) blocks_.erase(block);
    }

    /// Null when no slot has the value.
    [[nodiscard]] const SlotList* find(Value value) const {
        if (blocks_.empty()) return nullptr;
        const auto& block = blocks_[block_of(value)];
        const auto entry = entry_of(block, value);
        return entry == block.entries.end() || entry->value != value ? nullptr : &entry->slots;
    }

    void gather(const model::Range& range, SlotGatherer& out) const {
        walk(
            range, [&](const Entry& entry) { out.add(entry.slots); },
            [](const Block&) { return false; });
    }

    /// Number of (value, slot) pairs in the range; quick, whole blocks are not looked into.
    [[nodiscard]] std::uint64_t count(const model::Range& range) const {
        std::uint64_t sum = 0;
        walk(
            range, [&](const Entry& entry) { sum += entry.slots.size(); },
            [&](const Block& block) {
                sum += block.members;
                return true;
            });
        return sum;
    }

    [[nodiscard]] bool empty() const { return blocks_.empty(); }

    [[nodiscard]] std::size_t bytes() const {
        std::size_t sum = list_bytes_ + blocks_.capacity() * sizeof(Block);
        for (const auto& block : blocks_)
            sum += block.entries.capacity() * sizeof(Entry);
        return sum;
    }

  private:
    static constexpr std::size_t kBlockEntries = 256;

    struct Entry {
        Value value;
        SlotList slots;
    };
    struct Block {
        std::vector<Entry> entries;
        std::uint64_t members = 0;
    };

    /// The block that has the value or should have it. REQUIRES: there are blocks.
    [[nodiscard]] std::size_t block_of(Value value) const {
        const auto after =
            std::partition_point(blocks_.begin(), blocks_.end(), [&](const Block& block) {
                return !block.entries.empty() && block.entries.front().value <= value;
            });
        const auto place = static_cast<std::size_t>(after - blocks_.begin());
        return place == 0 ? 0 : place - 1;
    }
    template <typename AnyBlock>
    static auto entry_of(AnyBlock& block, Value value) {
        return std::partition_point(block.entries.begin(), block.entries.end(),
                                    [&](const Entry& entry) { return entry.value < value; });
    }

    void split(typename std::vector<Block>::iterator block) {
        Block upper;
        const auto middle = block->entries.begin() + static_cast<std::ptrdiff_t>(kBlockEntries / 2);
        upper.entries.assign(std::make_move_iterator(middle),
                             std::make_move_iterator(block->entries.end()));
        block->entries.erase(middle, block->entries.end());
        for (const auto& entry : upper.entries)
            upper.members += entry.slots.size();
        block->members -= upper.members;
        blocks_.insert(block + 1, std::move(upper));
    }

    /// Below the range as payloads are compared, as f64. Bounds that are NaN leave nothing in it.
    static bool is_below(const model::Range& range, Value value) {
        const auto v = static_cast<double>(value);
        return (range.gt && !(v > *range.gt)) || (range.gte && !(v >= *range.gte));
    }

    /// Shows each block that is wholly inside the range to `whole`, and the entries of the others,
    /// and of those that `whole` declines, to `each`.
    template <typename Each, typename Whole>
    void walk(const model::Range& range, Each each, Whole whole) const {
        const auto inside = [&](const Entry& e) {
            return model::within(range, static_cast<double>(e.value));
        };
        auto block = std::partition_point(blocks_.begin(), blocks_.end(), [&](const Block& b) {
            return is_below(range, b.entries.back().value);
        });
        for (; block != blocks_.end(); ++block) {
            const auto& entries = block->entries;
            const bool to_the_end = inside(entries.back());
            if (to_the_end && inside(entries.front()) && whole(*block)) continue;
            auto entry = std::partition_point(entries.begin(), entries.end(), [&](const Entry& e) {
                return is_below(range, e.value);
            });
            for (; entry != entries.end() && inside(*entry); ++entry)
                each(*entry);
            if (!to_the_end) break;
        }
    }

    std::vector<Block> blocks_;
    std::size_t list_bytes_ = 0;  // of all slot lists
};

}  // namespace qdrantd::index
