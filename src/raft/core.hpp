// SPDX-License-Identifier: Apache-2.0
// The protocol as one state machine. State shared by all roles and the rules on terms are in
// core.cpp; what a follower, a candidate and a leader do is in the file of that name; Ready is put
// together in core_ready.cpp. RawNode is the face; see there for errors and invariants.
//
// Two rules run through everything:
//   - What this peer promises (a vote, an acknowledgement) goes to after_sync_, so it leaves only
//   when it is
//     durable. Promises to itself follow the same rule: a candidate counts its own vote, and a
//     leader its own entries, in on_durable().
//   - The membership is the newest one in the log, committed or not; it is read anew each time it
//   matters.
#pragma once

#include <deque>
#include <map>

#include <qdrantd/common/random.hpp>
#include <qdrantd/raft/raw_node.hpp>

#include "raft/conf_history.hpp"
#include "raft/progress_tracker.hpp"
#include "raft/quorum.hpp"
#include "raft/raft_log.hpp"
#include "raft/read_index.hpp"

namespace qdrantd::raft {

class Core {
  public:
    Core(const Config& config, const LogReader& log, EventSink& events, const InitialState& initial,
         ConfHistory history);

    void tick();
    Status step(const Message& message);
    Status campaign();
    Status propose(EntryKind kind, std::string data);
    Status propose_conf_change(const ConfChange& change);
    Result<ReadId> read_index();
    Status transfer_leadership(PeerId target);
    void report_unreachable(PeerId peer);
    void report_snapshot(PeerId peer, bool delivered);

    bool has_ready() const;
    Result<Ready> ready();
    void advance();
    bool ready_is_out() const { return out_.has_value(); }

    PeerId id() const { return config_.id; }
    Role role() const { return role_; }
    PeerId leader() const { return leader_; }
    Term term() const { return term_; }
    PeerId vote() const { return vote_; }
    PeerId transfer_target() const { return transfer_target_; }
    const RaftLog& log() const { return log_; }
    const ConfHistory& history() const { return history_; }
    const ProgressTracker& tracker() const { return tracker_; }
    const Config& config() const { return config_; }
    std::size_t uncommitted_bytes() const { return uncommitted_bytes_; }
    const ReadQueue& reads() const { return reads_; }
    std::size_t pending_reads() const { return reads_.size() + forwarded_.size(); }
    /// First entry of this leadership.
    Index term_start() const { return term_start_; }
    std::uint32_t election_elapsed() const { return election_elapsed_; }
    /// May start elections: a voter by the newest membership, or by the newest committed one (a
    /// server whose removal is not committed may be the only one that can finish it;
    /// dissertation 4.2.2).
    bool promotable() const;
    HardState hard_state() const { return {term_, vote_, log_.committed(), joining_}; }
    bool joining() const { return joining_; }

  private:
    // core.cpp: rules for every role
    const ConfState& conf() const { return history_.latest().conf; }
    Status validate(const Message& message) const;
    bool speaks_to_members_only(MessageKind kind) const;
    /// Applies the term rules. True if the message goes on to the role.
    bool admit_term(const Message& message);
    bool admit_higher_term(const Message& message);
    void answer_lower_term(const Message& message);
    void become_follower(Term term, PeerId leader);
    void reset(Term term, PeerId leader);
    void draw_election_timeout();
    void handle_vote_request(const Message& message);
    bool commit_to(Index index);
    void adopt_conf(Index index, ConfState conf);
    void emit(EventKind kind, PeerId peer = kNoPeer, Index index = 0, Term log_term = 0) const;
    Message make(MessageKind kind, PeerId to) const;
    void send(Message message) { now_.push_back(std::move(message)); }
    void send_after_sync(Message message) { after_sync_.push_back(std::move(message)); }
    ReadId next_read_id();
    void lose_forwarded_reads();

