// SPDX-License-Identifier: Apache-2.0
// The condition on one payload field: match, range, counts (spec data.md §5.2-5.6).
// Thread safety: free function. Errors: as decode_filter.hpp.
#pragma once

#include <qdrantd/model/filter.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

/// REQUIRES: an object with the key `key`.
Result<model::Condition> decode_field_condition(const JsonValue& value);

}  // namespace qdrantd::rest
