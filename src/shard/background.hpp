// SPDX-License-Identifier: Apache-2.0
// A shard's share of the background pool: tasks now or later, and an end that waits for them. After
// stop() no task runs, so tasks may hold plain pointers to what outlives the stop. Thread safety:
// all methods; stop() not from a task. Ownership: borrows the executor; timers hold it weakly, so
// make it shared. Errors: kUnavailable when the pool is full or this is stopped; the task was not
// taken.
#pragma once

#include <memory>

#include <qdrantd/common/executor.hpp>
#include <qdrantd/common/gate.hpp>

#include "shard/timer.hpp"

namespace qdrantd::shard {

class Background : public std::enable_shared_from_this<Background> {
  public:
    explicit Background(Executor& executor) : executor_(executor) {}
    ~Background() { stop(); }

    Status post(Task task);
    /// Posted when the time is over; tried again where the pool is full. Dropped by stop().
    void after(Duration time, Task task);
    /// Running tasks should come to an end.
    [[nodiscard]] bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
    void stop();

  private:
    Status try_post(Task& task);

    Executor& executor_;
    std::atomic<bool> stopping_{false};
    Gate gate_;
};

}  // namespace qdrantd::shard
