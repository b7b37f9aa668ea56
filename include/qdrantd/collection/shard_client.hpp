// SPDX-License-Identifier: Apache-2.0
// What any replica of a shard can do, wherever it is. local_shard_client.cpp serves from this
// process. Thread safety: all methods. Replies come exactly once, on any thread, and must not
// block. Errors: those of shard/shard.hpp; kUnavailable when a pool's queue is full or the shard is
// stopping.
#pragma once

#include <cstdint>
#include <vector>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/reply.hpp>
#include <qdrantd/model/query.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::collection {

class ShardClient {
  public:
    virtual ~ShardClient() = default;

    virtual void update(model::UpdateOperation operation, bool wait, Deadline deadline,
                        Reply<model::UpdateResult> reply) = 0;
    virtual void query(model::QueryRequest request, Deadline deadline,
                       Reply<std::vector<model::ScoredPoint>> reply) = 0;
    virtual void retrieve(model::RetrieveRequest request, Deadline deadline,
                          Reply<std::vector<model::Record>> reply) = 0;
    virtual void scroll(model::ScrollRequest request, Deadline deadline,
                        Reply<model::ScrollPage> reply) = 0;
    virtual void count(model::CountRequest request, Deadline deadline,
                       Reply<std::uint64_t> reply) = 0;
};

}  // namespace qdrantd::collection
