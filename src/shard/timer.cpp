// SPDX-License-Identifier: Apache-2.0
#include "shard/timer.hpp"

namespace qdrantd::shard {

Timer::Timer() : thread_([this] { run(); }) {}

Timer::~Timer() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

Timer& Timer::instance() {
    static Timer timer;
    return timer;
}

Timer::Ticket Timer::at(TimePoint when, Task task) {
    Ticket ticket;
    bool is_first = false;
    {
        const std::lock_guard lock(mutex_);
        ticket = {when, next_++};
        const auto place = tasks_.emplace(ticket, std::move(task)).first;
        is_first = place == tasks_.begin();
    }
    if (is_first) changed_.notify_all();
    return ticket;
}

Timer::Ticket Timer::after(Duration time, Task task) {
    return at(SystemClock::instance().now() + time, std::move(task));
}

bool Timer::cancel(Ticket ticket) {
    Task dropped;  // destroyed outside the lock
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(ticket);
    if (found == tasks_.end()) return false;
    dropped = std::move(found->second);
    tasks_.erase(found);
    return true;
}

void Timer::run() {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
        if (tasks_.empty()) {
            changed_.wait(lock);
            continue;
        }
        const auto first = tasks_.begin();
        // A copy: the entry may be cancelled, and with it its key, while this thread waits.
        const auto due = first->first.first;
        if (SystemClock::instance().now() < due) {
            changed_.wait_until(lock, due);
            continue;
        }
        auto task = std::move(first->second);
        tasks_.erase(first);
        lock.unlock();
        task();
        task = Task();
        lock.lock();
    }
}

}  // namespace qdrantd::shard
