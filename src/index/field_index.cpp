// SPDX-License-Identifier: Apache-2.0
#include "index/field_index.hpp"

#include <algorithm>

#include "index/field/bool_index.hpp"
#include "index/field/float_index.hpp"
#include "index/field/integer_index.hpp"
#include "index/field/keyword_index.hpp"

namespace qdrantd::index {

CardinalityEstimate estimate_of(const SlotSpan& span, std::uint64_t total) {
    const auto least = span.sure().cardinality();
    if (span.is_exact()) return {least, least, least};
    const auto most = span.is_open() ? std::max(total, least) : span.maybe().cardinality();
    return {least, (least + most) / 2, most};
}

std::unique_ptr<FieldIndex> FieldIndex::make(model::FieldType type) {
    switch (type) {
        case model::FieldType::kKeyword:
            return std::make_unique<KeywordIndex>();
        case model::FieldType::kInteger:
            return std::make_unique<IntegerIndex>();
        case model::FieldType::kFloat:
            return std::make_unique<FloatIndex>();
        case model::FieldType::kBool:
            return std::make_unique<BoolIndex>();
    }
    return nullptr;
}

void FieldIndex::put(Slot slot, std::span<const model::ValueView> elements) {
    std::size_t own = 0;
    bool counted = false;
    for (const auto& value : elements) {
        if (value.kind == model::ValueView::Kind::kNull) continue;
        if (takes(value)) {
            add(slot, value);
            ++own;
            counted = counted || counts(value);
        } else {
            others_.add(slot);
        }
    }
    if (own > 0) own_.add(slot);
    if (own > 1) several_.add(slot);
    if (own > 0 && !counted) uncounted_.add(slot);
}

void FieldIndex::remove(Slot slot, std::span<const model::ValueView> elements) {
    for (const auto& value : elements) {
        if (takes(value)) erase(slot, value);
    }
    own_.remove(slot);
    others_.remove(slot);
    several_.remove(slot);
    uncounted_.remove(slot);
}

SlotSpan FieldIndex::find(const model::Range& /*range*/) const { return others_may(); }
SlotSpan FieldIndex::find(const model::DatetimeRange& /*range*/) const { return others_may(); }

CardinalityEstimate FieldIndex::estimate(const model::Match& match) const {
    return estimate_of(find(match), own_.cardinality() + others_.cardinality());
}
CardinalityEstimate FieldIndex::estimate(const model::Range& range) const {
    return estimate_of(find(range), own_.cardinality() + others_.cardinality());
}
CardinalityEstimate FieldIndex::estimate(const model::DatetimeRange& range) const {
    return estimate_of(find(range), own_.cardinality() + others_.cardinality());
}

SlotSpan FieldIndex::outside(const Roaring& in_list) const {
    // A slot with one value, and that in the list, has none outside it. With several values it may.
    Roaring sure = own_ - in_list;
    sure |= others_;
    Roaring maybe = in_list & several_;
    maybe |= sure;
    return SlotSpan::between(std::move(sure), std::move(maybe));
}

CardinalityEstimate FieldIndex::between_counts(std::uint64_t largest, std::uint64_t sum) const {
    const auto most = std::min(sum, own_.cardinality());
    return {std::min(largest, most), most, most};
}

std::size_t FieldIndex::bytes() const {
    return own_.getSizeInBytes(false) + others_.getSizeInBytes(false) +
           several_.getSizeInBytes(false) + uncounted_.getSizeInBytes(false);
}

}  // namespace qdrantd::index
