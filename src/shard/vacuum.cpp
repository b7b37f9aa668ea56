// SPDX-License-Identifier: Apache-2.0
#include "shard/vacuum.hpp"

#include <condition_variable>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/fault_point.hpp>
#include <qdrantd/common/log.hpp>
#include <qdrantd/store/file.hpp>

#include "shard/shard_meta.hpp"

namespace qdrantd::shard {

namespace {

constexpr std::size_t kCopyBytes = 4UL << 20;
constexpr std::size_t kCopyPoints = 256;  // of one version in one effect
constexpr std::size_t kCatchUpBytes = 4UL << 20;
constexpr std::size_t kIndexSlice = 128;
constexpr Duration kOldPause = std::chrono::milliseconds(50);

OpSeq next(OpSeq seq) { return OpSeq(seq.value + 1); }

Status at_fault_point(std::string_view name) {
    if (fault_point(name)) return Error{ErrorCode::kIo, fmt::format("fault: {}", name)};
    return {};
}

Error cancelled() { return {ErrorCode::kCancelled, "the shard is stopping"}; }

/// The outcome of a task that another thread runs or drops.
class Outcome {
  public:
    void set(Status status) {
        const std::lock_guard lock(mutex_);
        if (!status_) status_ = std::move(status);
        done_.notify_all();
    }
    Status wait() {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return status_.has_value(); });
        return *status_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable done_;
    std::optional<Status> status_;
};

/// Says "cancelled" when it goes without having been told.
struct OutcomeGuard {
    explicit OutcomeGuard(std::shared_ptr<Outcome> told) : outcome(std::move(told)) {}
    OutcomeGuard(OutcomeGuard&&) noexcept = default;
    OutcomeGuard& operator=(OutcomeGuard&&) = delete;
    ~OutcomeGuard() {
        if (outcome) outcome->set(cancelled());
    }
    std::shared_ptr<Outcome> outcome;
};

}  // namespace

// The writer waits, so the log is not cut behind what was applied before it is pinned.
Rebuilding::Rebuilding(std::shared_ptr<ShardData> data)
    : data_(std::move(data)),
      old_number_(data_->segment_number()),
      number_(old_number_ + 1),
      schema_version_(data_->schema_version()) {
    const auto old = data_->segment();
    old_ = old;
    source_.emplace(Source{old, old->live_points()});
    reached_ = source_->points.seq();
    QD_ASSERT(reached_ == data_->applied().seq);
    data_->pin_log(next(reached_));
}

Status Rebuilding::create() {
    const auto options = data_->segment_options(number_);
    QD_TRY(store::remove_tree(options.folder));
    QD_TRY(store::make_folder(options.folder));
    QD_ASSIGN(auto segment, engine::Segment::create(options));
    segment_ = data_->adopt(std::move(segment));
    return {};
}

Rebuilding::~Rebuilding() {
    data_->pin_log(OpSeq(UINT64_MAX));
    if (switching_ || !segment_) return;
    segment_.reset();
    store::WriteBatch batch;
    engine::Segment::erase_keys(number_, batch);
    auto removed = data_->store().write(batch, store::Sync::kNoSync);
    if (removed.ok()) removed = store::remove_tree(data_->segment_folder(number_));
    // Opening the shard removes it, too.
    if (!removed.ok()) log_warn("shard", "vacuum", "error={:?}", describe(removed.error()));
}

Status Rebuilding::write(store::WriteBatch& batch) {
    const auto written = data_->store().write(batch, store::Sync::kNoSync);
    batch.clear();
    if (!written.ok()) {
        segment_->discard();
        return written;
    }
    segment_->publish(reached_);
    return {};
}

Status Rebuilding::copy(const std::function<bool()>& stopping) {
    store::WriteBatch batch;
    OpSeq version;
    engine::PutPoints put;
    const auto stage = [&]() -> Status {
        if (put.points.empty()) return {};
        QD_TRY(segment_->stage(version, put, batch));
        put.points.clear();
        if (batch.bytes() < kCopyBytes) return {};
        QD_TRY(at_fault_point("shard.vacuum.copy"));
        return write(batch);
    };
    const auto take = [&](OpSeq written, model::Point point) -> Status {
        if (stopping()) return cancelled();
        if (written != version || put.points.size() >= kCopyPoints) {
            QD_TRY(stage());
            version = written;
        }
        put.points.push_back(std::move(point));
        return {};
    };
    QD_TRY(source_->points.for_each(take));
    source_.reset();
    QD_TRY(stage());
    QD_TRY(write(batch));
    return {};
}

Result<bool> Rebuilding::catch_up(std::size_t bytes_max) {
    const auto applied = data_->applied().seq;
    if (reached_ >= applied) return true;
    QD_ASSIGN(const auto records, data_->log().read_from(next(reached_), bytes_max));
    store::WriteBatch batch;
    const auto before = reached_;
    for (const auto& record : records) {
        const auto seq = record.position.seq;
        if (seq > applied) break;
        QD_ASSIGN(const auto effect, engine::decode_effect(record.effect));
        const auto staged = segment_->stage(seq, effect, batch);
        if (!staged.ok()) {
            segment_->discard();
            reached_ = before;
            return staged.error();
        }
        reached_ = seq;
    }
    QD_TRY(write(batch));
    return reached_ >= applied;
}

