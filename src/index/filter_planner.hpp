// SPDX-License-Identifier: Apache-2.0
// Answers a filter from the field indexes of a segment: the slots that match, as a span, and about
// how many. How to use: resolve ids and take the lock first, then one planner for each question.
// Thread safety: none. Ownership: borrows everything it is given.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>

#include <qdrantd/index/payload_index.hpp>

#include "index/field/presence_index.hpp"
#include "index/field_index.hpp"
#include "index/slot_span.hpp"

namespace qdrantd::index {

/// The indexes of one path.
struct PathIndex {
    model::FieldSchema schema;
    bool ready = false;
    std::unique_ptr<FieldIndex> values;
    PresenceIndex presence;
};

using PathIndexes = std::map<model::JsonPath, PathIndex>;
/// Slots of has_id conditions, resolved before the lock is taken.
using ResolvedIds = std::unordered_map<const model::HasIdCondition*, Roaring>;

class FilterPlanner {
  public:
    FilterPlanner(const PathIndexes& indexes, const Roaring& universe, const ResolvedIds& ids)
        : indexes_(indexes), universe_(universe), ids_(ids) {}

    [[nodiscard]] SlotSpan span(const model::Filter& filter) const;

  private:
    [[nodiscard]] SlotSpan span(const model::Condition& condition) const;
    [[nodiscard]] SlotSpan any_of(const std::vector<model::Condition>& conditions) const;
    [[nodiscard]] SlotSpan field(const model::JsonPath& key,
                                 const model::FieldCondition& field) const;
    [[nodiscard]] const PathIndex* ready(const model::JsonPath& path) const;

    /// Inside nested: slots where one element under `outer` satisfies it.
    [[nodiscard]] SlotSpan nested(const model::JsonPath& outer, const model::Filter& filter) const;
    [[nodiscard]] SlotSpan nested(const model::JsonPath& outer,
                                  const model::Condition& condition) const;
    [[nodiscard]] SlotSpan nested_any(const model::JsonPath& outer,
                                      const std::vector<model::Condition>& conditions) const;

    const PathIndexes& indexes_;
    const Roaring& universe_;
    const ResolvedIds& ids_;
};

/// Is the clause about a value that is there? Only then is "in some element" what an index of the
/// elements tells.
bool needs_value(const model::FieldCondition& field);

/// The estimate of spec search.md §7.2 over `total` slots.
CardinalityEstimate estimate_filter(const PathIndexes& indexes, const model::Filter& filter,
                                    std::uint64_t total);

}  // namespace qdrantd::index
