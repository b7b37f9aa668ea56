// SPDX-License-Identifier: Apache-2.0
// Checkpoints of a shard: when (much log, or idle and changed), and the steps: the segment's files,
// the manifest in the store, then the log is cut. Between any two steps a crash leaves the old
// checkpoint or the new one, whole. Also makes the log durable once per interval
// (Durability::kInterval). How to use: note_write() after each batch, request() for one soon;
// make_checkpoint() makes one now. Thread safety: all methods. Ownership: borrows what Options
// names; nothing runs after the background stopped. Errors: told to Options::on_error; the disk
// being full is tried again.
#pragma once

#include <functional>
#include <mutex>

#include "shard/background.hpp"
#include "shard/shard_data.hpp"

namespace qdrantd::shard {

/// `stopping`: writes graphs out even if they grew little.
Status make_checkpoint(ShardData& data, std::uint64_t log_tail_bytes, bool stopping);

class Checkpointer {
  public:
    struct Options {
        Background* background = nullptr;
        std::function<std::shared_ptr<ShardData>()> data;  // null while the shard is failed
        std::function<void(const Error&)> on_error;
        std::function<void()> on_done;
        std::uint64_t log_bytes_max = 0;
        std::uint64_t log_tail_bytes = 0;
        Duration sync_interval{};  // zero: never
    };
    explicit Checkpointer(Options options) : options_(std::move(options)) {}

    void set_flush_interval(Duration interval);
    void note_write();
    /// A checkpoint as soon as the shard has been idle for the flush interval.
    void request();

  private:
    void arm(Duration time);
    void look();
    void start();
    void run();
    void sync();

    const Options options_;
    std::mutex mutex_;
    Duration flush_interval_ = std::chrono::seconds(5);
    bool dirty_ = false;
    bool armed_ = false;
    bool running_ = false;
    bool sync_armed_ = false;
    TimePoint last_write_{};
};

}  // namespace qdrantd::shard
