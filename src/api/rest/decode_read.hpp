// SPDX-License-Identifier: Apache-2.0
// Bodies of retrieve, scroll and count (spec data.md §3.4-3.6). Thread safety: free functions.
// Errors: as decode_common.hpp.
#pragma once

#include <qdrantd/model/query.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

Result<model::RetrieveRequest> decode_retrieve(const JsonValue& value);
Result<model::ScrollRequest> decode_scroll(const JsonValue& value);
Result<model::CountRequest> decode_count(const JsonValue& value);

}  // namespace qdrantd::rest
