// SPDX-License-Identifier: Apache-2.0
// What a leader is asked to do: append, change the membership, confirm reads, hand over.
#include <qdrantd/common/assert.hpp>

#include "raft/core.hpp"
#include "raft/mutant.hpp"

namespace qdrantd::raft {

void Core::count_uncommitted(const Entry& entry) {
    uncommitted_.emplace_back(entry.index, entry_bytes(entry));
    uncommitted_bytes_ += entry_bytes(entry);
}

// What earlier leaders left uncommitted takes room, too. A page that cannot be read now ends the
// count: the limit is then wider than asked for, by what an earlier leader was allowed at most.
void Core::count_inherited() {
    Index next = log_.committed() + 1;
    while (next <= log_.last_index()) {
        const auto page = log_.entries(next, log_.last_index(), config_.max_message_bytes);
        if (!page.ok()) return;
        for (const auto& entry : *page)
            count_uncommitted(entry);
        next = page->back().index + 1;
    }
}

Status Core::check_room(std::size_t bytes) const {
    // One proposal is always allowed, or a limit below its size would refuse it for ever.
    if (uncommitted_bytes_ == 0 || uncommitted_bytes_ + bytes <= config_.max_uncommitted_bytes ||
        mutant(Mutant::kUncommittedUnbounded)) {
        return {};
    }
    return Error{ErrorCode::kUnavailable, "too many entries wait to be committed"};
}

Status Core::append_own(EntryKind kind, std::string data) {
    if (transfer_target_ != kNoPeer) {
        return Error{ErrorCode::kUnavailable, "leadership is being handed over"};
    }
    QD_TRY(check_room(data.size() + kEntryOverheadBytes));
    append_to_log(kind, std::move(data));
    return {};
}

void Core::append_to_log(EntryKind kind, std::string data) {
    Entry entry;
    entry.index = log_.last_index() + 1;
    entry.term = term_;
    entry.kind = kind;
    entry.data = std::move(data);
    count_uncommitted(entry);
    log_.append({entry});
    if (kind == EntryKind::kConfig) {
        auto decoded = decode_conf_entry(entry.data);
        QD_ASSERT(decoded.ok());  // made by checked_conf_entry
        adopt_conf(entry.index, std::move(decoded->conf));
        // Peers that leave stay in the tracker until that is committed, to be told; they count for
        // nothing.
        tracker_.add_members(conf(), log_.last_index(), entry.index);
    }
    if (mutant(Mutant::kSelfAckBeforeSync)) {
        if (auto* own = tracker_.find(id())) own->acknowledged(log_.last_index());
    }
    broadcast_append();
}

Result<std::string> Core::checked_conf_entry(const ConfChange& change) const {
    // Ongaro's correction: without a committed entry of this term, an older change that this leader
    // does not know of may be committed elsewhere, two changes away from this one, and majorities
    // would not intersect.
    if (!committed_in_term() && !mutant(Mutant::kConfigBeforeNoop)) {
        return Error{ErrorCode::kUnavailable,
                     "the leader has not committed an entry of its term yet"};
    }
    if (!history_.latest_is_committed() && !mutant(Mutant::kTwoUncommittedConfigs)) {
        return Error{ErrorCode::kUnavailable, "another membership change is not committed yet"};
    }
    QD_ASSIGN(auto next, apply_conf_change(conf(), change));
    if (change.kind == ConfChangeKind::kPromote && !mutant(Mutant::kPromoteEmptyLearner)) {
        // It must hold, durably and in this life, an entry of this term, so that it cannot vote for
        // a candidate of this or an older term once more; and it must be able to vote, or an
        // election could wait for its vote for ever.
        const auto* progress = tracker_.find(change.peer);
        if (progress == nullptr || !progress->can_vote ||
            progress->match() < std::max(term_start_, progress->added_at)) {
            return Error{ErrorCode::kUnavailable, "the learner has not caught up yet"};
        }
    }
    return encode_conf_entry({change, std::move(next)});
}

void Core::handle_forwarded_proposal(const Message& message) {
    for (const auto& entry : message.entries) {
        Status done;
        if (entry.data.size() > config_.max_entry_bytes) {
            done = Error{ErrorCode::kBadInput, "proposal is larger than max_entry_bytes"};
        } else if (entry.kind == EntryKind::kData) {
            done = append_own(entry.kind, entry.data);
        } else if (entry.kind == EntryKind::kConfig) {
            const auto asked = decode_conf_entry(entry.data);
            auto data =
                asked.ok() ? checked_conf_entry(asked->change) : Result<std::string>(asked.error());
            done =
                data.ok() ? append_own(entry.kind, std::move(data).value()) : Status(data.error());
        } else {
            done = Error{ErrorCode::kBadInput, "proposal of an unknown kind"};
        }
        if (!done.ok()) emit(EventKind::kProposalDropped, message.from);
    }
}

Status Core::handle_read_request(PeerId from, ReadId read) {
    if (reads_.size() >= config_.max_pending_reads) {
        return Error{ErrorCode::kUnavailable, "too many reads are waiting"};
    }
    if (mutant(Mutant::kReadWithoutRound)) {
        answer_read({from, read, log_.committed(), 0});
        return {};
    }
    if (!committed_in_term() && !mutant(Mutant::kReadBeforeOwnTerm)) {
        // Only an entry of this term proves that everything committed before is known to be so
        // here.
        reads_.add_waiting(from, read);
        return {};
    }
    reads_.add(from, read, log_.committed());
    broadcast_heartbeat();
    confirm_reads();
    return {};
}

void Core::confirm_reads() {
    for (const auto& request : reads_.take_confirmed(tracker_.confirmed_round(conf(), id()))) {
        answer_read(request);
    }
}

void Core::answer_read(const ReadQueue::Request& request) {
    if (request.from == id()) {
        read_states_.push_back({request.id, request.index});
        return;
    }
    auto answer = make(MessageKind::kReadIndexResponse, request.from);
    answer.index = request.index;
    answer.read = request.id;
    send(std::move(answer));
}

void Core::start_transfer(PeerId target) {
    if (transfer_target_ == target) return;
    abort_transfer();
    auto* progress = tracker_.find(target);
    QD_ASSERT(progress != nullptr);
    transfer_target_ = target;
    transfer_elapsed_ = 0;
    emit(EventKind::kTransferStarted, target);
    if (progress->match() == log_.last_index()) {
        send_timeout_now(target);
    } else {
        send_append(target, *progress, false);
    }
}

void Core::abort_transfer() {
    if (transfer_target_ == kNoPeer) return;
    emit(EventKind::kTransferAborted, transfer_target_);
    transfer_target_ = kNoPeer;
}

void Core::send_timeout_now(PeerId peer) { send(make(MessageKind::kTimeoutNow, peer)); }

}  // namespace qdrantd::raft
