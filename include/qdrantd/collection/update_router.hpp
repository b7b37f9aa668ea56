// SPDX-License-Identifier: Apache-2.0
// Splits an operation into the parts of the shards that own its points. Filters go to every shard.
// Pure. Thread safety: pure functions. Ownership: vectors and payloads are moved into the parts.
#pragma once

#include <utility>
#include <vector>

#include <qdrantd/collection/hash_ring.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::collection {

using RoutedUpdate = std::vector<std::pair<ShardId, model::UpdateOperation>>;

/// Parts in ascending order of shard; shards without a point of theirs get none.
RoutedUpdate route_update(const HashRing& ring, const std::vector<ShardId>& shards,
                          model::UpdateOperation operation);

}  // namespace qdrantd::collection