    // follower.cpp
    Status step_follower(const Message& message);
    void tick_follower();
    Status handle_append(const Message& message);
    Status take_entries(const Message& message);
    void handle_heartbeat(const Message& message);
    Status handle_snapshot(const Message& message);
    bool install(const std::shared_ptr<const Snapshot>& snapshot);
    Status forward(Message message);

    // candidate.cpp
    enum class Campaign : std::uint8_t { kPreVote, kVote, kForced };
    Status step_candidate(const Message& message);
    void start_campaign(Campaign kind);
    void become_candidate(Campaign kind);
    void ask_for_votes(Campaign kind);
    void record_vote(PeerId from, bool granted);

    // leader.cpp
    Status step_leader(const Message& message);
    void tick_leader();
    void become_leader();
    Status append_own(EntryKind kind, std::string data);
    Result<std::string> checked_conf_entry(const ConfChange& change) const;
    Status check_room(std::size_t bytes) const;
    void handle_append_response(const Message& message, Progress& progress);
    void handle_refused_append(const Message& message, Progress& progress);
    void handle_heartbeat_response(const Message& message, Progress& progress);
    void handle_forwarded_proposal(const Message& message);
    Status handle_read_request(PeerId from, ReadId id);
    bool committed_in_term() const {
        return role_ == Role::kLeader && log_.committed() >= term_start_;
    }
    bool maybe_commit();
    /// What follows from a commit. May step down: the last thing to do.
    void leader_committed();
    void count_uncommitted(const Entry& entry);
    void count_inherited();
    void append_to_log(EntryKind kind, std::string data);
    void confirm_reads();
    void answer_read(const ReadQueue::Request& request);
    void broadcast_append();
    void broadcast_heartbeat();
    Message make_append(PeerId peer, Progress& progress, Term previous_term);
    /// Finds out whether a full window was lost on the way.
    void send_window_probe(PeerId peer, Progress& progress);
    /// An append if the peer may have one now; an empty one if `even_empty`. True if something was
    /// sent.
    bool send_append(PeerId peer, Progress& progress, bool even_empty);
    bool send_snapshot(PeerId peer, Progress& progress);
    void send_heartbeat(PeerId peer, const Progress& progress);
    void start_transfer(PeerId target);
    void abort_transfer();
    void send_timeout_now(PeerId peer);
    void finish_removal();

    // core_ready.cpp
    void on_durable();
    SoftState soft_state() const { return {leader_, role_}; }

    Config config_;
    EventSink* events_;
    Random random_;
    std::uint64_t read_nonce_;
    std::uint64_t read_sequence_ = 0;

    RaftLog log_;
    ConfHistory history_;
    Term term_;
    PeerId vote_;
    bool joining_;  // see HardState
    Role role_ = Role::kFollower;
    PeerId leader_ = kNoPeer;
    std::uint32_t election_elapsed_ = 0;
    std::uint32_t heartbeat_elapsed_ = 0;
    std::uint32_t election_timeout_ = 0;

    // Candidate: votes received so far, the own one once it is durable.
    std::map<PeerId, bool> votes_;
    bool own_vote_pending_ = false;

    // Leader.
    ProgressTracker tracker_;
    ReadQueue reads_;
    Index term_start_ = 0;
    PeerId transfer_target_ = kNoPeer;
    std::uint32_t transfer_elapsed_ = 0;
    std::size_t uncommitted_bytes_ = 0;
    std::deque<std::pair<Index, std::size_t>> uncommitted_;  // entry -> its bytes

    // Follower.
    ForwardedReads forwarded_;

    // For the next Ready.
    std::vector<Message> now_;
    std::vector<Message> after_sync_;
    std::vector<ReadState> read_states_;
    std::vector<ReadId> lost_reads_;
    HardState told_hard_state_;
    SoftState told_soft_state_;

    /// What the Ready that is out makes durable and applied.
    struct Out {
        HardState hard_state;
        LogPosition last_entry;
        Index snapshot = 0;
        Index applied = 0;
    };
    std::optional<Out> out_;
};

}  // namespace qdrantd::raft
