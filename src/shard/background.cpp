// SPDX-License-Identifier: Apache-2.0
#include "shard/background.hpp"

namespace qdrantd::shard {

namespace {

constexpr Duration kRetryPause = std::chrono::milliseconds(50);

/// A task that can be posted again when the executor refused it, which destroys what it was given.
struct Holder {
    Task task;
};

}  // namespace

Status Background::post(Task task) { return try_post(task); }

Status Background::try_post(Task& task) {
    auto pass = std::make_shared<Gate::Pass>(gate_.enter());
    if (!*pass) return Error{ErrorCode::kUnavailable, "the shard is stopping"};
    auto holder = std::make_shared<Holder>(Holder{std::move(task)});
    auto posted = executor_.post([pass, holder] {
        holder->task();
        holder->task = Task();
        *pass = Gate::Pass();
    });
    if (!posted.ok()) task = std::move(holder->task);
    return posted;
}

void Background::after(Duration time, Task task) {
    if (stopping()) return;
    auto holder = std::make_shared<Holder>(Holder{std::move(task)});
    Timer::instance().after(time, [self = weak_from_this(), holder] {
        const auto background = self.lock();
        if (!background || background->stopping()) return;
        if (background->try_post(holder->task).ok() || background->stopping()) return;
        background->after(kRetryPause, std::move(holder->task));
    });
}

void Background::stop() {
    stopping_.store(true);
    gate_.close();
}

}  // namespace qdrantd::shard
