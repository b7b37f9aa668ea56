// SPDX-License-Identifier: Apache-2.0
// Updates waiting for a shard's writer, and the lane that works them off: one at a time, in order,
// on a shared executor. How to use: submit() from any thread; `work` is called on the lane with the
// next group, never at the same time as itself. run_between() puts a task between two groups.
// stop() refuses new work, lets the lane finish, and returns when it is idle. Thread safety: all
// methods; stop() not from the lane. Ownership: borrows the executor. Errors: kUnavailable for a
// full or stopped queue.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include <qdrantd/common/executor.hpp>

#include "shard/waiter.hpp"

namespace qdrantd::shard {

struct PendingUpdate {
    model::UpdateOperation operation;
    std::shared_ptr<Waiter> waiter;
    std::size_t bytes = 0;
};

class UpdateQueue {
  public:
    struct Options {
        Executor* executor = nullptr;
        std::size_t operations_max = 200;
        std::size_t bytes_max = 256UL << 20;
        std::size_t group_operations_max = 64;
        std::size_t group_bytes_max = 16UL << 20;
    };
    using Work = std::function<void(std::vector<PendingUpdate>)>;

    UpdateQueue(Options options, Work work);
    ~UpdateQueue();

    /// Answers an error itself; the waiter is then not called.
    Status submit(PendingUpdate update);
    /// Runs on the lane after what was submitted before it began, or a part of that. Dropped when
    /// the queue stopped or the executor refuses.
    void run_between(Task task);
    void stop();
    /// Updates queued or being worked on.
    [[nodiscard]] std::size_t length() const;

  private:
    Status start_lane();
    void run_lane();
    std::vector<PendingUpdate> take_group();

    const Options options_;
    const Work work_;
    mutable std::mutex mutex_;
    std::condition_variable idle_;
    std::deque<PendingUpdate> updates_;
    std::deque<Task> tasks_;
    std::size_t bytes_ = 0;
    std::size_t in_work_ = 0;
    bool running_ = false;
    bool stopped_ = false;
};

}  // namespace qdrantd::shard
