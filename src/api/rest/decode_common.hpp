// SPDX-License-Identifier: Apache-2.0
// What the bodies of all families share: ids, paths, selectors, optional fields.
// Thread safety: free functions. Errors: kFormat texts of json_value.hpp; values out of range go
// into the issues of the document; kUnsupported names what this build does not serve.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/result.hpp>
#include <qdrantd/model/json_path.hpp>
#include <qdrantd/model/payload.hpp>
#include <qdrantd/model/point_id.hpp>
#include <qdrantd/model/query.hpp>
#include <qdrantd/model/vector.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

Result<model::PointId> decode_point_id(const JsonValue& value);
Result<std::vector<model::PointId>> decode_point_ids(const JsonValue& value);
Result<model::JsonPath> decode_path(const JsonValue& value);
Result<std::vector<model::JsonPath>> decode_paths(const JsonValue& value);
Result<model::Payload> decode_payload(const JsonValue& value);
Result<model::PayloadSelector> decode_payload_selector(const JsonValue& value);
Result<model::VectorSelector> decode_vector_selector(const JsonValue& value);
Result<std::string> decode_string(const JsonValue& value);

/// An optional field: nothing for an absent or null one.
Result<std::optional<bool>> optional_bool(const JsonValue* value);
Result<std::optional<std::uint64_t>> optional_u64(const JsonValue* value);
Result<std::optional<double>> optional_number(const JsonValue* value);
/// Notes `value V invalid, must be N or larger` below the minimum.
Result<std::optional<std::uint64_t>> optional_u64_from(const JsonValue* value, std::uint64_t least);

Error missing_field(const JsonValue& object, std::string_view name);
Error unsupported(std::string_view what);
/// Custom sharding does not exist yet: a shard key is refused, null is none.
Status refuse_shard_key(const JsonValue* value);

/// `"vector"` of a point to store: dense, multi, named (spec data.md §3.2).
Result<model::NamedVectors> decode_point_vectors(const JsonValue& value);
/// One vector of a point: dense list, sparse object or list of rows.
Result<model::VectorValue> decode_vector(const JsonValue& value);
/// `{"indices", "values"}`, sorted by index.
Result<model::SparseVector> decode_sparse(const JsonValue& value);
/// Dense list or list of rows. REQUIRES: an array.
Result<model::VectorValue> decode_rows(const JsonValue& value);
/// `{"text"|"image"|"object", "model"}`.
bool is_inference_object(const JsonValue& value);
Error inference_error();

}  // namespace qdrantd::rest
