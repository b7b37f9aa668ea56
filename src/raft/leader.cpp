// SPDX-License-Identifier: Apache-2.0
// What a leader does with its followers' answers and with its clock. What it takes in from its own
// peer and from others (proposals, reads, transfers) is in leader_requests.cpp.
#include <qdrantd/common/assert.hpp>

#include "raft/core.hpp"
#include "raft/mutant.hpp"

namespace qdrantd::raft {

void Core::tick_leader() {
    ++heartbeat_elapsed_;
    ++election_elapsed_;
    if (election_elapsed_ >= config_.election_ticks) {
        election_elapsed_ = 0;
        if (!tracker_.quorum_active(conf(), id()) && !mutant(Mutant::kNoCheckQuorum)) {
            emit(EventKind::kQuorumLost);
            become_follower(term_, kNoPeer);
            return;
        }
    }
    if (transfer_target_ != kNoPeer && ++transfer_elapsed_ >= config_.election_ticks)
        abort_transfer();
    for (auto& [peer, progress] : tracker_.peers()) {
        if (!progress.snapshot_timed_out(config_.snapshot_ticks)) continue;
        emit(EventKind::kSnapshotTimedOut, peer, progress.pending_snapshot());
        progress.abort_snapshot();
    }
    if (heartbeat_elapsed_ < config_.heartbeat_ticks) return;
    heartbeat_elapsed_ = 0;
    broadcast_heartbeat();
    confirm_reads();
}

void Core::become_leader() {
    reset(term_, id());
    role_ = Role::kLeader;
    tracker_.reset(conf(), log_.last_index());
    count_inherited();
    emit(EventKind::kBecameLeader, kNoPeer, log_.last_index());
    term_start_ = log_.last_index() + 1;
    if (auto* own = tracker_.find(id())) own->acknowledged(log_.stable_index());
    // Entries of older terms are committed only together with one of this term (paper, 5.4.2), so
    // there is always one.
    append_to_log(EntryKind::kNoop, {});
}

Status Core::step_leader(const Message& message) {
    switch (message.kind) {
        case MessageKind::kAppend:
        case MessageKind::kHeartbeat:
        case MessageKind::kSnapshot:
            return Error{ErrorCode::kInternal, "two leaders in one term"};
        case MessageKind::kPropose:
            handle_forwarded_proposal(message);
            return {};
        case MessageKind::kReadIndex:
            // A refusal is not told: the follower gives the read up by itself.
            ignore_result(handle_read_request(message.from, message.read),
                          "the follower's read expires");
            return {};
        case MessageKind::kTransferLeader:
            if (message.target != id() && conf().is_voter(message.target))
                start_transfer(message.target);
            return {};
        default:
            break;
    }
    auto* progress = tracker_.find(message.from);
    if (progress == nullptr) {
        emit(EventKind::kIgnoredNonMember, message.from);
        return {};
    }
    if (message.joining && conf().is_voter(message.from)) {
        // A voter that lost its disk: what it acknowledged and voted before is forgotten, so
        // nothing it says now may count. It must be removed, and join anew.
        emit(EventKind::kLogLost, message.from, progress->match());
        return {};
    }
    if (message.kind == MessageKind::kAppendResponse) {
        progress->recently_active = true;
        if (message.index == 0) return {};  // says only which term the peer is in
        if (message.reject) {
            handle_refused_append(message, *progress);
        } else {
            handle_append_response(message, *progress);
        }
    } else if (message.kind == MessageKind::kHeartbeatResponse) {
        progress->recently_active = true;
        handle_heartbeat_response(message, *progress);
    }
    return {};
}

void Core::handle_append_response(const Message& message, Progress& progress) {
    if (message.index > log_.last_index()) return;  // nothing this leader ever sent
    if (!message.joining && message.index >= progress.added_at) progress.can_vote = true;
    const bool was_paused = progress.paused();
    const bool moved = progress.acknowledged(message.index);
    if (!moved && !(progress.state() == ProgressState::kProbe && message.index == progress.match()))
        return;
    const bool in_snapshot = progress.state() == ProgressState::kSnapshot;
    if (progress.state() == ProgressState::kProbe ||
        (in_snapshot && (progress.match() >= progress.pending_snapshot() ||
                         progress.match() + 1 >= log_.first_index()))) {
        progress.become_replicate();
    }
    const bool committed = maybe_commit();
    if (committed) {
        broadcast_append();
    } else if (was_paused) {
        send_append(message.from, progress, true);
    }
    while (send_append(message.from, progress, false)) {
    }
    if (message.from == transfer_target_ && progress.match() == log_.last_index()) {
        send_timeout_now(message.from);
    }
    if (committed) leader_committed();
}

void Core::handle_refused_append(const Message& message, Progress& progress) {
    if (mutant(Mutant::kRejectIgnored)) return;
    Index hint = std::min(message.hint_index, log_.last_index());
    if (message.hint_term > 0) hint = log_.last_at_or_below(hint, message.hint_term).index;
    if (!progress.trusted() && message.index <= progress.match()) {
        // What it seemed to have belonged to an earlier life of this id.
        progress.regress(hint);
    } else if (!progress.refused(message.index, hint)) {
        return;
    }
    send_append(message.from, progress, true);
}

void Core::handle_heartbeat_response(const Message& message, Progress& progress) {
    if (message.round <= reads_.round()) {
        progress.acked_round = std::max(progress.acked_round, message.round);
    }
    progress.resume_probe();
    if (progress.window_full()) {
        send_window_probe(message.from, progress);
    } else if (progress.match() < log_.last_index() || !progress.can_vote ||
               progress.state() == ProgressState::kProbe) {
        send_append(message.from, progress, true);
    }
    confirm_reads();
}

bool Core::maybe_commit() {
    const Index index = tracker_.committed(conf());
    if (index <= log_.committed()) return false;
    // Counting replicas commits only entries of this term (paper, figure 8).
    if (log_.term(index) != term_ && !mutant(Mutant::kCommitOldTerm)) return false;
    return commit_to(index);
}

void Core::leader_committed() {
    while (!uncommitted_.empty() && uncommitted_.front().first <= log_.committed()) {
        uncommitted_bytes_ -= uncommitted_.front().second;
        uncommitted_.pop_front();
    }
    if (committed_in_term() && reads_.release(log_.committed())) {
        broadcast_heartbeat();
        confirm_reads();
    }
    if (!history_.latest_is_committed()) return;
    // Peers that left have just been told the commit of their removal, if they listen.
    tracker_.keep_only(conf());
    finish_removal();
}

void Core::finish_removal() {
    if (conf().is_voter(id()) || mutant(Mutant::kRemovedLeaderStays)) return;
    emit(EventKind::kRemovedSelf);
    // Only to spare the others an election timeout.
    const PeerId successor = tracker_.most_complete_voter(conf(), id());
    if (successor != kNoPeer && tracker_.find(successor)->match() == log_.last_index()) {
        send_timeout_now(successor);
    }
    become_follower(term_, kNoPeer);
}

void Core::broadcast_append() {
    for (auto& [peer, progress] : tracker_.peers()) {
        if (peer == id()) continue;
        send_append(peer, progress, progress.told_commit < log_.committed());
    }
}

void Core::broadcast_heartbeat() {
    for (const auto& [peer, progress] : tracker_.peers()) {
        if (peer != id()) send_heartbeat(peer, progress);
    }
}

void Core::send_heartbeat(PeerId peer, const Progress& progress) {
    auto message = make(MessageKind::kHeartbeat, peer);
    // A follower takes this without looking at its log, so it must not reach past what it has.
    message.commit = progress.trusted() ? std::min(progress.match(), log_.committed()) : 0;
    if (mutant(Mutant::kHeartbeatCommitUnbounded)) message.commit = log_.committed();
    message.round = reads_.round();
    send(std::move(message));
}

Message Core::make_append(PeerId peer, Progress& progress, Term previous_term) {
    auto message = make(MessageKind::kAppend, peer);
    message.index = progress.next() - 1;
    message.log_term = previous_term;
    message.commit = log_.committed();
    message.joining = conf().is_learner(peer);
    progress.told_commit = message.commit;
    return message;
}

bool Core::send_append(PeerId peer, Progress& progress, bool even_empty) {
    if (progress.paused()) return false;
    const auto previous_term = log_.term(progress.next() - 1);
    if (!previous_term) return send_snapshot(peer, progress);
    std::vector<Entry> entries;
    if (progress.next() <= log_.last_index()) {
        auto read = log_.entries(progress.next(), log_.last_index(), config_.max_message_bytes);
        if (!read.ok()) {
            // A disk that fails now is asked again with the next heartbeat.
            return read.error().code == ErrorCode::kNotFound && send_snapshot(peer, progress);
        }
        entries = std::move(read).value();
    }
    if (entries.empty() && !even_empty) return false;
    auto message = make_append(peer, progress, *previous_term);
    std::size_t bytes = 0;
    for (const auto& entry : entries)
        bytes += entry_bytes(entry);
    progress.sent_entries(entries.size(), bytes);
    message.entries = std::move(entries);
    send(std::move(message));
    return true;
}

void Core::send_window_probe(PeerId peer, Progress& progress) {
    const auto previous_term = log_.term(progress.next() - 1);
    if (previous_term) {
        send(make_append(peer, progress, *previous_term));
        return;
    }
    // What is under way was compacted meanwhile; should it be lost, only a snapshot helps.
    progress.become_probe();
    send_append(peer, progress, true);
}

bool Core::send_snapshot(PeerId peer, Progress& progress) {
    if (!progress.recently_active) return false;  // nobody is there to take it
    auto snapshot = log_.snapshot();
    if (!snapshot.ok()) return false;  // being made; asked for again with the next answer
    QD_ASSERT(*snapshot != nullptr && (*snapshot)->index + 1 >= log_.first_index());
    emit(EventKind::kSnapshotSent, peer, (*snapshot)->index, (*snapshot)->term);
    progress.become_snapshot((*snapshot)->index);
    auto message = make(MessageKind::kSnapshot, peer);
    message.snapshot = std::move(snapshot).value();
    send(std::move(message));
    return true;
}

void Core::report_unreachable(PeerId peer) {
    auto* progress = tracker_.find(peer);
    if (role_ != Role::kLeader || progress == nullptr) return;
    if (progress->state() == ProgressState::kReplicate) progress->become_probe();
}

void Core::report_snapshot(PeerId peer, bool delivered) {
    auto* progress = tracker_.find(peer);
    if (role_ != Role::kLeader || progress == nullptr) return;
    if (progress->state() != ProgressState::kSnapshot) return;
    if (delivered) {
        progress->become_probe();
    } else {
        progress->abort_snapshot();
    }
}

}  // namespace qdrantd::raft
