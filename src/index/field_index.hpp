// SPDX-License-Identifier: Apache-2.0
// The index of one field by its values. Its answers are those of reading the payloads; where values
// of other types than its own are in play it says which slots have some, and the answer is a span.
// How to use: put/remove with the elements at the field's path; find() and estimate() for clauses.
// Thread safety: none; concurrent const calls are fine. Ownership: copies the strings it keeps.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <roaring/roaring.hh>

#include <qdrantd/index/payload_index.hpp>
#include <qdrantd/model/payload_reader.hpp>

#include "index/slot_span.hpp"

namespace qdrantd::index {

/// The numbers of a span over `total` slots.
CardinalityEstimate estimate_of(const SlotSpan& span, std::uint64_t total);

class FieldIndex {
  public:
    static std::unique_ptr<FieldIndex> make(model::FieldType type);
    virtual ~FieldIndex() = default;

    void put(Slot slot, std::span<const model::ValueView> elements);
    /// REQUIRES: the elements that were put.
    void remove(Slot slot, std::span<const model::ValueView> elements);

    [[nodiscard]] virtual SlotSpan find(const model::Match& match) const = 0;
    [[nodiscard]] virtual SlotSpan find(const model::Range& range) const;
    [[nodiscard]] virtual SlotSpan find(const model::DatetimeRange& range) const;
    /// Cheaper than find() where the values' own counts tell.
    [[nodiscard]] virtual CardinalityEstimate estimate(const model::Match& match) const;
    [[nodiscard]] virtual CardinalityEstimate estimate(const model::Range& range) const;
    [[nodiscard]] CardinalityEstimate estimate(const model::DatetimeRange& range) const;

    /// Slots outside `ended` with at least one value that counts as indexed (spec data.md §4.2).
    [[nodiscard]] std::uint64_t points(const Roaring& ended) const {
        return own_.cardinality() - uncounted_.cardinality() - own_.and_cardinality(ended) +
               uncounted_.and_cardinality(ended);
    }
    [[nodiscard]] virtual std::size_t bytes() const;

  protected:
    /// Is the value of the type of this index?
    [[nodiscard]] virtual bool takes(const model::ValueView& value) const = 0;
    /// Does a value of the own type make its slot count as indexed?
    [[nodiscard]] virtual bool counts(const model::ValueView& /*value*/) const { return true; }
    virtual void add(Slot slot, const model::ValueView& value) = 0;
    virtual void erase(Slot slot, const model::ValueView& value) = 0;

    /// The answer to a clause that no value of the own type satisfies, but another may.
    [[nodiscard]] SlotSpan others_may() const { return SlotSpan::between({}, others_); }
    /// The answer to an `except` list that holds no value of the own type.
    [[nodiscard]] SlotSpan own_outside() const { return SlotSpan::between(own_, own_ | others_); }
    /// The answer to an `except` list, given the slots that have one of its values.
    [[nodiscard]] SlotSpan outside(const Roaring& in_list) const;
    /// The estimate for lists of values that few slots share: of the largest and the sum of all.
    [[nodiscard]] CardinalityEstimate between_counts(std::uint64_t largest,
                                                     std::uint64_t sum) const;
    [[nodiscard]] bool any_several() const { return !several_.isEmpty(); }
    [[nodiscard]] const Roaring& own() const { return own_; }

  private:
    Roaring own_;        // slots with a value of the type of this index
    Roaring others_;     // slots with a value of another type, null aside
    Roaring several_;    // slots with more than one value of the own type
    Roaring uncounted_;  // slots of own_ where no value counts as indexed
};

}  // namespace qdrantd::index
