// SPDX-License-Identifier: Apache-2.0
#include "index/slot_span.hpp"

#include <algorithm>
#include <vector>

namespace qdrantd::index {

namespace {

// The work of at_least() is the product of its list and its count; past this it says "any slot".
constexpr std::size_t kMaxCountingSteps = 4096;

/// Slots that are in at least `count` of the sets.
Roaring in_at_least(const std::vector<const Roaring*>& sets, std::size_t count) {
    std::vector<Roaring> reached(count);  // [i]: slots in at least i + 1 sets so far
    for (const auto* set : sets) {
        for (std::size_t i = count; i-- > 1;)
            reached[i] |= reached[i - 1] & *set;
        reached[0] |= *set;
    }
    return std::move(reached.back());
}

}  // namespace

SlotSpan SlotSpan::exactly(Roaring slots) {
    SlotSpan span;
    span.sure_ = std::move(slots);
    return span;
}

SlotSpan SlotSpan::between(Roaring sure, Roaring maybe) {
    SlotSpan span;
    // sure is a part of maybe, so equal sizes mean equal sets.
    if (sure.cardinality() != maybe.cardinality()) {
        span.kind_ = Kind::kBetween;
        span.maybe_ = std::move(maybe);
    }
    span.sure_ = std::move(sure);
    return span;
}

SlotSpan SlotSpan::open(Roaring sure) {
    SlotSpan span;
    span.kind_ = Kind::kOpen;
    span.sure_ = std::move(sure);
    return span;
}

SlotSpan SlotSpan::both(const SlotSpan& a, const SlotSpan& b) {
    if (a.is_exact() && b.is_exact()) return exactly(a.sure_ & b.sure_);
    if (a.is_open() && b.is_open()) return open(a.sure_ & b.sure_);
    if (a.is_open()) return between(a.sure_ & b.sure_, b.maybe());
    if (b.is_open()) return between(a.sure_ & b.sure_, a.maybe());
    return between(a.sure_ & b.sure_, a.maybe() & b.maybe());
}

SlotSpan SlotSpan::either(const SlotSpan& a, const SlotSpan& b) {
    if (a.is_exact() && b.is_exact()) return exactly(a.sure_ | b.sure_);
    if (a.is_open() || b.is_open()) return open(a.sure_ | b.sure_);
    return between(a.sure_ | b.sure_, a.maybe() | b.maybe());
}

SlotSpan SlotSpan::negated(const Roaring& universe) const {
    if (is_exact()) return exactly(universe - sure_);
    if (is_open()) return sure_.isEmpty() ? open() : between({}, universe - sure_);
    return between(universe - maybe_, universe - sure_);
}

SlotSpan SlotSpan::at_least(std::span<const SlotSpan> spans, std::size_t count,
                            const Roaring& universe) {
    if (count == 0) return exactly(universe);
    if (count > spans.size()) return exactly({});
    if (spans.size() * count > kMaxCountingSteps) return open();
    std::vector<const Roaring*> sure;
    std::vector<const Roaring*> maybe;
    for (const auto& span : spans) {
        sure.push_back(&span.sure());
        maybe.push_back(span.is_open() ? &universe : &span.maybe());
    }
    const bool exact = std::all_of(spans.begin(), spans.end(),
                                   [](const SlotSpan& span) { return span.is_exact(); });
    if (exact) return exactly(in_at_least(sure, count));
    return between(in_at_least(sure, count), in_at_least(maybe, count));
}

}  // namespace qdrantd::index
