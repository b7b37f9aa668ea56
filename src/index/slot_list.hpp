// SPDX-License-Identifier: Apache-2.0
// A set of slots that costs 16 bytes while it has one, a small array while it has few, and a
// Roaring bitmap beyond: most values of a payload field belong to a handful of points. Thread
// safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <roaring/roaring.hh>

#include <qdrantd/common/ids.hpp>

namespace qdrantd::index {

class SlotList {
  public:
    [[nodiscard]] std::uint32_t size() const { return size_; }
    void add(Slot slot);
    void remove(Slot slot);
    [[nodiscard]] Roaring to_bitmap() const;
    /// What it takes beside itself, about; costs no walk.
    [[nodiscard]] std::size_t heap_bytes() const {
        return many_ ? sizeof(Many) + many_->few.capacity() * sizeof(Slot) + many_->set_bytes : 0;
    }

  private:
    friend class SlotGatherer;

    struct Many {
        std::vector<Slot> few;  // sorted; used while `set` is not
        std::optional<Roaring> set;
        std::size_t set_bytes = 0;  // as measured some changes ago
        std::uint32_t changes = 0;  // since then
        void changed();
    };

    std::uint32_t size_ = 0;
    Slot only_ = kNoSlot;  // when size_ is 1 and many_ is null
    std::unique_ptr<Many> many_;
};

/// Joins many slot lists into one bitmap. Borrows the lists until build().
class SlotGatherer {
  public:
    void add(const SlotList& list);
    [[nodiscard]] Roaring build();

  private:
    std::vector<Slot> loose_;
    std::vector<const Roaring*> sets_;
};

}  // namespace qdrantd::index
