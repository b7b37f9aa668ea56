// SPDX-License-Identifier: Apache-2.0
#include "shard/writer.hpp"

#include <qdrantd/common/fault_point.hpp>
#include <qdrantd/common/log.hpp>
#include <qdrantd/common/random.hpp>

#include "shard/resolver.hpp"
#include "shard/shard_meta.hpp"

namespace qdrantd::shard {

namespace {

constexpr std::size_t kBatchBytes = 8UL << 20;
constexpr Epoch kFirstEpoch{1};

class SegmentState final : public PointsState {
  public:
    explicit SegmentState(const engine::Segment& segment) : segment_(segment) {}
    [[nodiscard]] bool exists(const model::PointId& id) const override {
        return segment_.exists(id);
    }
    [[nodiscard]] Result<model::NamedVectors> vectors_of(const model::PointId& id) const override {
        return segment_.vectors_of(id);
    }
    [[nodiscard]] Result<std::vector<model::PointId>> matching_ids(
        const model::Filter& filter) const override {
        return segment_.matching_ids(filter);
    }
    [[nodiscard]] Result<bool> matches(const model::PointId& id,
                                       const model::Filter& filter) const override {
        return segment_.matches(id, filter);
    }

  private:
    const engine::Segment& segment_;
};

bool changes_nothing(const Resolved& resolved) {
    return std::all_of(resolved.effects.begin(), resolved.effects.end(), [](const auto& effect) {
        return std::holds_alternative<engine::NoEffect>(effect);
    });
}

Error disk_full() {
    return {ErrorCode::kInsufficientStorage,
            "No space left on device: WAL buffer size exceeds available disk space"};
}

}  // namespace

Writer::Writer(Durability durability, Hooks hooks)
    : durability_(durability), hooks_(std::move(hooks)), origin_(Random::entropy() | 1) {}

void Writer::install(std::shared_ptr<ShardData> data, Error refusal) {
    const std::lock_guard lock(mutex_);
    data_ = std::move(data);
    refusal_ = std::move(refusal);
}

void Writer::set_params(const model::CollectionParams& params) {
    const std::lock_guard lock(mutex_);
    params_ = params;
}

void Writer::commit(std::vector<PendingUpdate> group) {
    Open open;
    Error refusal;
    {
        const std::lock_guard lock(mutex_);
        open.data = data_;
        open.params = params_;
        refusal = refusal_;
    }
    if (!open.data) {
        for (auto& update : group)
            update.waiter->answer(refusal);
        return;
    }
    open.segment = open.data->segment();
    open.last = open.data->applied();
    for (auto& update : group)
        take(open, std::move(update));
    ignore_result(flush(open), "every waiter was told");
}

void Writer::take(Open& open, PendingUpdate update) {
    if (open.failed) {
        update.waiter->answer(Error{ErrorCode::kUnavailable, "the shard is being reopened"});
        return;
    }
    // Filters see published points only.
    if (needs_published_state(update.operation)) {
        const auto flushed = flush(open);
        if (open.failed) {
            update.waiter->answer(flushed.error());
            return;
        }
    }
    auto resolved = resolve(std::move(update.operation), open.params, SegmentState(*open.segment));
    if (!resolved.ok()) {
        update.waiter->answer(resolved.error());
        if (resolved.error().code == ErrorCode::kChecksum) {
            refuse(open, resolved.error());
        }
        return;
    }
    auto& mistake = resolved->mistake;
    if (mistake && update.waiter->waits() && changes_nothing(*resolved)) {
        update.waiter->answer(std::move(*mistake));
        return;
    }
    const auto staged = stage(open, resolved->effects);
    if (!staged.ok()) {
        update.waiter->answer(staged.error());
        if (staged.error().code == ErrorCode::kChecksum) refuse(open, staged.error());
        return;
    }
    open.answers.push_back({std::move(update.waiter), open.last.seq, std::move(mistake)});
    if (open.batch.bytes() >= kBatchBytes) {
        ignore_result(flush(open), "every waiter was told");
    }
}

Status Writer::stage(Open& open, const std::vector<engine::Effect>& effects) {
    for (const auto& effect : effects) {
        if (open.batch.bytes() >= kBatchBytes) QD_TRY(flush(open));
        const LogPosition position{std::max(open.last.epoch, kFirstEpoch),
                                   OpSeq(open.last.seq.value + 1)};
        QD_TRY(open.segment->stage(position.seq, effect, open.batch));
        effect_bytes_.clear();
        engine::encode_effect(effect, effect_bytes_);
        open.data->log().append(position, {origin_, ++operations_}, effect_bytes_, open.batch);
        open.last = position;
    }
    return {};
}

Status Writer::write(Open& open) {
    if (fault_point("shard.batch.before")) return Error{ErrorCode::kIo, "fault: before batch"};
    open.batch.put(engine::kMetaFamily, kAppliedKey, encode_applied(open.last));
    const auto sync = durability_ == Durability::kDisk ? store::Sync::kSync : store::Sync::kNoSync;
    QD_TRY(open.data->store().write(open.batch, sync));
    if (fault_point("shard.batch.after")) return Error{ErrorCode::kIo, "fault: after batch"};
    if (sync == store::Sync::kSync) {
        const auto marked = open.data->mark().advance(open.last);
        // Without it damage may be found later than it could be, and no write is worse off.
        if (!marked.ok()) log_warn("shard", "mark", "error={:?}", describe(marked.error()));
    }
    return {};
}

Status Writer::flush(Open& open) {
    if (open.failed) return Error{ErrorCode::kUnavailable, "the shard is being reopened"};
    if (open.last == open.data->applied()) return {};
    const auto written = write(open);
    auto answers = std::move(open.answers);
    open.answers.clear();
    open.batch.clear();
    if (!written.ok()) {
        open.segment->discard();
        open.data->log().discard();
        open.last = open.data->applied();
        const auto& error = written.error();
        const bool full = error.code == ErrorCode::kInsufficientStorage;
        // First closed, then told: whoever was told and looks sees what will last.
        if (!full) refuse(open, error);
        for (auto& answer : answers)
            answer.waiter->answer(full ? disk_full() : error);
        return full ? disk_full() : error;
    }
    open.data->log().publish();
    open.data->log().set_applied(open.last.seq);
    open.segment->publish(open.last.seq);
    // Last: who reads this number and then looks must find the operations up to it.
    open.data->set_applied(open.last);
    if (fault_point("shard.batch.published")) {
        refuse(open, Error{ErrorCode::kIo, "fault: after publication"});
    }
    for (auto& answer : answers) {
        if (answer.mistake && answer.waiter->waits()) {
            answer.waiter->answer(std::move(*answer.mistake));
            continue;
        }
        const auto status = answer.waiter->waits() ? model::UpdateStatus::kCompleted
                                                   : model::UpdateStatus::kAcknowledged;
        answer.waiter->answer(model::UpdateResult{answer.seq->value, status});
    }
    hooks_.on_applied();
    return {};
}

void Writer::refuse(Open& open, const Error& error) {
    if (open.failed) return;
    if (open.last != open.data->applied()) {
        open.segment->discard();
        open.data->log().discard();
        for (auto& answer : open.answers)
            answer.waiter->answer(error);
        open.answers.clear();
        open.batch.clear();
    }
    open.failed = true;
    install(nullptr, Error{ErrorCode::kUnavailable, "the shard is being reopened"});
    // What reads hold is let go first, so that the store can be closed and opened anew.
    open.segment.reset();
    hooks_.on_failure(error);
}

}  // namespace qdrantd::shard