bool Rebuilding::is_current() const {
    return data_->schema_version() == schema_version_ && data_->segment_number() == old_number_;
}

Status Rebuilding::checkpoint() {
    QD_ASSIGN(manifest_, segment_->checkpoint(true));
    return {};
}

Status Rebuilding::take_over() {
    QD_ASSERT(reached_ == data_->applied().seq);
    QD_TRY(at_fault_point("shard.vacuum.switch"));
    store::WriteBatch batch;
    batch.put(engine::kMetaFamily, kManifestKey, encode_manifest(manifest_));
    // Whether a write that failed comes back after a crash is not known: from here on neither
    // generation may be touched, and an error closes the store.
    switching_ = true;
    const auto written = data_->store().write(batch, store::Sync::kSync);
    if (!written.ok()) return Error{ErrorCode::kIo, written.error().message};
    data_->set_segment(segment_, manifest_);
    segment_->release_files(manifest_);
    return at_fault_point("shard.vacuum.switched");
}

void Vacuum::consider() {
    const auto data = options_.data();
    if (!data) return;
    const auto optimizers = data->schema().config.optimizers;
    const auto segment = data->segment();
    if (segment->dead_share() <= optimizers.deleted_threshold ||
        segment->info().slots < std::max<std::uint64_t>(optimizers.vacuum_min_vector_number, 1)) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (running_) return;
        running_ = true;
    }
    const auto posted = options_.background->post([this] {
        Status status;
        if (auto now = options_.data()) status = run(std::move(now));
        {
            const std::lock_guard lock(mutex_);
            running_ = false;
        }
        if (status.ok()) {
            options_.on_done();
            return;
        }
        const auto code = status.error().code;
        if (code == ErrorCode::kCancelled) return;
        log_warn("shard", "vacuum", "error={:?}", describe(status.error()));
        if (code != ErrorCode::kInsufficientStorage) options_.on_error(status.error());
    });
    if (posted.ok()) return;
    const std::lock_guard lock(mutex_);
    running_ = false;
}

bool Vacuum::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

Status Vacuum::run(std::shared_ptr<ShardData> data) {
    const auto stopping = [this, &data] {
        return options_.background->stopping() || options_.data() != data;
    };
    std::unique_ptr<Rebuilding> next_one;
    const auto begin = [&]() -> Status {
        next_one = std::make_unique<Rebuilding>(data);
        return {};
    };
    QD_TRY(between_batches(*data, begin));
    QD_TRY(next_one->create());
    QD_TRY(at_fault_point("shard.vacuum.begin"));
    QD_TRY(next_one->copy(stopping));
    const auto catch_up = [&]() -> Status {
        while (!stopping()) {
            QD_ASSIGN(const bool done, next_one->catch_up(kCatchUpBytes));
            if (done) return {};
        }
        return cancelled();
    };
    QD_TRY(catch_up());
    while (next_one->index_some(kIndexSlice) > 0) {
        if (stopping() || !next_one->is_current()) return cancelled();
        QD_TRY(catch_up());
    }
    QD_TRY(at_fault_point("shard.vacuum.indexed"));
    QD_TRY(next_one->checkpoint());
    QD_TRY(at_fault_point("shard.vacuum.files"));
    QD_TRY(catch_up());
    QD_TRY(switch_over(*data, *next_one));
    remove_old(data, next_one->old_number(), next_one->watch_old());
    return {};
}

Status Vacuum::between_batches(const ShardData& data, const std::function<Status()>& work) {
    auto outcome = std::make_shared<Outcome>();
    options_.run_between([this, guard = OutcomeGuard(outcome), &data, &work] {
        // Where a write failed, the store may hold a batch that was never published.
        const bool served = options_.data().get() == &data;
        guard.outcome->set(served ? work() : Status(cancelled()));
    });
    return outcome->wait();
}

Status Vacuum::switch_over(ShardData& data, Rebuilding& next_one) {
    // Checkpoints wait outside the lane, so that writers do not wait for one.
    const std::lock_guard lock(data.checkpointing());
    const auto work = [&]() -> Status {
        if (!next_one.is_current()) return cancelled();
        for (bool done = false; !done;) {
            QD_ASSIGN(done, next_one.catch_up(kCatchUpBytes));
        }
        return next_one.take_over();
    };
    return between_batches(data, work);
}

/// Once no search uses the old segment any more.
void Vacuum::remove_old(std::weak_ptr<ShardData> weak, std::uint32_t number,
                        std::weak_ptr<engine::Segment> old) {
    options_.background->after(kOldPause, [this, weak, number, old] {
        const auto data = weak.lock();
        if (!data) return;
        if (!old.expired()) {
            remove_old(weak, number, old);
            return;
        }
        store::WriteBatch batch;
        engine::Segment::erase_keys(number, batch);
        auto removed = data->store().write(batch, store::Sync::kNoSync);
        if (removed.ok()) removed = store::remove_tree(data->segment_folder(number));
        if (!removed.ok()) log_warn("shard", "vacuum", "error={:?}", describe(removed.error()));
    });
}

}  // namespace qdrantd::shard
