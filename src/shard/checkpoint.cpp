// SPDX-License-Identifier: Apache-2.0
#include "shard/checkpoint.hpp"

#include <qdrantd/common/fault_point.hpp>
#include <qdrantd/common/log.hpp>

#include "shard/shard_meta.hpp"

namespace qdrantd::shard {

namespace {

constexpr Duration kPauseAfterError = std::chrono::seconds(1);

Status at_fault_point(std::string_view name) {
    if (fault_point(name)) return Error{ErrorCode::kIo, fmt::format("fault: {}", name)};
    return {};
}

TimePoint now() { return SystemClock::instance().now(); }

}  // namespace

Status make_checkpoint(ShardData& data, std::uint64_t log_tail_bytes, bool stopping) {
    const std::lock_guard lock(data.checkpointing());
    const auto segment = data.segment();
    QD_TRY(at_fault_point("shard.checkpoint.begin"));
    QD_ASSIGN(const auto manifest, segment->checkpoint(stopping));
    QD_TRY(at_fault_point("shard.checkpoint.files"));
    const auto applied = data.applied();
    store::WriteBatch batch;
    batch.put(engine::kMetaFamily, kManifestKey, encode_manifest(manifest));
    QD_TRY(data.store().write(batch, store::Sync::kSync));
    QD_TRY(at_fault_point("shard.checkpoint.manifest"));
    data.set_segment(segment, manifest);
    segment->release_files(manifest);
    // The synced batch came after all that was applied by then.
    QD_TRY(data.mark().advance(applied));
    QD_TRY(data.mark().persist());
    QD_TRY(at_fault_point("shard.checkpoint.mark"));
    const auto covered = OpSeq(manifest.covered.value + 1);
    const auto tail = data.log().start_of_tail(log_tail_bytes);
    QD_TRY(data.log().cut_before(std::min({covered, tail, data.log_pin()})));
    return at_fault_point("shard.checkpoint.end");
}

void Checkpointer::set_flush_interval(Duration interval) {
    const std::lock_guard lock(mutex_);
    flush_interval_ = std::max<Duration>(interval, std::chrono::milliseconds(100));
}

void Checkpointer::note_write() {
    bool sync_now = false;
    {
        const std::lock_guard lock(mutex_);
        dirty_ = true;
        last_write_ = now();
        if (options_.sync_interval.count() > 0 && !sync_armed_) sync_now = sync_armed_ = true;
        if (!armed_) arm(flush_interval_);
    }
    if (sync_now) options_.background->after(options_.sync_interval, [this] { sync(); });
    const auto data = options_.data();
    if (data && data->log().bytes_behind(data->covered()) >= options_.log_bytes_max) start();
}

void Checkpointer::request() {
    const std::lock_guard lock(mutex_);
    dirty_ = true;
    if (!armed_) arm(flush_interval_);
}

/// REQUIRES: the lock is held.
void Checkpointer::arm(Duration time) {
    armed_ = true;
    options_.background->after(time, [this] { look(); });
}

void Checkpointer::look() {
    {
        const std::lock_guard lock(mutex_);
        armed_ = false;
        if (!dirty_ || running_) return;
        const auto idle = now() - last_write_;
        if (idle < flush_interval_) {
            arm(flush_interval_ - idle);
            return;
        }
        running_ = true;
    }
    run();
}

void Checkpointer::start() {
    {
        const std::lock_guard lock(mutex_);
        if (running_) return;
        running_ = true;
    }
    if (options_.background->post([this] { run(); }).ok()) return;
    const std::lock_guard lock(mutex_);
    running_ = false;
}

void Checkpointer::run() {
    {
        const std::lock_guard lock(mutex_);
        dirty_ = false;
    }
    Status status;
    if (const auto data = options_.data()) {
        status = make_checkpoint(*data, options_.log_tail_bytes, false);
    }
    {
        const std::lock_guard lock(mutex_);
        running_ = false;
        if (!status.ok()) dirty_ = true;
        if (dirty_ && !armed_) arm(status.ok() ? flush_interval_ : kPauseAfterError);
    }
    if (status.ok()) {
        options_.on_done();
    } else if (status.error().code == ErrorCode::kInsufficientStorage) {
        log_warn("shard", "checkpoint", "error={:?}", describe(status.error()));
    } else {
        options_.on_error(status.error());
    }
}

void Checkpointer::sync() {
    {
        const std::lock_guard lock(mutex_);
        sync_armed_ = false;
    }
    const auto data = options_.data();
    if (!data) return;
    const auto applied = data->applied();
    auto status = data->store().sync_log();
    if (status.ok()) status = data->mark().advance(applied);
    if (!status.ok() && status.error().code != ErrorCode::kInsufficientStorage) {
        options_.on_error(status.error());
    }
}

}  // namespace qdrantd::shard
