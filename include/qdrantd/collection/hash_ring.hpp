// SPDX-License-Identifier: Apache-2.0
// Which shard owns a point: a consistent hash ring (Karger et al., 1997) with 256 places per shard.
// The ring is part of the data's layout: equal on every peer and in every version.
// Thread safety: immutable after construction.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/model/point_id.hpp>

namespace qdrantd::collection {

class HashRing {
  public:
    /// REQUIRES: at least one shard, no shard twice.
    explicit HashRing(const std::vector<ShardId>& shards);

    [[nodiscard]] ShardId owner(const model::PointId& id) const;

  private:
    // Sorted by place. Empty when there is one shard.
    std::vector<std::pair<std::uint64_t, ShardId>> places_;
    ShardId only_;
};

}  // namespace qdrantd::collection
