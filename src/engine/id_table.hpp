// SPDX-License-Identifier: Apache-2.0
// Hash table from point id to slot: open addressing over 4-byte slots; the ids themselves stay in
// the slot columns. Thread safety: none; point_directory.hpp locks. Ownership: borrows the columns.
// Invariants: at most two thirds of the cells are in use.
#pragma once

#include <vector>

#include "engine/slot_columns.hpp"

namespace qdrantd::engine {

class IdTable {
  public:
    explicit IdTable(const SlotColumns& columns) : columns_(columns) {}

    /// kNoSlot when unknown.
    [[nodiscard]] Slot find(const model::PointId& id) const;
    /// Adds the id of `slot`, or moves it there.
    void put(Slot slot);
    void erase(const model::PointId& id);
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t bytes() const { return cells_.capacity() * sizeof(Slot); }

  private:
    static constexpr Slot kEmpty = kNoSlot;
    static constexpr Slot kErased = kNoSlot - 1;

    [[nodiscard]] std::size_t home(const model::PointId& id) const;
    void rebuild(std::size_t wanted);

    const SlotColumns& columns_;
    std::vector<Slot> cells_;  // a power of two, or none
    std::size_t size_ = 0;
    std::size_t used_ = 0;  // with erased cells
};

}  // namespace qdrantd::engine
