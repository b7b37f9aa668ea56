// SPDX-License-Identifier: Apache-2.0
// How many values a field has in each slot, and where it is null: what is_empty, is_null and
// values_count ask. Every indexed path has one. Thread safety: none; concurrent const calls are
// fine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include <roaring/roaring.hh>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/model/filter.hpp>
#include <qdrantd/model/payload_reader.hpp>

namespace qdrantd::index {

class PresenceIndex {
  public:
    void put(Slot slot, const model::PathValues& values);
    void remove(Slot slot, const model::PathValues& values);

    /// Slots with at least one value that is neither null nor an empty array.
    [[nodiscard]] Roaring not_empty() const { return with_count({.gte = 1}); }
    /// Slots where a value of the path is null.
    [[nodiscard]] const Roaring& null_values() const { return null_values_; }
    /// Those, and slots where an array of the path has a null.
    [[nodiscard]] const Roaring& null_elements() const { return null_elements_; }
    /// Slots with a value whose length is within the bounds, missing values aside.
    [[nodiscard]] Roaring with_count(const model::ValuesCount& bounds) const;
    /// Slots that have a value at the path at all.
    [[nodiscard]] Roaring present() const { return with_count({}); }

    [[nodiscard]] std::size_t bytes() const;

  private:
    std::map<std::uint64_t, Roaring> by_count_;
    Roaring null_values_;
    Roaring null_elements_;
};

}  // namespace qdrantd::index
