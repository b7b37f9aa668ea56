// SPDX-License-Identifier: Apache-2.0
#include "shard/update_queue.hpp"

#include <qdrantd/common/assert.hpp>

namespace qdrantd::shard {

UpdateQueue::UpdateQueue(Options options, Work work) : options_(options), work_(std::move(work)) {
    QD_ASSERT(options_.executor != nullptr);
}

UpdateQueue::~UpdateQueue() { stop(); }

Status UpdateQueue::submit(PendingUpdate update) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return Error{ErrorCode::kUnavailable, "the shard is stopping"};
    const bool full = updates_.size() + in_work_ >= options_.operations_max ||
                      (bytes_ > 0 && bytes_ + update.bytes > options_.bytes_max);
    if (full) return Error{ErrorCode::kUnavailable, "the update queue is full", 1};
    QD_TRY(start_lane());
    bytes_ += update.bytes;
    updates_.push_back(std::move(update));
    return {};
}

void UpdateQueue::run_between(Task task) {
    std::unique_lock lock(mutex_);
    if (stopped_ || !start_lane().ok()) {
        lock.unlock();  // the task is destroyed outside
        return;
    }
    tasks_.push_back(std::move(task));
}

/// REQUIRES: the lock is held, so that the lane finds what is put into the queue next.
Status UpdateQueue::start_lane() {
    if (running_) return {};
    if (!options_.executor->post([this] { run_lane(); }).ok()) {
        return Error{ErrorCode::kUnavailable, "too many shards are writing", 1};
    }
    running_ = true;
    return {};
}

std::vector<PendingUpdate> UpdateQueue::take_group() {
    std::vector<PendingUpdate> group;
    std::size_t bytes = 0;
    while (!updates_.empty() && group.size() < options_.group_operations_max) {
        if (!group.empty() && bytes + updates_.front().bytes > options_.group_bytes_max) break;
        bytes += updates_.front().bytes;
        group.push_back(std::move(updates_.front()));
        updates_.pop_front();
    }
    return group;
}

void UpdateQueue::run_lane() {
    std::unique_lock lock(mutex_);
    while (true) {
        if (!tasks_.empty()) {
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
            task = Task();
            lock.lock();
            continue;
        }
        auto group = take_group();
        if (group.empty()) break;
        in_work_ = group.size();
        std::size_t bytes = 0;
        for (const auto& update : group)
            bytes += update.bytes;
        lock.unlock();
        work_(std::move(group));
        lock.lock();
        in_work_ = 0;
        bytes_ -= bytes;
        if (updates_.empty() && tasks_.empty()) break;
        // Give other shards a turn; when the executor is full or stopped, go on here.
        if (!stopped_ && options_.executor->post([this] { run_lane(); }).ok()) return;
    }
    running_ = false;
    idle_.notify_all();
}

void UpdateQueue::stop() {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    idle_.wait(lock, [this] { return !running_; });
}

std::size_t UpdateQueue::length() const {
    const std::lock_guard lock(mutex_);
    return updates_.size() + in_work_;
}

}  // namespace qdrantd::shard
