// SPDX-License-Identifier: Apache-2.0
// What is known about the slots that satisfy a condition: some certainly do, some may, the others
// do not. Spans combine as conditions do, also under negation, where a plain superset would be
// wrong: what may not match after a `must_not` is what certainly matched before. Thread safety:
// value. Invariants: sure is part of maybe, which is part of the universe.
#pragma once

#include <span>
#include <utility>

#include <roaring/roaring.hh>

namespace qdrantd::index {

class SlotSpan {
  public:
    /// Exactly these.
    static SlotSpan exactly(Roaring slots);
    /// All of `sure`, none outside `maybe`. Exact when they are equal.
    static SlotSpan between(Roaring sure, Roaring maybe);
    /// Any slot may match; `sure` do.
    static SlotSpan open(Roaring sure = {});

    [[nodiscard]] bool is_exact() const { return kind_ == Kind::kExact; }
    /// Nothing bounds it from above but the universe.
    [[nodiscard]] bool is_open() const { return kind_ == Kind::kOpen; }
    [[nodiscard]] const Roaring& sure() const { return sure_; }
    /// REQUIRES: !is_open().
    [[nodiscard]] const Roaring& maybe() const { return is_exact() ? sure_ : maybe_; }

    /// As maybe(), moved out.
    [[nodiscard]] Roaring take_maybe() && { return std::move(is_exact() ? sure_ : maybe_); }

    static SlotSpan both(const SlotSpan& a, const SlotSpan& b);
    static SlotSpan either(const SlotSpan& a, const SlotSpan& b);
    [[nodiscard]] SlotSpan negated(const Roaring& universe) const;
    /// At least `count` of the spans hold.
    static SlotSpan at_least(std::span<const SlotSpan> spans, std::size_t count,
                             const Roaring& universe);

  private:
    enum class Kind { kExact, kBetween, kOpen };
    Kind kind_ = Kind::kExact;
    Roaring sure_;
    Roaring maybe_;  // of kBetween alone
};

}  // namespace qdrantd::index
