// SPDX-License-Identifier: Apache-2.0
// Sections of a collection's configuration that create and patch bodies share (spec data.md §2.4).
// Thread safety: free functions. Errors: as decode_common.hpp.
#pragma once

#include <optional>

#include <qdrantd/model/collection_config.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

Result<model::HnswConfigDiff> decode_hnsw(const JsonValue* value);
Result<model::OptimizersConfigDiff> decode_optimizers(const JsonValue* value);
Result<std::optional<model::Memory>> optional_memory(const JsonValue* value);
/// `{"memory": "cold"|"cached"}` of the payload section.
Result<std::optional<model::Memory>> optional_payload_memory(const JsonValue* value);
/// Notes that dense vectors cannot be pinned.
void check_vector_memory(const JsonValue* value, const std::optional<model::Memory>& memory);
/// Notes `value V invalid, must be 1 or larger`, and values beyond 32 bits.
Result<std::optional<std::uint32_t>> optional_u32_from_one(const JsonValue* value);
/// Text of a JSON object, empty when absent.
Result<std::string> optional_object_text(const JsonValue* value);

}  // namespace qdrantd::rest
