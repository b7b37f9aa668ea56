// SPDX-License-Identifier: Apache-2.0
// Where a point is: id to slot, and all slots in id order, for readers of any view.
// How to use: the writer changes it with lock(), in one go per publication; readers call slot_at()
// and next_slots(). An id stays listed after its removal until no view can see it, and leads to the
// latest slot, from which `previous` leads back to the one a view sees. Thread safety: all methods;
// readers share a lock held for a few microseconds. Ownership: borrows the columns.
#pragma once

#include <optional>
#include <shared_mutex>
#include <span>
#include <vector>

#include "engine/id_order.hpp"
#include "engine/id_table.hpp"
#include "engine/read_view.hpp"

namespace qdrantd::engine {

class PointDirectory {
  public:
    explicit PointDirectory(const SlotColumns& columns)
        : columns_(columns), table_(columns), order_(columns) {}

    /// Lists the points of `added`, and forgets those of `dropped` whose latest slot that is.
    void change(std::span<const Slot> added, std::span<const Slot> dropped);
    /// Latest slot of a point, dead or alive; kNoSlot when unlisted.
    [[nodiscard]] Slot latest(const model::PointId& id) const;
    /// The slot of the point that `view` sees; kNoSlot when it sees none.
    [[nodiscard]] Slot slot_at(const model::PointId& id, const ReadView& view) const;
    /// The next listed slots in id order, resolved for `view`. `from` is where to begin (the first
    /// point when unset) and becomes the last id looked at; false at the end.
    bool next_slots(const ReadView& view, std::optional<model::PointId>& from, bool exclusive,
                    std::size_t max, std::vector<Slot>& out) const;
    [[nodiscard]] std::size_t bytes() const;

  private:
    [[nodiscard]] Slot resolve(Slot latest, const ReadView& view) const;

    const SlotColumns& columns_;
    mutable std::shared_mutex mutex_;
    IdTable table_;
    IdOrder order_;
};

}  // namespace qdrantd::engine
