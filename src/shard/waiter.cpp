// SPDX-License-Identifier: Apache-2.0
#include "shard/waiter.hpp"

namespace qdrantd::shard {

Waiter::~Waiter() { answer(Error{ErrorCode::kUnavailable, "the shard stopped"}); }

void Waiter::start_timer(Deadline deadline) {
    if (!wait_ || deadline.is_never()) return;
    std::weak_ptr<Waiter> self = weak_from_this();
    const auto ticket = Timer::instance().at(deadline.when(), [self = std::move(self)] {
        if (const auto waiter = self.lock()) {
            waiter->answer(model::UpdateResult{std::nullopt, model::UpdateStatus::kWaitTimeout});
        }
    });
    const std::lock_guard lock(mutex_);
    ticket_ = ticket;
}

void Waiter::answer(Result<model::UpdateResult> result) {
    Reply<model::UpdateResult> reply;
    Timer::Ticket ticket;
    {
        const std::lock_guard lock(mutex_);
        reply = std::move(reply_);
        reply_ = {};
        ticket = ticket_;
    }
    if (!reply) return;
    if (ticket.second != 0) Timer::instance().cancel(ticket);
    reply(std::move(result));
}

}  // namespace qdrantd::shard
