// SPDX-License-Identifier: Apache-2.0
// Numbers of every kind as f64, in order, and the slots that have them. Whether one was stored as
// an integer is not kept, so matches of integers are answered by a superset. Thread safety: none;
// concurrent const calls are fine.
#pragma once

#include "index/field_index.hpp"
#include "index/sorted_postings.hpp"

namespace qdrantd::index {

class FloatIndex final : public FieldIndex {
  public:
    using FieldIndex::estimate;
    using FieldIndex::find;

    [[nodiscard]] SlotSpan find(const model::Match& match) const override;
    [[nodiscard]] SlotSpan find(const model::Range& range) const override;
    [[nodiscard]] CardinalityEstimate estimate(const model::Range& range) const override;
    [[nodiscard]] std::size_t bytes() const override;

  private:
    [[nodiscard]] bool takes(const model::ValueView& value) const override;
    void add(Slot slot, const model::ValueView& value) override;
    void erase(Slot slot, const model::ValueView& value) override;

    [[nodiscard]] Roaring with_any(const std::vector<std::int64_t>& values) const;

    SortedPostings<double> numbers_;
};

}  // namespace qdrantd::index
