// SPDX-License-Identifier: Apache-2.0
// The one that changes a shard: resolves a group of updates, logs and applies them in one atomic
// batch, makes it durable, shows it to readers and answers (architecture.md §4-5; one replica, so
// log record and application share the batch). How to use: install() the opened shard; commit() is
// called by the update queue's lane only. Thread safety: install() and set_params() from any
// thread, commit() from the lane. Ownership: shares the shard's data. Errors: answered to the
// waiters. A disk that refuses is told to on_failure once; nothing is written until the next
// install().
#pragma once

#include <functional>
#include <mutex>

#include "shard/shard_data.hpp"
#include "shard/update_queue.hpp"

namespace qdrantd::shard {

class Writer {
  public:
    struct Hooks {
        /// After each batch: operations are applied and shown.
        std::function<void()> on_applied;
        /// The store is not to be trusted any more: reopen it, or give the shard up.
        std::function<void(const Error&)> on_failure;
    };
    Writer(Durability durability, Hooks hooks);

    /// Null: refuse writes, saying why.
    void install(std::shared_ptr<ShardData> data, Error refusal = {});
    void set_params(const model::CollectionParams& params);
    void commit(std::vector<PendingUpdate> group);

  private:
    struct Answer {
        std::shared_ptr<Waiter> waiter;
        std::optional<OpSeq> seq;
        std::optional<Error> mistake;
    };
    /// A batch in the making, and who waits for it.
    struct Open {
        std::shared_ptr<ShardData> data;
        std::shared_ptr<engine::Segment> segment;
        model::CollectionParams params;
        store::WriteBatch batch;
        LogPosition last;
        std::vector<Answer> answers;
        bool failed = false;
    };

    void take(Open& open, PendingUpdate update);
    Status stage(Open& open, const std::vector<engine::Effect>& effects);
    /// Writes, shows and answers what is staged; on an error it was discarded and the waiters told.
    Status flush(Open& open);
    Status write(Open& open);
    void refuse(Open& open, const Error& error);

    const Durability durability_;
    const Hooks hooks_;
    const std::uint64_t origin_;  // of the operation ids given here

    std::mutex mutex_;
    std::shared_ptr<ShardData> data_;
    Error refusal_;
    model::CollectionParams params_;

    // The lane's own.
    std::uint64_t operations_ = 0;
    std::string effect_bytes_;
};

}  // namespace qdrantd::shard
