// SPDX-License-Identifier: Apache-2.0
#include "shard/operation_log.hpp"

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/fault_point.hpp>
#include <qdrantd/engine/segment.hpp>

#include "shard/shard_meta.hpp"

namespace qdrantd::shard {

namespace {

constexpr std::uint64_t kSizeMarkBytes = 256UL << 10;

OpSeq next(OpSeq seq) { return OpSeq(seq.value + 1); }

/// Past every key of the log.
std::string end_of_log() { return std::string(9, '\xff'); }

}  // namespace

void OperationLog::State::count(LogPosition position, OperationId id, std::size_t size) {
    if (epochs.empty() || epochs.back().epoch < position.epoch) {
        epochs.push_back({position.epoch, position.seq});
    }
    last = position;
    recent.add(position.seq, id);
    bytes += size;
    if (sizes.empty() || bytes - sizes.back().bytes_until >= kSizeMarkBytes) {
        sizes.push_back({position.seq, bytes});
    }
}

OperationLog::OperationLog(store::KvStore& store, std::uint64_t identity, const Clock& clock)
    : store_(store), identity_(identity), state_(clock) {}

Result<std::unique_ptr<OperationLog>> OperationLog::open(store::KvStore& store,
                                                         std::uint64_t identity, OpSeq applied,
                                                         const Clock& clock) {
    std::unique_ptr<OperationLog> log(new OperationLog(store, identity, clock));
    log->state_.applied = applied;
    QD_TRY(log->load_ids());
    QD_TRY(log->load());
    if (log->state_.last.seq < applied) {
        return Error{ErrorCode::kChecksum,
                     fmt::format("operation log ends at {}, but {} was applied",
                                 log->state_.last.seq.value, applied.value)};
    }
    return log;
}

/// Ids of operations whose records were cut.
Status OperationLog::load_ids() {
    auto rows =
        store_.iterate(engine::kMetaFamily, std::string(kIdKeyPrefix), id_key(OpSeq(UINT64_MAX)));
    for (; rows->valid(); rows->next()) {
        QD_ASSIGN(const auto seq, seq_of_log_key(rows->key().substr(kIdKeyPrefix.size())));
        QD_ASSIGN(const auto id, decode_id(rows->value()));
        state_.recent.add(seq, id);
    }
    return rows->status();
}

Status OperationLog::load() {
    QD_ASSIGN(const auto epochs, store_.get(engine::kMetaFamily, kEpochsKey));
    if (epochs) {
        QD_ASSIGN(state_.epochs, decode_epochs(*epochs));
    }
    auto rows = store_.iterate(engine::kLogFamily);
    for (bool first = true; rows->valid(); rows->next(), first = false) {
        QD_ASSIGN(const auto record, decode_log_record(identity_, rows->key(), rows->value()));
        const auto seq = record.position.seq;
        if (first) {
            state_.first = seq;
        } else if (seq != next(state_.last.seq)) {
            return Error{ErrorCode::kChecksum, fmt::format("operation log: record {} is missing",
                                                           state_.last.seq.value + 1)};
        }
        const bool known = std::any_of(
            state_.epochs.begin(), state_.epochs.end(),
            [&](const EpochStart& start) { return start.epoch == record.position.epoch; });
        if (!known || record.position.epoch < state_.last.epoch) {
            return Error{ErrorCode::kChecksum,
                         fmt::format("operation log: record {} is of the unknown epoch {}",
                                     seq.value, record.position.epoch.value)};
        }
        // A cut may have kept the id of a record before a crash brought the record back.
        if (state_.recent.size() > 0 && state_.recent.entries().back().seq >= seq) {
            state_.recent.cut_after(OpSeq(seq.value - 1));
        }
        state_.count(record.position, record.id, rows->value().size());
    }
    return rows->status();
}

void OperationLog::append(LogPosition position, OperationId id, std::string_view effect,
                          store::WriteBatch& batch) {
    const auto before = staged_.empty() ? state_.last : staged_.back().position;
    QD_ASSERT(position.seq == next(before.seq));
    QD_ASSERT(position.epoch >= before.epoch);
    encode_log_record(identity_, position, id, effect, scratch_);
    batch.put(engine::kLogFamily, log_key(position.seq), scratch_);
    staged_.push_back({position, id, scratch_.size()});
    if (position.epoch != before.epoch) {
        auto epochs = epoch_history();
        for (const auto& staged : staged_) {
            if (epochs.empty() || epochs.back().epoch < staged.position.epoch) {
                epochs.push_back({staged.position.epoch, staged.position.seq});
            }
        }
        batch.put(engine::kMetaFamily, kEpochsKey, encode_epochs(epochs));
    }
}

void OperationLog::publish() {
    const std::lock_guard lock(mutex_);
    for (const auto& staged : staged_)
        state_.count(staged.position, staged.id, staged.bytes);
    staged_.clear();
}

void OperationLog::discard() { staged_.clear(); }

void OperationLog::set_applied(OpSeq applied) {
    const std::lock_guard lock(mutex_);
    QD_ASSERT(applied >= state_.applied && applied <= state_.last.seq);
    state_.applied = applied;
}

Status OperationLog::cut_after(OpSeq seq) {
    QD_ASSERT(staged_.empty());
    std::vector<EpochStart> epochs;
    LogPosition kept;
    {
        const std::lock_guard lock(mutex_);
        QD_ASSERT(seq >= state_.applied);
        QD_ASSERT(seq <= state_.last.seq);
        epochs = state_.epochs;
    }
    while (!epochs.empty() && epochs.back().first > seq)
        epochs.pop_back();
    if (!epochs.empty()) kept = {epochs.back().epoch, seq};
    store::WriteBatch batch;
    batch.erase_range(engine::kLogFamily, log_key(next(seq)), end_of_log());
    batch.put(engine::kMetaFamily, kEpochsKey, encode_epochs(epochs));
    QD_TRY(store_.write(batch, store::Sync::kSync));

    const std::lock_guard lock(mutex_);
    state_.epochs = std::move(epochs);
    state_.last = kept;
    state_.recent.cut_after(seq);
    while (!state_.sizes.empty() && state_.sizes.back().seq > seq)
        state_.sizes.pop_back();
    state_.bytes = state_.sizes.empty() ? state_.bytes_cut : state_.sizes.back().bytes_until;
    return {};
}

void OperationLog::keep_ids_of_cut(OpSeq seq, store::WriteBatch& batch) const {
    const auto& entries = state_.recent.entries();
    const auto begin = std::lower_bound(
        entries.begin(), entries.end(), state_.first,
        [](const RecentOperations::Entry& entry, OpSeq at) { return entry.seq < at; });
    for (auto entry = begin; entry != entries.end() && entry->seq < seq; ++entry) {
        batch.put(engine::kMetaFamily, id_key(entry->seq), encode_id(entry->id));
    }
    const auto oldest = state_.recent.oldest();
    if (oldest.value > 0) {
        batch.erase_range(engine::kMetaFamily, id_key(OpSeq(0)), id_key(oldest));
    }
}

Status OperationLog::cut_before(OpSeq seq) {
    store::WriteBatch batch;
    OpSeq first;
    {
        const std::lock_guard lock(mutex_);
        seq = std::min(seq, state_.applied);
        if (seq <= state_.first) return {};
        first = state_.first;
        keep_ids_of_cut(seq, batch);
    }
    batch.erase_range(engine::kLogFamily, log_key(first), log_key(seq));
    if (fault_point("shard.log.cut")) return Error{ErrorCode::kIo, "fault: shard.log.cut"};
    QD_TRY(store_.write(batch, store::Sync::kSync));
    {
        const std::lock_guard lock(mutex_);
        state_.first = seq;
        while (!state_.sizes.empty() && state_.sizes.front().seq < seq) {
            state_.bytes_cut = state_.sizes.front().bytes_until;
            state_.sizes.pop_front();
        }
    }
    return store_.reclaim(engine::kLogFamily, log_key(first), log_key(seq));
}

Result<std::vector<LogRecord>> OperationLog::read_from(OpSeq first, std::size_t bytes_max) const {
    OpSeq last;
    {
        const std::lock_guard lock(mutex_);
        last = state_.last.seq;
        if (first > last) return std::vector<LogRecord>();
        if (first < state_.first) {
            return Error{ErrorCode::kNotFound,
                         fmt::format("operation log starts at {}, record {} was cut",
                                     state_.first.value, first.value)};
        }
    }
    std::vector<LogRecord> out;
    std::size_t bytes = 0;
    auto rows = store_.iterate(engine::kLogFamily, log_key(first), log_key(next(last)));
    for (OpSeq wanted = first; rows->valid() && bytes < bytes_max;
         rows->next(), wanted = next(wanted)) {
        QD_ASSIGN(auto record, decode_log_record(identity_, rows->key(), rows->value()));
        if (record.position.seq != wanted) break;
        bytes += rows->value().size();
        out.push_back(std::move(record));
    }
    QD_TRY(rows->status());
    if (out.empty() && bytes_max > 0) {
        return Error{ErrorCode::kChecksum,
                     fmt::format("operation log: record {} is missing", first.value)};
    }
    return out;
}

LogPosition OperationLog::last() const {
    const std::lock_guard lock(mutex_);
    return state_.last;
}

OpSeq OperationLog::first() const {
    const std::lock_guard lock(mutex_);
    return state_.first;
}

std::vector<EpochStart> OperationLog::epoch_history() const {
    const std::lock_guard lock(mutex_);
    return state_.epochs;
}

std::optional<OpSeq> OperationLog::find(OperationId id) const {
    const std::lock_guard lock(mutex_);
    return state_.recent.find(id);
}

std::uint64_t OperationLog::bytes_behind(OpSeq seq) const {
    const std::lock_guard lock(mutex_);
    const auto& sizes = state_.sizes;
    // The last mark at or before `seq`.
    auto mark = std::upper_bound(sizes.begin(), sizes.end(), seq,
                                 [](OpSeq at, const SizeMark& m) { return at < m.seq; });
    if (mark == sizes.begin()) return state_.bytes - state_.bytes_cut;
    return state_.bytes - std::prev(mark)->bytes_until;
}

OpSeq OperationLog::start_of_tail(std::uint64_t bytes) const {
    const std::lock_guard lock(mutex_);
    if (state_.bytes - state_.bytes_cut <= bytes) return state_.first;
    for (const auto& mark : state_.sizes) {
        if (state_.bytes - mark.bytes_until <= bytes) return next(mark.seq);
    }
    return next(state_.last.seq);
}

}  // namespace qdrantd::shard
