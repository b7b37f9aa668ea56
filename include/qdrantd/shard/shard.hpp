// SPDX-License-Identifier: Apache-2.0
// One shard on this peer: an operation log, the segments made from it, and the one writer that
// appends and applies. How to use: open(), then update() and reads from any thread; stop() before
// destroying. Writes are queued, resolved and grouped by one writer: with one replica, log record
// and application are one atomic batch. Reads run in the caller's thread. Indexing, checkpoints and
// rebuilding run on the background pool. Thread safety: all methods. Ownership: owns the folder;
// borrows pools and shared store resources. Errors: a shard whose files are damaged opens in the
// failed state: every call answers kInternal naming the reason, other shards go on. kUnavailable
// for a full queue; kInsufficientStorage when the disk is full (resumes by itself); kTimeout past
// the deadline.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/executor.hpp>
#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/reply.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/model/query.hpp>
#include <qdrantd/model/update.hpp>
#include <qdrantd/store/rocksdb_store.hpp>

namespace qdrantd::shard {

/// When an acknowledged write is on the disk: before the answer, within the interval, or when the
/// kernel writes it.
enum class Durability : std::uint8_t { kDisk, kInterval, kOs };

struct ShardOptions {
    std::string folder;
    model::CollectionConfig config;
    std::map<model::JsonPath, model::FieldSchema> schema;
    Durability durability = Durability::kDisk;
    std::uint32_t sync_interval_ms = 5000;   // of Durability::kInterval
    std::size_t queue_operations_max = 200;  // waiting updates; beyond it kUnavailable
    std::size_t queue_bytes_max = 256UL << 20;
    std::uint64_t log_tail_bytes =
        64UL << 20;  // log kept behind a checkpoint for replicas that catch up
    std::uint64_t checkpoint_log_bytes =
        256UL << 20;  // a checkpoint is made after this much log, or flush_interval_sec when idle
    Executor* writers = nullptr;     // runs the writer; may block on the disk
    Executor* background = nullptr;  // indexing, checkpoints; low priority
    store::SharedResources* shared = nullptr;
};

struct ShardInfo {
    std::uint64_t points = 0;
    std::uint64_t slots = 0;
    std::uint64_t indexed_vectors = 0;
    std::uint64_t pending_vectors = 0;
    std::uint64_t segments = 1;
    std::uint64_t queue_length = 0;
    OpSeq applied;
    bool optimizing = false;
    std::string failure;  // empty unless failed
    std::map<model::JsonPath, std::uint64_t> indexed_payloads;
    std::uint64_t disk_bytes = 0;
    std::uint64_t memory_bytes = 0;
};

class Shard {
  public:
    /// Opens or makes the shard. Damage gives a shard in the failed state, not an error; kIo when
    /// the folder cannot be used at all.
    static Result<std::unique_ptr<Shard>> open(ShardOptions options);
    ~Shard();
    /// Removes the files of a shard that is not open.
    static Status destroy(const std::string& folder);

    /// `wait`: answers once applied (kCompleted), or at the deadline with kWaitTimeout, the
    /// operation staying queued; else once logged (kAcknowledged), and errors found while resolving
    /// are dropped after that. State-dependent operations are resolved by the writer. Explicit ids
    /// that are missing give kNotFound after the existing ones were changed (spec data.md §3.8).
    void update(model::UpdateOperation operation, bool wait, Deadline deadline,
                Reply<model::UpdateResult> reply);

    [[nodiscard]] Result<std::vector<model::ScoredPoint>> query(const model::QueryRequest& request,
                                                                Deadline deadline) const;
    [[nodiscard]] Result<std::vector<model::Record>> retrieve(const model::RetrieveRequest& request,
                                                              Deadline deadline) const;
    [[nodiscard]] Result<model::ScrollPage> scroll(const model::ScrollRequest& request,
                                                   Deadline deadline) const;
    [[nodiscard]] Result<std::uint64_t> count(const model::CountRequest& request,
                                              Deadline deadline) const;

    /// Builds on the background pool; answers when done.
    void create_field_index(model::JsonPath path, model::FieldSchema schema, Reply<OpSeq> reply);
    Status delete_field_index(const model::JsonPath& path);
    void set_config(const model::CollectionConfig& config);
    [[nodiscard]] ShardInfo info() const;

    /// Refuses new work, ends the queue, makes a checkpoint, closes. May be called more than once.
    void stop();

  private:
    class Impl;
    explicit Shard(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace qdrantd::shard
