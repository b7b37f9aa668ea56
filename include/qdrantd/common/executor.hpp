// SPDX-License-Identifier: Apache-2.0
// Where work runs. ThreadPool: a fixed number of threads behind one bounded queue. Lane: one task
// at a time, in order, on a pool. Thread safety: all methods. Errors: a full or stopped queue
// refuses at once; the task was not taken.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <qdrantd/common/result.hpp>
#include <qdrantd/common/unique_function.hpp>

namespace qdrantd {

using Task = UniqueFunction<void()>;

class Executor {
  public:
    virtual ~Executor() = default;
    /// kUnavailable when the queue is full or the executor stopped; then the task is destroyed
    /// unrun.
    virtual Status post(Task task) = 0;
};

class ThreadPool final : public Executor {
  public:
    struct Options {
        std::string name;         // at most 15 characters, shown by the operating system
        std::size_t threads = 1;  // at least 1
        std::size_t queue_capacity = 1024;
        int nice = 0;  // priority of the threads; 19 is the lowest
    };

    explicit ThreadPool(Options options);
    ~ThreadPool() override;

    Status post(Task task) override;
    /// Refuses new tasks, runs those queued, joins the threads. May be called more than once.
    void stop();
    [[nodiscard]] std::size_t queued() const;
    [[nodiscard]] std::size_t threads() const { return options_.threads; }

  private:
    void run();

    const Options options_;
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Task> tasks_;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

/// Runs only when a test asks it to.
class ManualExecutor final : public Executor {
  public:
    Status post(Task task) override;
    /// Runs one task; false when there is none.
    bool run_one();
    /// Runs until none is left; returns how many ran.
    std::size_t run_all();

  private:
    std::mutex mutex_;
    std::deque<Task> tasks_;
};

}  // namespace qdrantd
