// SPDX-License-Identifier: Apache-2.0
// A trace of the core's transitions, for logs, metrics and scripts. The core itself never logs.
// Use: implement on_event, or hand in silent_events(). describe(event) gives a line.
// Thread safety: called on the caller's thread of RawNode. Ownership: borrowed by RawNode for its
// whole life. Errors: none; on_event must not throw and must not call back into the RawNode.
#pragma once

#include <qdrantd/raft/message.hpp>

namespace qdrantd::raft {

enum class EventKind : std::uint8_t {
    kBecameFollower,  // peer: leader or none
    kBecamePreCandidate,
    kBecameCandidate,
    kBecameLeader,  // index: last index before its own first entry
    kVoteGranted,   // peer: candidate; index, log_term: its last entry
    kVoteRefused,
    kIgnoredInLease,     // a vote request while a leader is heard
    kIgnoredNonMember,   // a message of a peer that is not, or no longer, a member
    kIgnoredJoining,     // a vote request while this peer is still joining
    kConfigChanged,      // index: entry that brought it
    kConfigRolledBack,   // index: entry whose membership holds again
    kLogTruncated,       // index: first entry cut off
    kSnapshotInstalled,  // index
    kSnapshotIgnored,    // index: already covered here
    kSnapshotSent,       // peer, index
    kSnapshotTimedOut,   // peer
    kQuorumLost,         // a leader heard from no majority and steps down
    kRemovedSelf,        // a leader committed its own removal and steps down
    kTransferStarted,    // peer
    kTransferAborted,    // peer
    kProposalDropped,    // peer: sender of a forwarded proposal
    kLogLost,            // index: commit index that reaches past this peer's log
};

struct Event {
    EventKind kind = EventKind::kBecameFollower;
    PeerId self;
    Term term = 0;
    PeerId peer;
    Index index = 0;
    Term log_term = 0;
};

class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void on_event(const Event& event) = 0;
};

/// A sink that keeps nothing.
EventSink& silent_events();

}  // namespace qdrantd::raft
