// SPDX-License-Identifier: Apache-2.0
// Checks of meaning that need the collection's configuration, called once, by the cluster floor.
// Syntax and ranges are the doors' work. Thread safety: free functions. Errors: the class and text
// of spec data.md §1.3 and §3.2.
#pragma once

#include <span>
#include <string_view>

#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/model/query.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::model {

/// Names: 1-255 characters, none of the forbidden ones (data.md §1.8). kValidation.
Status validate_collection_name(std::string_view name);
Status validate_config(const CollectionConfig& config);
/// Dense dimension, vector names, kind of vector, finite numbers; no vectors at all are fine.
Status validate_vectors(const CollectionParams& params, const NamedVectors& vectors);
Status validate_update(const CollectionParams& params, const UpdateOperation& operation);
Status validate_query(const CollectionParams& params, const QueryRequest& request);
/// Unknown names in a selector: `Not existing vector name error: x`.
Status validate_vector_selector(const CollectionParams& params, const VectorSelector& selector);

/// Divides by the L2 norm as spec search.md §1.4 says; leaves (near) zero and (near) unit vectors
/// alone.
void normalise(std::span<float> vector);

}  // namespace qdrantd::model
