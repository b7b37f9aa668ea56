// SPDX-License-Identifier: Apache-2.0
// Filters as clients write them (spec data.md §5) into model::Filter. Thread safety: free
// functions. Errors: kFormat for unknown keys and shapes, kUnsupported for geo conditions.
#pragma once

#include <optional>

#include <qdrantd/model/filter.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

Result<model::Filter> decode_filter(const JsonValue& value);
/// Nothing for an absent or null one.
Result<std::optional<model::Filter>> optional_filter(const JsonValue* value);

}  // namespace qdrantd::rest
