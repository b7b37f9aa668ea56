// SPDX-License-Identifier: Apache-2.0
// Finds the values that a path names (spec data.md §3.9). Thread safety: pure function.
#pragma once

#include <span>

#include <qdrantd/model/json_path.hpp>

#include "model/json_document.hpp"

namespace qdrantd::model {

using PathSteps = std::span<const JsonPath::Step>;

/// Calls `fn(value)` for each value that `steps` lead to from `from`, until it answers true. True
/// when it did.
template <typename Fn>
bool any_value_at(const simdjson::dom::element& from, PathSteps steps, Fn&& fn) {
    if (steps.empty()) return fn(from);
    const auto& step = steps.front();
    const auto rest = steps.subspan(1);
    if (const auto* key = std::get_if<JsonPath::Key>(&step)) {
        simdjson::dom::element value;
        if (!from.is_object() || from.at_key(key->name).get(value)) return false;
        return any_value_at(value, rest, fn);
    }
    if (!from.is_array()) return false;
    const auto array = sure(from.get_array());
    if (const auto* index = std::get_if<JsonPath::Index>(&step)) {
        simdjson::dom::element value;
        if (array.at(static_cast<std::size_t>(index->at)).get(value)) return false;
        return any_value_at(value, rest, fn);
    }
    for (const auto item : array) {
        if (any_value_at(item, rest, fn)) return true;
    }
    return false;
}

}  // namespace qdrantd::model
