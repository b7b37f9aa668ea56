// SPDX-License-Identifier: Apache-2.0
// The slots of a segment in the order of their point ids, for scrolling: sorted blocks of slots,
// the ids stay in the slot columns. Insertion moves at most one block; ids that come in order fill
// the blocks to the end. Thread safety: none; point_directory.hpp locks. Ownership: borrows the
// columns. Invariants: one slot per id; no block is empty.
#pragma once

#include <optional>
#include <vector>

#include "engine/slot_columns.hpp"

namespace qdrantd::engine {

class IdOrder {
  public:
    explicit IdOrder(const SlotColumns& columns) : columns_(columns) {}

    /// Adds the id of `slot`, or moves it there.
    void put(Slot slot);
    void erase(const model::PointId& id);
    /// Appends up to `max` slots to `out`, in id order, of ids from `from` on, or behind it when
    /// `exclusive`.
    void collect(const std::optional<model::PointId>& from, bool exclusive, std::size_t max,
                 std::vector<Slot>& out) const;
    [[nodiscard]] std::size_t bytes() const;

  private:
    static constexpr std::size_t kBlockMax = 512;

    using Block = std::vector<Slot>;
    /// The block that holds `id` or would take it. REQUIRES: there is one.
    [[nodiscard]] std::size_t block_of(const model::PointId& id) const;
    [[nodiscard]] std::size_t place_in(const Block& block, const model::PointId& id) const;

    const SlotColumns& columns_;
    std::vector<Block> blocks_;
};

}  // namespace qdrantd::engine
