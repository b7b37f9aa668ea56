// SPDX-License-Identifier: Apache-2.0
#include "index/field/bool_index.hpp"

namespace qdrantd::index {

bool BoolIndex::takes(const model::ValueView& value) const {
    return value.kind == model::ValueView::Kind::kBool;
}

void BoolIndex::add(Slot slot, const model::ValueView& value) {
    (value.boolean ? true_ : false_).add(slot);
}

void BoolIndex::erase(Slot slot, const model::ValueView& value) {
    (value.boolean ? true_ : false_).remove(slot);
}

SlotSpan BoolIndex::find(const model::Match& match) const {
    if (const auto* value = std::get_if<model::MatchValue>(&match)) {
        const auto* wanted = std::get_if<bool>(&value->value);
        return wanted ? SlotSpan::exactly(*wanted ? true_ : false_) : others_may();
    }
    return std::holds_alternative<model::MatchExcept>(match) ? own_outside() : others_may();
}

std::size_t BoolIndex::bytes() const {
    return FieldIndex::bytes() + true_.getSizeInBytes(false) + false_.getSizeInBytes(false);
}

}  // namespace qdrantd::index
