// SPDX-License-Identifier: Apache-2.0
#include "index/field/integer_index.hpp"

#include <cmath>

namespace qdrantd::index {

using Kind = model::ValueView::Kind;

bool IntegerIndex::takes(const model::ValueView& value) const { return value.is_number(); }

bool IntegerIndex::counts(const model::ValueView& value) const {
    constexpr double kLimit = 9223372036854775808.0;
    const auto number = value.number;
    return value.kind == Kind::kInteger ||
           (std::trunc(number) == number && number >= -kLimit && number < kLimit);
}

void IntegerIndex::add(Slot slot, const model::ValueView& value) {
    if (value.kind == Kind::kInteger) {
        integers_.add(value.integer, slot);
    } else {
        reals_.add(value.number, slot);
    }
}

void IntegerIndex::erase(Slot slot, const model::ValueView& value) {
    if (value.kind == Kind::kInteger) {
        integers_.remove(value.integer, slot);
    } else {
        reals_.remove(value.number, slot);
    }
}

Roaring IntegerIndex::with_any(const std::vector<std::int64_t>& values) const {
    SlotGatherer gatherer;
    for (const auto value : values) {
        if (const auto* slots = integers_.find(value)) gatherer.add(*slots);
    }
    return gatherer.build();
}

SlotSpan IntegerIndex::find(const model::Match& match) const {
    if (const auto* value = std::get_if<model::MatchValue>(&match)) {
        const auto* number = std::get_if<std::int64_t>(&value->value);
        return number ? SlotSpan::exactly(with_any({*number})) : others_may();
    }
    if (const auto* any = std::get_if<model::MatchAny>(&match)) {
        const auto* numbers = std::get_if<std::vector<std::int64_t>>(&any->values);
        return numbers ? SlotSpan::exactly(with_any(*numbers)) : others_may();
    }
    if (const auto* except = std::get_if<model::MatchExcept>(&match)) {
        const auto* numbers = std::get_if<std::vector<std::int64_t>>(&except->values);
        return numbers ? outside(with_any(*numbers)) : own_outside();
    }
    return others_may();
}

SlotSpan IntegerIndex::find(const model::Range& range) const {
    SlotGatherer gatherer;
    integers_.gather(range, gatherer);
    reals_.gather(range, gatherer);
    return SlotSpan::exactly(gatherer.build());
}

CardinalityEstimate IntegerIndex::estimate(const model::Match& match) const {
    const auto count = [&](std::int64_t value) -> std::uint64_t {
        const auto* slots = integers_.find(value);
        return slots ? slots->size() : 0;
    };
    if (const auto* value = std::get_if<model::MatchValue>(&match)) {
        if (const auto* number = std::get_if<std::int64_t>(&value->value)) {
            const auto slots = count(*number);
            return {slots, slots, slots};
        }
    }
    if (const auto* any = std::get_if<model::MatchAny>(&match)) {
        if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&any->values)) {
            std::uint64_t largest = 0;
            std::uint64_t sum = 0;
            for (const auto number : *numbers) {
                const auto slots = count(number);
                largest = std::max(largest, slots);
                sum += slots;
            }
            return between_counts(largest, sum);
        }
    }
    return FieldIndex::estimate(match);
}

CardinalityEstimate IntegerIndex::estimate(const model::Range& range) const {
    const auto sum = integers_.count(range) + reals_.count(range);
    return between_counts(any_several() ? 0 : sum, sum);
}

std::size_t IntegerIndex::bytes() const {
    return FieldIndex::bytes() + integers_.bytes() + reals_.bytes();
}

}  // namespace qdrantd::index
