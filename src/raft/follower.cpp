// SPDX-License-Identifier: Apache-2.0
// What a follower does, and what every role does with a leader's messages once it follows.
#include <qdrantd/common/assert.hpp>

#include "raft/core.hpp"
#include "raft/mutant.hpp"

namespace qdrantd::raft {

void Core::tick_follower() {
    ++election_elapsed_;
    if (election_elapsed_ < election_timeout_ || !promotable()) return;
    election_elapsed_ = 0;
    start_campaign(mutant(Mutant::kNoPreVote) ? Campaign::kVote : Campaign::kPreVote);
}

Status Core::forward(Message message) {
    if (leader_ == kNoPeer) return Error{ErrorCode::kUnavailable, "no leader is known"};
    send(std::move(message));
    return {};
}

Status Core::step_follower(const Message& message) {
    switch (message.kind) {
        case MessageKind::kAppend:
        case MessageKind::kHeartbeat:
        case MessageKind::kSnapshot:
            if (leader_ != kNoPeer && leader_ != message.from) {
                return Error{ErrorCode::kInternal, "two leaders in one term"};
            }
            leader_ = message.from;
            election_elapsed_ = 0;
            if (message.kind == MessageKind::kAppend) return handle_append(message);
            if (message.kind == MessageKind::kSnapshot) return handle_snapshot(message);
            handle_heartbeat(message);
            return {};
        case MessageKind::kTimeoutNow:
            if (message.from == leader_ && promotable()) start_campaign(Campaign::kForced);
            return {};
        case MessageKind::kReadIndexResponse:
            if (message.from == leader_ && forwarded_.answered(message.read)) {
                read_states_.push_back({message.read, message.index});
            }
            return {};
        case MessageKind::kPropose:
            // Sent on only once, so that two peers that take each other for the leader do not play
            // ball.
            emit(EventKind::kProposalDropped, message.from);
            return {};
        default:
            return {};
    }
}

Status Core::handle_append(const Message& message) {
    auto answer = make(MessageKind::kAppendResponse, message.from);
    if (message.index < log_.committed()) {
        // An old message. What is committed is known to match; the entries are not looked at, so
        // nothing that was acknowledged since is cut off.
        answer.index = log_.committed();
        answer.joining = joining_;
        send_after_sync(std::move(answer));
        return {};
    }
    if (!log_.matches({message.index, message.log_term}) &&
        !mutant(Mutant::kAppendSkipsPreviousCheck)) {
        const auto hint = log_.last_at_or_below(message.index, message.log_term);
        answer.index = message.index;
        answer.reject = true;
        answer.hint_index = hint.index;
        answer.hint_term = hint.term;
        answer.joining = joining_;
        send_after_sync(std::move(answer));
        return {};
    }
    if (message.index > log_.last_index()) return {};  // only with the check switched off
    QD_TRY(take_entries(message));
    const Index last = message.index + message.entries.size();
    // Only what this message covers is known to match the leader's log.
    commit_to(std::min(message.commit, last));
    if (message.joining && log_.committed() == message.commit && !conf().voters.empty()) {
        joining_ = false;
    }
    answer.joining = joining_;
    answer.index = last;
    if (mutant(Mutant::kAckBeforeSync)) {
        send(std::move(answer));
        return {};
    }
    send_after_sync(std::move(answer));
    return {};
}

Status Core::take_entries(const Message& message) {
    Index from = log_.find_conflict(message.entries);
    if (mutant(Mutant::kTruncateOnAnyAppend) && from == 0 && !message.entries.empty()) {
        from = std::max(message.entries.front().index, log_.committed() + 1);
        if (from > message.entries.back().index) return {};
    }
    if (from == 0) return {};
    if (from <= log_.committed()) {
        return Error{ErrorCode::kInternal, "append contradicts a committed entry"};
    }
    if (from <= log_.last_index()) {
        emit(EventKind::kLogTruncated, kNoPeer, from);
        if (!mutant(Mutant::kConfigKeptAfterTruncation) && history_.truncate_from(from)) {
            emit(EventKind::kConfigRolledBack, kNoPeer, history_.latest().index);
        }
    }
    const auto skip = static_cast<std::ptrdiff_t>(from - message.entries.front().index);
    const std::vector<Entry> fresh(message.entries.begin() + skip, message.entries.end());
    log_.append(fresh);
    for (const auto& entry : fresh) {
        if (entry.kind != EntryKind::kConfig) continue;
        auto decoded = decode_conf_entry(entry.data);
        QD_ASSERT(decoded.ok());  // validate() has seen it
        if (mutant(Mutant::kConfigKeptAfterTruncation) && entry.index <= history_.latest().index)
            continue;
        adopt_conf(entry.index, std::move(decoded->conf));
    }
    return {};
}

void Core::handle_heartbeat(const Message& message) {
    if (message.commit > log_.last_index()) {
        // The leader tells only what this peer once acknowledged: it has lost a part of its log.
        emit(EventKind::kLogLost, message.from, message.commit);
        if (mutant(Mutant::kHeartbeatCommitUnbounded)) commit_to(log_.last_index());
    } else {
        commit_to(message.commit);
    }
    auto answer = make(MessageKind::kHeartbeatResponse, message.from);
    answer.round = message.round;
    answer.joining = joining_;
    send_after_sync(std::move(answer));
}

Status Core::handle_snapshot(const Message& message) {
    const auto& snapshot = *message.snapshot;
    auto answer = make(MessageKind::kAppendResponse, message.from);
    if (install(message.snapshot)) {
        emit(EventKind::kSnapshotInstalled, message.from, snapshot.index, snapshot.term);
        answer.index = log_.last_index();
    } else {
        emit(EventKind::kSnapshotIgnored, message.from, snapshot.index, snapshot.term);
        answer.index = log_.committed();
    }
    answer.joining = joining_;
    send_after_sync(std::move(answer));
    return {};
}

bool Core::install(const std::shared_ptr<const Snapshot>& snapshot) {
    if (!mutant(Mutant::kOldSnapshotInstalled)) {
        if (snapshot->index <= log_.committed()) return false;
        if (log_.matches({snapshot->index, snapshot->term})) {
            // The log has it all, and maybe more: nothing is dropped, it is only known to be
            // committed.
            commit_to(snapshot->index);
            return false;
        }
    }
    // The log contradicts the snapshot or does not reach it: none of it may stay, not even behind
    // it.
    if (mutant(Mutant::kLogKeptAfterSnapshot)) {
        log_.restore_keeping_tail(snapshot);
    } else {
        log_.restore(snapshot);
    }
    if (!mutant(Mutant::kConfigNotFromSnapshot) || history_.latest().conf.voters.empty()) {
        history_.reset(snapshot->index, snapshot->conf);
    }
    return true;
}

}  // namespace qdrantd::raft
