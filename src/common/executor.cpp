// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/executor.hpp>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/log.hpp>

namespace qdrantd {

ThreadPool::ThreadPool(Options options) : options_(std::move(options)) {
    QD_ASSERT(options_.threads >= 1);
    threads_.reserve(options_.threads);
    for (std::size_t i = 0; i < options_.threads; ++i)
        threads_.emplace_back([this] { run(); });
}

ThreadPool::~ThreadPool() { stop(); }

Status ThreadPool::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) return Error{ErrorCode::kUnavailable, "the server is stopping"};
        if (tasks_.size() >= options_.queue_capacity) {
            return Error{ErrorCode::kUnavailable,
                         fmt::format("too many requests are waiting ({} for {})", tasks_.size(),
                                     options_.name),
                         1};
        }
        tasks_.push_back(std::move(task));
    }
    ready_.notify_one();
    return {};
}

void ThreadPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    ready_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

std::size_t ThreadPool::queued() const {
    const std::lock_guard lock(mutex_);
    return tasks_.size();
}

void ThreadPool::run() {
    pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
    if (options_.nice != 0) {
        const auto thread_id = static_cast<id_t>(syscall(SYS_gettid));
        if (setpriority(PRIO_PROCESS, thread_id, options_.nice) != 0) {
            log_warn("executor", "priority_refused", "pool={} nice={}", options_.name,
                     options_.nice);
        }
    }
    for (;;) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [this] { return stopped_ || !tasks_.empty(); });
            if (tasks_.empty()) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

Status ManualExecutor::post(Task task) {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    return {};
}

bool ManualExecutor::run_one() {
    Task task;
    {
        const std::lock_guard lock(mutex_);
        if (tasks_.empty()) return false;
        task = std::move(tasks_.front());
        tasks_.pop_front();
    }
    task();
    return true;
}

std::size_t ManualExecutor::run_all() {
    std::size_t count = 0;
    while (run_one())
        ++count;
    return count;
}

}  // namespace qdrantd
