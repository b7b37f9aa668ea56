// SPDX-License-Identifier: Apache-2.0
#include "raft/core.hpp"

#include <qdrantd/common/assert.hpp>

#include "raft/mutant.hpp"

namespace qdrantd::raft {

#ifdef QD_RAFT_MUTANTS
thread_local Mutant active_mutant = Mutant::kNone;
#endif

Core::Core(const Config& config, const LogReader& log, EventSink& events,
           const InitialState& initial, ConfHistory history)
    : config_(config),
      events_(&events),
      random_(config.seed),
      read_nonce_(mutant(Mutant::kReadNonceReused) ? 1 : random_.next()),
      log_(log, initial.hard_state.commit, initial.applied),
      history_(std::move(history)),
      term_(initial.hard_state.term),
      vote_(initial.hard_state.vote),
      joining_(initial.hard_state.joining ||
               (initial.conf.voters.empty() && initial.hard_state == HardState{})),
      tracker_(config_),
      told_hard_state_(initial.hard_state) {
    draw_election_timeout();
}

void Core::tick() {
    for (const auto id : forwarded_.tick(config_.election_ticks))
        lost_reads_.push_back(id);
    if (role_ == Role::kLeader) {
        tick_leader();
    } else {
        tick_follower();
    }
}

bool Core::promotable() const {
    const bool voter = conf().is_voter(id()) || history_.committed().conf.is_voter(id());
    return voter && !log_.unstable().snapshot() && (!joining_ || mutant(Mutant::kJoiningPeerVotes));
}

void Core::draw_election_timeout() {
    election_timeout_ =
        config_.election_ticks + static_cast<std::uint32_t>(random_.below(config_.election_ticks));
}

void Core::emit(EventKind kind, PeerId peer, Index index, Term log_term) const {
    events_->on_event({kind, config_.id, term_, peer, index, log_term});
}

Message Core::make(MessageKind kind, PeerId to) const {
    Message message;
    message.kind = kind;
    message.from = config_.id;
    message.to = to;
    message.term = term_;
    return message;
}

ReadId Core::next_read_id() { return {read_nonce_, ++read_sequence_}; }

void Core::lose_forwarded_reads() {
    for (const auto id : forwarded_.take_all())
        lost_reads_.push_back(id);
}

void Core::reset(Term term, PeerId leader) {
    if (term != term_) {
        QD_ASSERT(term > term_);
        term_ = term;
        vote_ = kNoPeer;
    }
    leader_ = leader;
    election_elapsed_ = 0;
    heartbeat_elapsed_ = 0;
    draw_election_timeout();
    votes_.clear();
    own_vote_pending_ = false;
    transfer_target_ = kNoPeer;
    transfer_elapsed_ = 0;
    uncommitted_bytes_ = 0;
    uncommitted_.clear();
    for (const auto& request : reads_.reset()) {
        if (request.from == id()) lost_reads_.push_back(request.id);
    }
    lose_forwarded_reads();
}

void Core::become_follower(Term term, PeerId leader) {
    reset(term, leader);
    role_ = Role::kFollower;
    if (!mutant(Mutant::kMatchKeptOverTerms)) tracker_.clear();
    emit(EventKind::kBecameFollower, leader);
}

// Messages that only a member may send with effect. Requests of leaders and candidates are not
// among them: a peer that is far behind does not know its newest fellow members yet, and must still
// follow them and vote for them.
bool Core::speaks_to_members_only(MessageKind kind) const {
    switch (kind) {
        case MessageKind::kPreVoteResponse:
        case MessageKind::kVoteResponse:
        case MessageKind::kAppendResponse:
        case MessageKind::kHeartbeatResponse:
        case MessageKind::kPropose:
        case MessageKind::kReadIndex:
        case MessageKind::kTransferLeader:
            return true;
        case MessageKind::kPreVote:
        case MessageKind::kVote:
        case MessageKind::kAppend:
        case MessageKind::kHeartbeat:
        case MessageKind::kSnapshot:
        case MessageKind::kReadIndexResponse:
        case MessageKind::kTimeoutNow:
            return false;
    }
    return true;
}

Status Core::validate(const Message& message) const {
    const auto refuse = [](const char* why) { return Error{ErrorCode::kBadInput, why}; };
    if (static_cast<std::uint8_t>(message.kind) >= kMessageKinds)
        return refuse("unknown kind of message");
    if (message.to != id()) return refuse("message for another peer");
    if (message.from == kNoPeer || message.from == id())
        return refuse("message from nobody or myself");
    if (message.term == 0) return refuse("message without a term");
    if (message.log_term > message.term) return refuse("message with an entry term above its term");
    if ((message.index == 0) != (message.log_term == 0) &&
        (message.kind == MessageKind::kAppend || message.kind == MessageKind::kVote ||
         message.kind == MessageKind::kPreVote)) {
        return refuse("message with half a log position");
    }
    if (!message.entries.empty() && message.kind != MessageKind::kAppend &&
        message.kind != MessageKind::kPropose) {
        return refuse("entries in a message of a kind that has none");
    }
    if (message.kind == MessageKind::kSnapshot) {
        const auto* snapshot = message.snapshot.get();
        if (snapshot == nullptr) return refuse("snapshot message without a snapshot");
        if (snapshot->index == 0 || snapshot->term == 0 || snapshot->term > message.term) {
            return refuse("snapshot with a wrong position");
        }
        if (!valid_conf_state(snapshot->conf)) return refuse("snapshot with a wrong membership");
    }
    if (message.kind != MessageKind::kAppend) return {};
    Index index = message.index;
    Term term = message.log_term;
    for (const auto& entry : message.entries) {
        if (entry.index != ++index || entry.term < term || entry.term == 0 ||
            entry.term > message.term) {
            return refuse("append with entries out of order");
        }
        term = entry.term;
        if (entry.kind > EntryKind::kConfig)
            return refuse("append with an entry of an unknown kind");
        if (entry.kind == EntryKind::kConfig) {
            const auto decoded = decode_conf_entry(entry.data);
            if (!decoded.ok()) return decoded.error();
            if (!valid_conf_state(decoded->conf)) return refuse("append with a wrong membership");
        }
    }
    return {};
}

Status Core::step(const Message& message) {
    QD_TRY(validate(message));
    if (speaks_to_members_only(message.kind) && !history_.knows(message.from) &&
        tracker_.find(message.from) == nullptr) {
        emit(EventKind::kIgnoredNonMember, message.from);
        return {};
    }
    if (!admit_term(message)) return {};
    if (message.kind == MessageKind::kVote || message.kind == MessageKind::kPreVote) {
        handle_vote_request(message);
        return {};
    }
    switch (role_) {
        case Role::kFollower:
            return step_follower(message);
        case Role::kPreCandidate:
        case Role::kCandidate:
            return step_candidate(message);
        case Role::kLeader:
            return step_leader(message);
    }
    return {};
}

bool Core::admit_term(const Message& message) {
    if (message.term > term_) return admit_higher_term(message);
    if (message.term < term_) {
        answer_lower_term(message);
        return false;
    }
    return true;
}

bool Core::admit_higher_term(const Message& message) {
    switch (message.kind) {
        case MessageKind::kVote:
        case MessageKind::kPreVote: {
            if (joining_ && !mutant(Mutant::kJoiningPeerVotes)) {
                // Nobody can need its vote yet: it is made a voter only after it has joined.
                emit(EventKind::kIgnoredJoining, message.from);
                return false;
            }
            const bool forced = message.force && conf().is_voter(message.from);
            const bool hears_leader =
                leader_ != kNoPeer && election_elapsed_ < config_.election_ticks;
            if (hears_leader && !forced) {
                emit(EventKind::kIgnoredInLease, message.from, message.index, message.log_term);
                return false;
            }
            if (message.kind == MessageKind::kPreVote) return true;  // changes no term
            become_follower(message.term, kNoPeer);
            return true;
        }
        case MessageKind::kPreVoteResponse:
            // A grant names the term the candidate would take; a refusal, the term of the refusing
            // peer.
            if (!message.reject) return true;
            break;
        case MessageKind::kAppend:
        case MessageKind::kHeartbeat:
        case MessageKind::kSnapshot:
            become_follower(message.term, message.from);
            return true;
        default:
            break;
    }
    become_follower(message.term, kNoPeer);
    return true;
}

void Core::answer_lower_term(const Message& message) {
    // Whoever is behind must learn of this term, or a peer that once took it alone could never join
    // again: with pre-vote and check-quorum it neither wins an election nor accepts the leader.
    switch (message.kind) {
        case MessageKind::kAppend:
        case MessageKind::kHeartbeat:
        case MessageKind::kSnapshot:
            send_after_sync(
                make(MessageKind::kAppendResponse, message.from));  // index 0: only the term
            return;
        case MessageKind::kVote:
        case MessageKind::kPreVote: {
            auto answer = make(message.kind == MessageKind::kVote ? MessageKind::kVoteResponse
                                                                  : MessageKind::kPreVoteResponse,
                               message.from);
            answer.reject = true;
            send_after_sync(std::move(answer));
            return;
        }
        default:
            return;
    }
}

void Core::handle_vote_request(const Message& message) {
    const bool pre = message.kind == MessageKind::kPreVote;
    auto answer =
        make(pre ? MessageKind::kPreVoteResponse : MessageKind::kVoteResponse, message.from);
    const bool free = vote_ == message.from || (vote_ == kNoPeer && leader_ == kNoPeer) ||
                      (pre && message.term > term_) || mutant(Mutant::kVoteTwice);
    const bool up_to_date =
        log_.up_to_date({message.index, message.log_term}) || mutant(Mutant::kVoteIgnoresLog);
    // The equal-term case of a joining peer; see admit_higher_term.
    if ((joining_ && !mutant(Mutant::kJoiningPeerVotes)) || !free || !up_to_date) {
        emit(EventKind::kVoteRefused, message.from, message.index, message.log_term);
        answer.reject = true;
        send_after_sync(std::move(answer));
        return;
    }
    emit(EventKind::kVoteGranted, message.from, message.index, message.log_term);
    answer.term = message.term;
    if (!pre) {
        election_elapsed_ = 0;
        vote_ = message.from;
    }
    if (mutant(Mutant::kVoteBeforeSync)) {
        send(std::move(answer));
        return;
    }
    send_after_sync(std::move(answer));
}

bool Core::commit_to(Index index) {
    if (!log_.commit_to(index)) return false;
    history_.commit_to(index);
    return true;
}

void Core::adopt_conf(Index index, ConfState conf) {
    history_.append(index, std::move(conf));
    emit(EventKind::kConfigChanged, kNoPeer, index);
}

Status Core::transfer_leadership(PeerId target) {
    if (role_ != Role::kLeader) {
        auto message = make(MessageKind::kTransferLeader, leader_);
        message.target = target;
        return forward(std::move(message));
    }
    if (target == id()) return {};
    if (!conf().is_voter(target))
        return Error{ErrorCode::kBadInput, "leadership goes to voters only"};
    start_transfer(target);
    return {};
}

Status Core::propose(EntryKind kind, std::string data) {
    if (data.size() > config_.max_entry_bytes) {
        return Error{ErrorCode::kBadInput, "proposal is larger than max_entry_bytes"};
    }
    if (role_ == Role::kLeader) return append_own(kind, std::move(data));
    auto message = make(MessageKind::kPropose, leader_);
    Entry entry;
    entry.kind = kind;
    entry.data = std::move(data);
    message.entries.push_back(std::move(entry));
    return forward(std::move(message));
}

Status Core::propose_conf_change(const ConfChange& change) {
    if (role_ == Role::kLeader) {
        QD_ASSIGN(auto data, checked_conf_entry(change));
        return append_own(EntryKind::kConfig, std::move(data));
    }
    // The leader works out the membership; what is forwarded carries only the change.
    return propose(EntryKind::kConfig, encode_conf_entry({change, {}}));
}

Result<ReadId> Core::read_index() {
    const auto id_of_read = next_read_id();
    if (role_ == Role::kLeader) {
        QD_TRY(handle_read_request(id(), id_of_read));
        return id_of_read;
    }
    if (forwarded_.size() >= config_.max_pending_reads) {
        return Error{ErrorCode::kUnavailable, "too many reads are waiting"};
    }
    auto message = make(MessageKind::kReadIndex, leader_);
    message.read = id_of_read;
    QD_TRY(forward(std::move(message)));
    forwarded_.add(id_of_read);
    return id_of_read;
}

}  // namespace qdrantd::raft
