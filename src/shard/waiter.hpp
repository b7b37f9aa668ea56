// SPDX-License-Identifier: Apache-2.0
// One client waiting for its update: answered exactly once, by the writer or, at the deadline, by
// the timer. Thread safety: all methods. Ownership: shared by the queue and the timer; the reply is
// destroyed when it was called.
#pragma once

#include <memory>
#include <mutex>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/reply.hpp>
#include <qdrantd/model/update.hpp>

#include "shard/timer.hpp"

namespace qdrantd::shard {

class Waiter : public std::enable_shared_from_this<Waiter> {
  public:
    Waiter(bool wait, Reply<model::UpdateResult> reply) : wait_(wait), reply_(std::move(reply)) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    /// Answers kUnavailable when nobody did.
    ~Waiter();

    [[nodiscard]] bool waits() const { return wait_; }
    /// From `deadline` on, the answer is kWaitTimeout.
    void start_timer(Deadline deadline);
    /// The first answer counts.
    void answer(Result<model::UpdateResult> result);

  private:
    const bool wait_;
    std::mutex mutex_;
    Reply<model::UpdateResult> reply_;
    Timer::Ticket ticket_{};
};

}  // namespace qdrantd::shard
