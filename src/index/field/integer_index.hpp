// SPDX-License-Identifier: Apache-2.0
// Integers and the slots that have them, in order. Numbers that are stored in another form lie
// apart: ranges see them, matches do not, as on the payload itself. Thread safety: none; concurrent
// const calls are fine.
#pragma once

#include "index/field_index.hpp"
#include "index/sorted_postings.hpp"

namespace qdrantd::index {

class IntegerIndex final : public FieldIndex {
  public:
    using FieldIndex::estimate;
    using FieldIndex::find;

    [[nodiscard]] SlotSpan find(const model::Match& match) const override;
    [[nodiscard]] SlotSpan find(const model::Range& range) const override;
    [[nodiscard]] CardinalityEstimate estimate(const model::Match& match) const override;
    [[nodiscard]] CardinalityEstimate estimate(const model::Range& range) const override;
    [[nodiscard]] std::size_t bytes() const override;

  private:
    [[nodiscard]] bool takes(const model::ValueView& value) const override;
    [[nodiscard]] bool counts(const model::ValueView& value) const override;
    void add(Slot slot, const model::ValueView& value) override;
    void erase(Slot slot, const model::ValueView& value) override;

    [[nodiscard]] Roaring with_any(const std::vector<std::int64_t>& values) const;

    SortedPostings<std::int64_t> integers_;
    SortedPostings<double> reals_;  // floats, and integers above the largest i64
};

}  // namespace qdrantd::index
