// SPDX-License-Identifier: Apache-2.0
#include "raft/raft_log.hpp"

#include <algorithm>

#include <qdrantd/common/assert.hpp>

#include "raft/mutant.hpp"

namespace qdrantd::raft {

RaftLog::RaftLog(const LogReader& log, Index committed, Index applied)
    : log_(&log), unstable_(log.last_index() + 1), committed_(committed), applied_(applied) {
    QD_ASSERT(applied_ <= committed_);
    QD_ASSERT(committed_ <= log.last_index());
}

Index RaftLog::first_index() const {
    if (unstable_.snapshot()) return unstable_.snapshot()->index + 1;
    return log_->first_index();
}

Index RaftLog::last_index() const {
    if (const auto last = unstable_.last_index()) return *last;
    // Durable entries behind the offset are already cut off as far as the protocol is concerned.
    return unstable_.offset() - 1;
}

Term RaftLog::last_term() const {
    const auto last = term(last_index());
    QD_ASSERT(last.has_value());
    return *last;
}

std::optional<Term> RaftLog::term(Index index) const {
    if (const auto found = unstable_.term(index)) return found;
    if (index >= unstable_.offset() || unstable_.snapshot()) return std::nullopt;
    if (index + 1 < log_->first_index()) return std::nullopt;
    return log_->term(index);
}

bool RaftLog::up_to_date(LogPosition last) const {
    if (mutant(Mutant::kVoteComparesIndexFirst)) return last.index >= last_index();
    return last.term > last_term() || (last.term == last_term() && last.index >= last_index());
}

Result<std::vector<Entry>> RaftLog::entries(Index low, Index last, std::size_t max_bytes) const {
    std::vector<Entry> found;
    const Index end = std::min(last, last_index()) + 1;
    if (low >= end) return found;
    if (low < first_index()) return Error{ErrorCode::kNotFound, "log is compacted"};
    std::size_t bytes = 0;
    if (low < unstable_.offset()) {
        const Index durable_end = std::min(end, unstable_.offset());
        QD_ASSIGN(found, log_->entries(low, durable_end, max_bytes));
        QD_ASSERT(!found.empty() && found.front().index == low);
        if (found.back().index + 1 < durable_end) return found;
        for (const auto& entry : found)
            bytes += entry_bytes(entry);
    }
    for (Index at = std::max(low, unstable_.offset()); at < end; ++at) {
        const auto& entry = unstable_.entries()[at - unstable_.offset()];
        bytes += entry_bytes(entry);
        if (bytes > max_bytes && !found.empty()) break;
        found.push_back(entry);
    }
    return found;
}

Result<std::shared_ptr<const Snapshot>> RaftLog::snapshot() const {
    if (unstable_.snapshot()) return unstable_.snapshot();
    return log_->snapshot();
}

Index RaftLog::find_conflict(const std::vector<Entry>& entries) const {
    for (const auto& entry : entries) {
        if (!matches({entry.index, entry.term})) return entry.index;
    }
    return 0;
}

LogPosition RaftLog::last_at_or_below(Index index, Term highest) const {
    index = std::min(index, last_index());
    for (; index > 0; --index) {
        const auto here = term(index);
        if (!here)
            return {index, 0};  // compacted: the term is not known, so the leader tries just here
        if (*here <= highest) return {index, *here};
    }
    return {0, 0};
}

void RaftLog::append(const std::vector<Entry>& entries) {
    if (entries.empty()) return;
    QD_ASSERT(entries.front().index > committed_);
    QD_ASSERT(entries.front().index <= last_index() + 1);
    unstable_.append(entries);
}

bool RaftLog::commit_to(Index index) {
    if (index <= committed_) return false;
    QD_ASSERT(index <= last_index());
    committed_ = index;
    return true;
}

void RaftLog::applied_to(Index index) {
    QD_ASSERT(index <= committed_);
    applied_ = std::max(applied_, index);
}

void RaftLog::restore(std::shared_ptr<const Snapshot> snapshot) {
    committed_ = snapshot->index;
    unstable_.restore(std::move(snapshot));
}

void RaftLog::restore_keeping_tail(const std::shared_ptr<const Snapshot>& snapshot) {
    std::vector<Entry> tail;
    if (last_index() > snapshot->index) {
        auto read = entries(snapshot->index + 1, last_index(), SIZE_MAX);
        if (read.ok()) tail = std::move(read).value();
    }
    restore(snapshot);
    append(tail);
}

}  // namespace qdrantd::raft
