// SPDX-License-Identifier: Apache-2.0
// Runs small tasks at a time: deadlines of waiting writers, flush and sync intervals. One thread
// for all shards of the process. How to use: Timer::instance().at(when, task) returns a ticket for
// cancel(). Thread safety: all methods. Tasks run on the timer's thread and must not block; long
// work is posted to an executor. Ownership: a task that has not begun is destroyed by cancel() or
// with the timer.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <qdrantd/common/clock.hpp>
#include <qdrantd/common/executor.hpp>

namespace qdrantd::shard {

class Timer {
  public:
    /// Time and a number that makes it unique; {TimePoint(), 0} names nothing.
    using Ticket = std::pair<TimePoint, std::uint64_t>;

    Timer();
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    /// Lives as long as the process.
    static Timer& instance();

    Ticket at(TimePoint when, Task task);
    Ticket after(Duration time, Task task);
    /// False when the task began, ended, or never was. Does not wait for it.
    bool cancel(Ticket ticket);

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Ticket, Task> tasks_;
    std::uint64_t next_ = 1;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace qdrantd::shard
