// SPDX-License-Identifier: Apache-2.0
// Bodies of query, search and their batches (spec search.md §1.2) into model::QueryRequest.
// Thread safety: free functions. Errors: as decode_common.hpp; every query variant that this build
// does not serve gives kUnsupported with its name, never another result.
#pragma once

#include <vector>

#include <qdrantd/model/query.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

Result<model::QueryRequest> decode_query(const JsonValue& value);
Result<std::vector<model::QueryRequest>> decode_query_batch(const JsonValue& value);
Result<model::QueryRequest> decode_search(const JsonValue& value);
Result<std::vector<model::QueryRequest>> decode_search_batch(const JsonValue& value);

}  // namespace qdrantd::rest
