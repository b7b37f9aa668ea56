// SPDX-License-Identifier: Apache-2.0
#include "index/field/float_index.hpp"

namespace qdrantd::index {

bool FloatIndex::takes(const model::ValueView& value) const { return value.is_number(); }

void FloatIndex::add(Slot slot, const model::ValueView& value) { numbers_.add(value.number, slot); }

void FloatIndex::erase(Slot slot, const model::ValueView& value) {
    numbers_.remove(value.number, slot);
}

Roaring FloatIndex::with_any(const std::vector<std::int64_t>& values) const {
    SlotGatherer gatherer;
    for (const auto value : values) {
        if (const auto* slots = numbers_.find(static_cast<double>(value))) gatherer.add(*slots);
    }
    return gatherer.build();
}

SlotSpan FloatIndex::find(const model::Match& match) const {
    if (const auto* value = std::get_if<model::MatchValue>(&match)) {
        const auto* number = std::get_if<std::int64_t>(&value->value);
        return number ? SlotSpan::between({}, with_any({*number})) : others_may();
    }
    if (const auto* any = std::get_if<model::MatchAny>(&match)) {
        const auto* numbers = std::get_if<std::vector<std::int64_t>>(&any->values);
        return numbers ? SlotSpan::between({}, with_any(*numbers)) : others_may();
    }
    if (const auto* except = std::get_if<model::MatchExcept>(&match)) {
        const auto* numbers = std::get_if<std::vector<std::int64_t>>(&except->values);
        if (!numbers) return own_outside();
        // Even a slot whose only number equals one in the list may have it as a float.
        const auto span = outside(with_any(*numbers));
        return SlotSpan::between(span.sure(), span.sure() | own());
    }
    return others_may();
}

SlotSpan FloatIndex::find(const model::Range& range) const {
    SlotGatherer gatherer;
    numbers_.gather(range, gatherer);
    return SlotSpan::exactly(gatherer.build());
}

CardinalityEstimate FloatIndex::estimate(const model::Range& range) const {
    const auto sum = numbers_.count(range);
    return between_counts(any_several() ? 0 : sum, sum);
}

std::size_t FloatIndex::bytes() const { return FieldIndex::bytes() + numbers_.bytes(); }

}  // namespace qdrantd::index
