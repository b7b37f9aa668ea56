// SPDX-License-Identifier: Apache-2.0
// One named collection on this peer: routes writes by the hash ring, fans reads out to its shards
// and merges their answers. How to use: make(), then any method from any thread; stop() before
// destroying. Shards open on first use. Thread safety: all methods. Ownership: owns its folder and
// its shards; borrows the pools. Errors: those of the shards; one failing shard fails the request,
// an answer is never partial.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/executor.hpp>
#include <qdrantd/common/reply.hpp>
#include <qdrantd/model/query.hpp>
#include <qdrantd/model/update.hpp>
#include <qdrantd/shard/shard.hpp>

namespace qdrantd::collection {

using FieldSchemas = std::map<model::JsonPath, model::FieldSchema>;

struct CollectionOptions {
    std::string name;    // for messages
    std::string folder;  // of this collection alone
    model::CollectionConfig config;
    FieldSchemas schema;
    std::vector<ShardId> shards;
    Executor* searchers = nullptr;  // runs reads
    shard::ShardOptions
        shard;  // pools, durability and limits; folder, config and schema are filled in here
};

class Collection {
  public:
    static std::shared_ptr<Collection> make(CollectionOptions options);
    virtual ~Collection() = default;

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

    /// Sums over the shards; the first failure if any failed. Opens shards; may block on the disk.
    [[nodiscard]] virtual Result<shard::ShardInfo> info() = 0;
    [[nodiscard]] virtual std::shared_ptr<const model::CollectionConfig> config() const = 0;
    [[nodiscard]] virtual FieldSchemas schema() const = 0;
    virtual void set_config(const model::CollectionConfig& config) = 0;
    /// Replies when built on every shard.
    virtual void create_field_index(const model::JsonPath& path, const model::FieldSchema& schema,
                                    Reply<model::UpdateResult> reply) = 0;
    virtual Status delete_field_index(const model::JsonPath& path) = 0;

    /// Opens every shard; asks `keep_going` before each and ends with its error. Blocks on the
    /// disk.
    virtual Status open(const std::function<Status()>& keep_going) = 0;
    /// Refuses new work, waits for what runs, closes the shards.
    virtual void stop() = 0;
};

}  // namespace qdrantd::collection
