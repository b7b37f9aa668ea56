// SPDX-License-Identifier: Apache-2.0
// The whole surface of the consensus core: inputs go in, Ready values come out, nothing else
// happens. Use: create(); then for ever: tick() by the clock, step() for each arriving message,
// propose(); whenever has_ready(), take ready(), do what ready.hpp says, advance(). Thread safety:
// none; one caller at a time. Ownership: the LogReader and EventSink are borrowed for life. Errors:
// kBadInput (a malformed message or request), kUnavailable (no leader, transfer under way, full
// queue: try again), kInternal (a message that contradicts what this peer knows to be committed or
// true: a bug or a foreign cluster), and what the LogReader returned. Units: ticks, bytes.
// Deterministic: same Config, log and inputs give the same outputs. Invariants: those of the Raft
// paper; a membership holds from the moment its entry is in the log and is rolled back with it; at
// most one membership entry is uncommitted, and none is proposed before the leader has committed an
// entry of its own term (Ongaro's correction of 2015).
#pragma once

#include <map>
#include <memory>
#include <string>

#include <qdrantd/common/result.hpp>
#include <qdrantd/raft/conf_change.hpp>
#include <qdrantd/raft/config.hpp>
#include <qdrantd/raft/event_sink.hpp>
#include <qdrantd/raft/log_reader.hpp>
#include <qdrantd/raft/message.hpp>
#include <qdrantd/raft/ready.hpp>

namespace qdrantd::raft {

class Core;

enum class ProgressState : std::uint8_t { kProbe, kReplicate, kSnapshot };

/// The leader's view of one peer.
struct PeerStatus {
    Index match = 0;
    Index next = 0;
    ProgressState state = ProgressState::kProbe;
    bool recently_active = false;
    std::size_t inflight_messages = 0;
};

struct NodeStatus {
    PeerId id;
    Role role = Role::kFollower;
    PeerId leader = kNoPeer;
    HardState hard_state;
    Index applied = 0;
    Index first_index = 0;
    Index last_index = 0;
    ConfState conf;        // the newest in the log
    Index conf_index = 0;  // where it came from
    bool conf_committed = false;
    PeerId transfer_target = kNoPeer;
    std::map<PeerId, PeerStatus> peers;  // on a leader only
};

class RawNode {
  public:
    /// Reads the initial state and the membership entries of the log. Refuses options that do not
    /// validate and a log that contradicts its hard state (kChecksum: this peer must not vote; let
    /// it join anew).
    static Result<std::unique_ptr<RawNode>> create(const Config& config, const LogReader& log,
                                                   EventSink& events);
    ~RawNode();

    /// One unit of time has passed.
    void tick();

    /// A message from another peer. After an error neither log nor commit index moved.
    Status step(const Message& message);

    /// Starts an election (with pre-vote) as if the timeout had passed. Without effect on a leader;
    /// kUnavailable on a peer that may not lead.
    Status campaign();

    /// Appends `data` on a leader; on a follower hands it to the leader. Ok promises nothing yet:
    /// an entry counts when it shows up in Ready::committed, and a proposal may be lost or, where
    /// the network repeats messages, be committed twice.
    Status propose(std::string data);

    /// Proposes a change of one peer; follows the rules of the Invariants above. On a follower it
    /// is handed to the leader, which drops it silently if it is not allowed now.
    Status propose_conf_change(const ConfChange& change);

    /// Asks for a linearizable read. The answer comes as Ready::reads or Ready::lost_reads with
    /// this id; a request or answer that the network loses comes back as lost after election_ticks.
    Result<ReadId> read_index();

    /// Hands leadership to a voter; given up after election_ticks. Proposals are refused meanwhile.
    Status transfer_leadership(PeerId target);

    /// The transport could not deliver to `peer`.
    void report_unreachable(PeerId peer);
    /// A snapshot for `peer` was delivered, or not. Optional: without it the core waits
    /// snapshot_ticks.
    void report_snapshot(PeerId peer, bool delivered);

    bool has_ready() const;
    /// REQUIRES: no Ready is out. On failure (the disk did not give committed entries) nothing
    /// changed.
    Result<Ready> ready();
    /// The Ready that is out has been carried out, steps 1 to 4. REQUIRES: one is out.
    void advance();
    bool ready_is_out() const;

    NodeStatus status() const;
    /// For tests of the core itself.
    const Core& core() const { return *core_; }

  private:
    explicit RawNode(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

}  // namespace qdrantd::raft
