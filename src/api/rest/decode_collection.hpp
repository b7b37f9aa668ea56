// SPDX-License-Identifier: Apache-2.0
// Bodies of collection, alias and payload index calls (spec data.md §2.2-2.5, §4). Thread safety:
// free functions. Errors: as decode_common.hpp; kUnsupported for sparse and multivectors,
// quantization, custom sharding and index types that this build does not serve.
#pragma once

#include <vector>

#include <qdrantd/cluster/collection_service.hpp>
#include <qdrantd/model/collection_config.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

Result<model::CreateCollection> decode_create_collection(const JsonValue& value);
Result<model::CollectionPatch> decode_collection_patch(const JsonValue& value);
Result<std::vector<cluster::AliasAction>> decode_alias_actions(const JsonValue& value);

struct FieldIndexRequest {
    model::JsonPath path;
    model::FieldSchema schema;
};
Result<FieldIndexRequest> decode_field_index(const JsonValue& value);

}  // namespace qdrantd::rest
