// SPDX-License-Identifier: Apache-2.0
// Runs changes of collections one at a time, each answered once.
// Thread safety: all methods. Ownership: borrows the executor, which must have one thread.
#pragma once

#include <memory>
#include <utility>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/executor.hpp>
#include <qdrantd/common/reply.hpp>

namespace qdrantd::cluster {

class ControlLane {
  public:
    explicit ControlLane(Executor& executor) : executor_(executor) {}

    /// Runs `work(reply)`, which answers when it likes.
    template <typename T, typename Work>
    void run_async(Deadline deadline, Reply<T> reply, Work work) {
        // Shared, for the executor destroys a task that it refuses.
        auto answer = std::make_shared<Reply<T>>(std::move(reply));
        auto posted = executor_.post([answer, deadline, work = std::move(work)]() mutable {
            if (deadline.passed()) {
                (*answer)(
                    Error{ErrorCode::kTimeout, "the change waited in the queue past its deadline"});
                return;
            }
            work(std::move(*answer));
        });
        if (!posted.ok()) (*answer)(std::move(posted).error());
    }

    /// Runs `work()` and answers with what it returns.
    template <typename T, typename Work>
    void run(Deadline deadline, Reply<T> reply, Work work) {
        run_async<T>(deadline, std::move(reply),
                     [work = std::move(work)](Reply<T> answer) mutable { answer(work()); });
    }

  private:
    Executor& executor_;
};

}  // namespace qdrantd::cluster
