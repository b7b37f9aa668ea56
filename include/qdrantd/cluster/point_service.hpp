// SPDX-License-Identifier: Apache-2.0
// The facade for points: one method per public operation, called by every door with decoded,
// range-checked requests. It resolves names and aliases, validates against the collection, enforces
// limits and sends the work to the collection. Thread safety: all methods. Replies come exactly
// once, on any thread, and must not block. Errors: classes and texts of spec data.md §1.2-1.3;
// kTimeout past the deadline; kUnavailable when a queue is full.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/reply.hpp>
#include <qdrantd/model/query.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::cluster {

struct ReadContext {
    Deadline deadline = Deadline::never();
};

struct WriteContext {
    bool wait = false;
    /// Bounds the wait, not the write.
    Deadline deadline = Deadline::never();
};

class PointService {
  public:
    virtual ~PointService() = default;

    /// In order, not atomic; the first failure ends the rest. One result per operation.
    virtual void update(const std::string& collection,
                        std::vector<model::UpdateOperation> operations, WriteContext context,
                        Reply<std::vector<model::UpdateResult>> reply) = 0;
    /// One list per request, in their order. One failing request fails all.
    virtual void query(const std::string& collection, std::vector<model::QueryRequest> requests,
                       ReadContext context,
                       Reply<std::vector<std::vector<model::ScoredPoint>>> reply) = 0;
    virtual void retrieve(const std::string& collection, model::RetrieveRequest request,
                          ReadContext context, Reply<std::vector<model::Record>> reply) = 0;
    virtual void scroll(const std::string& collection, model::ScrollRequest request,
                        ReadContext context, Reply<model::ScrollPage> reply) = 0;
    virtual void count(const std::string& collection, model::CountRequest request,
                       ReadContext context, Reply<std::uint64_t> reply) = 0;
};

}  // namespace qdrantd::cluster
