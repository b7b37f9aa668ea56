// SPDX-License-Identifier: Apache-2.0
// About how many bytes an update takes in memory; what the bound of the queue counts. Thread
// safety: free function.
#pragma once

#include <cstddef>

#include <qdrantd/model/update.hpp>

namespace qdrantd::shard {

std::size_t update_bytes(const model::UpdateOperation& operation);

}  // namespace qdrantd::shard
