// SPDX-License-Identifier: Apache-2.0
// A shard in this process, opened on first use: reads run on the search pool, writes go to the
// shard's own writer. Thread safety: all methods. Ownership: owns the shard, borrows the pools.
// stop() before destroying.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include <qdrantd/collection/shard_client.hpp>
#include <qdrantd/common/executor.hpp>
#include <qdrantd/common/gate.hpp>
#include <qdrantd/shard/shard.hpp>

namespace qdrantd::collection {

class LocalShard final : public ShardClient {
  public:
    LocalShard(shard::ShardOptions options, Executor& searchers);
    ~LocalShard() override;

    void update(model::UpdateOperation operation, bool wait, Deadline deadline,
                Reply<model::UpdateResult> reply) override;
    void query(model::QueryRequest request, Deadline deadline,
               Reply<std::vector<model::ScoredPoint>> reply) override;
    void retrieve(model::RetrieveRequest request, Deadline deadline,
                  Reply<std::vector<model::Record>> reply) override;
    void scroll(model::ScrollRequest request, Deadline deadline,
                Reply<model::ScrollPage> reply) override;
    void count(model::CountRequest request, Deadline deadline, Reply<std::uint64_t> reply) override;

    void create_field_index(const model::JsonPath& path, const model::FieldSchema& schema,
                            Reply<OpSeq> reply);
    Status delete_field_index(const model::JsonPath& path);
    void set_config(const model::CollectionConfig& config);

    /// The shard, opened if need be. Blocks on the disk.
    Result<shard::Shard*> open();
    /// Refuses new calls, waits for the running ones, closes the shard.
    void stop();

  private:
    template <typename T, typename Work>
    void run(Deadline deadline, Reply<T> reply, Work work);

    Executor& searchers_;
    Gate gate_;
    std::atomic<shard::Shard*> opened_{nullptr};
    std::mutex mutex_;  // guards opening and what follows
    shard::ShardOptions options_;
    std::unique_ptr<shard::Shard> shard_;
};

}  // namespace qdrantd::collection
