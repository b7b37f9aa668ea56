// SPDX-License-Identifier: Apache-2.0
// Bodies of the calls that change points (spec data.md §3.2, 3.7, 3.8, 3.11) into model updates.
// Thread safety: free functions. Errors: as decode_common.hpp.
#pragma once

#include <vector>

#include <qdrantd/model/update.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

/// List or columnar form.
Result<model::UpdateOperation> decode_upsert(const JsonValue& value);
Result<model::UpdateOperation> decode_delete_points(const JsonValue& value);
Result<model::UpdateOperation> decode_clear_payload(const JsonValue& value);
Result<model::UpdateOperation> decode_update_vectors(const JsonValue& value);
Result<model::UpdateOperation> decode_delete_vectors(const JsonValue& value);
Result<model::UpdateOperation> decode_set_payload(const JsonValue& value);
Result<model::UpdateOperation> decode_overwrite_payload(const JsonValue& value);
Result<model::UpdateOperation> decode_delete_payload(const JsonValue& value);
Result<std::vector<model::UpdateOperation>> decode_update_batch(const JsonValue& value);

}  // namespace qdrantd::rest
