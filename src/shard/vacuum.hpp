// SPDX-License-Identifier: Apache-2.0
// Rebuilds a shard's segment without its dead slots: the next generation is built beside the old
// one, from its live points and then from the log, indexed, checkpointed, and takes its place by
// one batch. A crash at any point leaves the one or the other, whole; what is left over is removed
// when the shard is opened next. How to use: consider() after checkpoints; it starts a rebuilding
// where the share of dead slots asks for one. Thread safety: all methods. Ownership: borrows what
// Options names; nothing runs after the background and the writer stopped. Errors: told to
// Options::on_error, except a full disk, which is tried again later.
#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "shard/background.hpp"
#include "shard/shard_data.hpp"

namespace qdrantd::shard {

/// The next generation while it is built. Thread safety: one thread at a time.
class Rebuilding {
  public:
    /// Fixes what is copied and pins the log behind it. REQUIRES: the writer waits.
    explicit Rebuilding(std::shared_ptr<ShardData> data);
    /// Lets the log go; what was built and did not take over is removed.
    ~Rebuilding();
    /// Makes the empty segment.
    Status create();
    /// Live points of the old segment, as they were when this began.
    Status copy(const std::function<bool()>& stopping);
    /// Operations applied since, up to about `bytes_max` of log; true when none is left.
    Result<bool> catch_up(std::size_t bytes_max);
    [[nodiscard]] std::size_t index_some(std::size_t limit) { return segment_->index_some(limit); }
    /// Nobody may have changed configuration or payload indexes meanwhile.
    [[nodiscard]] bool is_current() const;
    Status checkpoint();
    /// REQUIRES: checkpoint(), caught up, the writer and other checkpoints wait.
    Status take_over();
    [[nodiscard]] std::uint32_t old_number() const { return old_number_; }
    [[nodiscard]] std::weak_ptr<engine::Segment> watch_old() const { return old_; }

  private:
    /// A view of the old segment keeps it open. Order matters: the view goes first.
    struct Source {
        std::shared_ptr<engine::Segment> segment;
        engine::LivePoints points;
    };
    Status write(store::WriteBatch& batch);

    const std::shared_ptr<ShardData> data_;
    std::uint32_t old_number_ = 0;
    std::uint32_t number_ = 0;
    std::uint64_t schema_version_ = 0;
    std::weak_ptr<engine::Segment> old_;
    std::shared_ptr<engine::Segment> segment_;
    engine::SegmentManifest manifest_;
    std::optional<Source> source_;  // until it is copied
    OpSeq reached_;                 // operations up to here, and no later one, are in it
    bool switching_ = false;
};

class Vacuum {
  public:
    struct Options {
        Background* background = nullptr;
        std::function<std::shared_ptr<ShardData>()> data;  // null while the shard is failed
        /// Runs a task on the writer's lane between two batches; destroys it where it cannot.
        std::function<void(Task)> run_between;
        std::function<void(const Error&)> on_error;
        std::function<void()> on_done;
    };
    explicit Vacuum(Options options) : options_(std::move(options)) {}

    void consider();
    [[nodiscard]] bool running() const;

  private:
    Status run(std::shared_ptr<ShardData> data);
    /// Runs `work` on the writer's lane and waits for it; cancelled where `data` is not served.
    Status between_batches(const ShardData& data, const std::function<Status()>& work);
    Status switch_over(ShardData& data, Rebuilding& next);
    void remove_old(std::weak_ptr<ShardData> data, std::uint32_t number,
                    std::weak_ptr<engine::Segment> old);

    const Options options_;
    mutable std::mutex mutex_;
    bool running_ = false;
};

}  // namespace qdrantd::shard
