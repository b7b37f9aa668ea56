// SPDX-License-Identifier: Apache-2.0
// Elections: a pre-vote asks whether an election could be won, without touching any term; then the
// election.
#include <qdrantd/common/assert.hpp>

#include "raft/core.hpp"
#include "raft/mutant.hpp"

namespace qdrantd::raft {

Status Core::campaign() {
    if (role_ == Role::kLeader) return {};
    if (!promotable()) return Error{ErrorCode::kUnavailable, "this peer may not lead"};
    start_campaign(Campaign::kPreVote);
    return {};
}

void Core::start_campaign(Campaign kind) {
    if (kind != Campaign::kPreVote) {
        become_candidate(kind);
        return;
    }
    // The term and the vote stay; nothing of this needs to be durable.
    reset(term_, kNoPeer);
    role_ = Role::kPreCandidate;
    if (!mutant(Mutant::kMatchKeptOverTerms)) tracker_.clear();
    emit(EventKind::kBecamePreCandidate);
    ask_for_votes(kind);
    record_vote(id(), true);
}

void Core::become_candidate(Campaign kind) {
    reset(term_ + 1, kNoPeer);
    role_ = Role::kCandidate;
    vote_ = id();
    // Counted in on_durable(): until then a crash could make this peer forget it, and vote again.
    own_vote_pending_ = true;
    emit(EventKind::kBecameCandidate);
    ask_for_votes(kind);
}

void Core::ask_for_votes(Campaign kind) {
    const bool pre = kind == Campaign::kPreVote;
    for (const auto peer : conf().voters) {
        if (peer == id()) continue;
        auto message = make(pre ? MessageKind::kPreVote : MessageKind::kVote, peer);
        if (pre) message.term = term_ + 1;
        message.index = log_.last_index();
        message.log_term = log_.last_term();
        message.force = kind == Campaign::kForced;
        send_after_sync(std::move(message));
    }
}

Status Core::step_candidate(const Message& message) {
    switch (message.kind) {
        case MessageKind::kAppend:
        case MessageKind::kHeartbeat:
        case MessageKind::kSnapshot:
            become_follower(message.term, message.from);
            return step_follower(message);
        case MessageKind::kPreVoteResponse:
            if (role_ != Role::kPreCandidate) return {};
            if (!message.reject && message.term != term_ + 1) return {};  // of an older attempt
            record_vote(message.from, !message.reject);
            return {};
        case MessageKind::kVoteResponse:
            if (role_ == Role::kCandidate) record_vote(message.from, !message.reject);
            return {};
        case MessageKind::kPropose:
            emit(EventKind::kProposalDropped, message.from);
            return {};
        default:
            return {};
    }
}

void Core::record_vote(PeerId from, bool granted) {
    votes_.try_emplace(from, granted);
    std::size_t yes = 0;
    std::size_t no = 0;
    for (const auto& [peer, vote] : votes_) {
        if (!conf().is_voter(peer) && !mutant(Mutant::kVoteOfNonVoterCounted)) continue;
        (vote ? yes : no) += 1;
    }
    if (mutant(Mutant::kVoteQuorumOffByOne) && conf().voters.size() > 1) ++yes;
    switch (tally(conf().voters.size(), yes, no)) {
        case VoteResult::kPending:
            return;
        case VoteResult::kLost:
            become_follower(term_, kNoPeer);
            return;
        case VoteResult::kWon:
            if (role_ == Role::kPreCandidate) {
                become_candidate(Campaign::kVote);
            } else {
                become_leader();
            }
            return;
    }
}

}  // namespace qdrantd::raft
