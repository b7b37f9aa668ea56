// SPDX-License-Identifier: Apache-2.0
// The one JSON form of a stored collection configuration: written to disk and spliced into the
// collection info. Thread safety: free functions. Errors: decode gives kFormat for anything it did
// not write itself.
#pragma once

#include <string>
#include <string_view>

#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>

namespace qdrantd::model {

/// The `config` object of GET /collections/{c}: params, hnsw_config, optimizer_config, wal_config,
/// quantization_config, ….
std::string encode_collection_config(const CollectionConfig& config);
Result<CollectionConfig> decode_collection_config(std::string_view json);

/// The echo of a payload index: `"keyword"` or its object form.
std::string encode_field_schema(const FieldSchema& schema);
Result<FieldSchema> decode_field_schema(std::string_view json);

std::string_view distance_name(Distance distance);
std::string_view field_type_name(FieldType type);

/// The configuration after `patch`. Errors: kBadInput for an unknown vector name.
Result<CollectionConfig> apply_patch(CollectionConfig config, const CollectionPatch& patch);

}  // namespace qdrantd::model
