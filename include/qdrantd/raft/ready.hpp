// SPDX-License-Identifier: Apache-2.0
// What the driver must do next, and in which order.
// Use, for each Ready taken from RawNode::ready():
//   1. send `messages` (they rest on nothing that this Ready makes durable);
//   2. write in ONE atomic, checksummed record: `snapshot` if set (the whole old log is dropped and
//   starts
//      anew behind it), `entries` (whatever stood at or behind the first one is cut off),
//      `hard_state` if set; sync it to the disk if `must_sync`;
//   3. after the sync, send `messages_after_sync` (votes, acknowledgements: a promise must outlive
//   a crash);
//   4. install `snapshot`, then apply `committed`, in order; answer `reads`, fail `lost_reads`;
//   5. call RawNode::advance().
// Between taking a Ready and advance(), step(), tick() and proposals may be called; a second Ready
// may not be taken. Steps 1 and 2 may run at the same time. If step 2 fails, drop the RawNode and
// start from the disk. Thread safety: value. Ownership: value; the snapshot is shared and
// immutable.
#pragma once

#include <optional>
#include <vector>

#include <qdrantd/raft/message.hpp>

namespace qdrantd::raft {

enum class Role : std::uint8_t { kFollower, kPreCandidate, kCandidate, kLeader };

/// Volatile; for those who want to know who leads.
struct SoftState {
    PeerId leader = kNoPeer;
    Role role = Role::kFollower;
    bool operator==(const SoftState&) const = default;
};

/// The read `id` is linearizable once the entry at `index` has been applied here.
struct ReadState {
    ReadId id;
    Index index = 0;
    bool operator==(const ReadState&) const = default;
};

struct Ready {
    std::vector<Message> messages;
    std::shared_ptr<const Snapshot> snapshot;
    std::vector<Entry> entries;
    std::optional<HardState> hard_state;
    /// False when only the commit index moved: losing that write loses nothing.
    bool must_sync = false;
    std::vector<Message> messages_after_sync;
    std::vector<Entry> committed;
    std::vector<ReadState> reads;
    /// Reads that will not be answered (leader gone or silent); ask again under a new id.
    std::vector<ReadId> lost_reads;
    std::optional<SoftState> soft_state;  // set when it changed
};

}  // namespace qdrantd::raft
