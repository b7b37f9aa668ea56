// SPDX-License-Identifier: Apache-2.0
// What Raft peers say to each other and what they keep: entries, hard state, snapshots, messages.
// Use: the driver carries Message values between peers in any order, with any loss or repetition.
// Thread safety: values. Ownership: a snapshot is shared, published once and never changed.
// Units: indexes and terms count from 1; 0 means none.
// Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014), chapters 3, 4, 6, 9.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <qdrantd/common/ids.hpp>

namespace qdrantd::raft {

using Index = std::uint64_t;
using Term = std::uint64_t;

/// No peer: nobody voted for, no known leader.
inline constexpr PeerId kNoPeer{};

/// Written to disk and wire: do not renumber.
enum class EntryKind : std::uint8_t {
    kNoop = 0,    // a leader's first entry; carries nothing
    kData = 1,    // the driver's bytes
    kConfig = 2,  // encode_conf_entry() of conf_change.hpp
};

struct Entry {
    Index index = 0;
    Term term = 0;
    EntryKind kind = EntryKind::kData;
    std::string data;

    bool operator==(const Entry&) const = default;
};

/// What an entry weighs in every limit of Config.
inline constexpr std::size_t kEntryOverheadBytes = 32;
inline std::size_t entry_bytes(const Entry& entry) {
    return entry.data.size() + kEntryOverheadBytes;
}

/// Must be durable before anything that depends on it leaves the peer.
struct HardState {
    Term term = 0;
    PeerId vote = kNoPeer;  // whom this peer voted for in `term`
    Index commit = 0;       // a hint for the restart; never above the last index of the durable log
    /// The peer started empty and has not yet, as a learner, had all that its leader had committed.
    /// Until then it takes no part in elections: it may have voted under this id before, and the
    /// memberships it reads on its way may be long gone. Set by RawNode::create for a peer without
    /// a membership; kept here ever after.
    bool joining = false;

    bool operator==(const HardState&) const = default;
};

/// A membership. Both lists are sorted and share no peer. No voters: the peer was never configured.
struct ConfState {
    std::vector<PeerId> voters;    // count in elections and for commits
    std::vector<PeerId> learners;  // receive the log only

    bool is_voter(PeerId peer) const;
    bool is_learner(PeerId peer) const;
    bool contains(PeerId peer) const { return is_voter(peer) || is_learner(peer); }
    bool operator==(const ConfState&) const = default;
};

/// Everything up to `index`, in the driver's own form.
struct Snapshot {
    Index index = 0;  // last entry it covers
    Term term = 0;    // term of that entry
    ConfState conf;   // the newest membership at or below `index`
    std::string data;
};

/// Written to the wire: do not renumber.
enum class MessageKind : std::uint8_t {
    kPreVote = 0,
    kPreVoteResponse = 1,
    kVote = 2,
    kVoteResponse = 3,
    kAppend = 4,
    kAppendResponse = 5,
    kHeartbeat = 6,
    kHeartbeatResponse = 7,
    kSnapshot = 8,
    kPropose = 9,     // a follower hands proposals to the leader
    kReadIndex = 10,  // a follower asks from which index on it may serve a read
    kReadIndexResponse = 11,
    kTransferLeader = 12,  // a follower asks the leader to make `target` leader
    kTimeoutNow = 13,      // the leader tells a voter to campaign at once
};
inline constexpr std::uint8_t kMessageKinds = 14;

/// One read request. Never used twice: `nonce` differs at each start of a peer, `sequence` within
/// it.
struct ReadId {
    std::uint64_t nonce = 0;
    std::uint64_t sequence = 0;
    constexpr auto operator<=>(const ReadId&) const = default;
};

/// One flat record for all kinds; the fields a kind does not name are zero.
struct Message {
    MessageKind kind = MessageKind::kHeartbeat;
    PeerId from;
    PeerId to;
    /// Sender's term; in a pre-vote and its granting response, the term the candidate would take.
    Term term = 0;
    /// kVote, kPreVote: last index of the candidate. kAppend: index before the entries.
    /// kAppendResponse: last index known to match, or the refused index; 0 when only the term is
    /// told. kReadIndexResponse: the answer.
    Index index = 0;
    /// kVote, kPreVote: term of the candidate's last entry. kAppend: term of the entry at `index`.
    Term log_term = 0;
    /// kAppend, kHeartbeat: leader's commit index (in a heartbeat bounded by what the peer has).
    Index commit = 0;
    /// Responses: the request was refused.
    bool reject = false;
    /// Answers to a leader: HardState::joining of the sender. kAppend: the receiver is a learner,
    /// so that it may end its joining with this message; a voter that lost its disk may not.
    bool joining = false;
    /// kVote: the leader asked for this election, so the grace it enjoys does not count.
    bool force = false;
    /// Refused append: the last place where the logs may still agree, and the term there.
    Index hint_index = 0;
    Term hint_term = 0;
    /// kHeartbeat and its response: number of the read round, counted anew in each leadership.
    std::uint64_t round = 0;
    ReadId read;    // kReadIndex and its response
    PeerId target;  // kTransferLeader
    std::vector<Entry> entries;
    std::shared_ptr<const Snapshot> snapshot;
};

}  // namespace qdrantd::raft
