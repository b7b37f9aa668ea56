// SPDX-License-Identifier: Apache-2.0
// Options of one Raft peer. Use: fill, call validate(), hand to RawNode::create.
// Thread safety: value. Ownership: value. Units: ticks of the driver (100 ms by default) and bytes.
// Pre-vote and check-quorum are always on: clusters in which only some peers have them can lock up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <qdrantd/common/ids.hpp>

namespace qdrantd::raft {

struct Config {
    PeerId id;  // not zero, unique in the cluster

    /// Source of election jitter and of the read nonce. Must differ between peers and between
    /// starts of one peer; the same seed and inputs give the same outputs.
    std::uint64_t seed = 0;

    /// A follower that hears from no leader for this long, plus a jitter of up to as much again,
    /// asks for votes. A leader that hears from no majority for this long steps down.
    std::uint32_t election_ticks = 20;
    /// Between two heartbeats. At most a third of election_ticks.
    std::uint32_t heartbeat_ticks = 2;
    /// A snapshot about which nothing was heard for this long is sent again.
    std::uint32_t snapshot_ticks = 600;

    /// Entries of one append message; one entry is always allowed.
    std::size_t max_message_bytes = 1024 * 1024;
    /// Appends under way to one follower. A full window sends nothing but heartbeats and empty
    /// appends.
    std::size_t max_inflight_messages = 128;
    /// Bytes under way to one follower; may be passed by at most one message.
    std::size_t max_inflight_bytes = 8 * 1024 * 1024;
    /// Largest proposal. A larger one is refused with kBadInput.
    std::size_t max_entry_bytes = 8 * 1024 * 1024;
    /// Entries appended by a leader and not committed. Past it proposals are refused with
    /// kUnavailable.
    std::size_t max_uncommitted_bytes = 64 * 1024 * 1024;
    /// Committed entries handed out by one Ready; one entry is always allowed.
    std::size_t max_apply_bytes = 8 * 1024 * 1024;
    /// Read requests waiting, of a leader (for all peers) and of a follower (its own). Past it
    /// kUnavailable.
    std::size_t max_pending_reads = 4096;

    /// Every mistake, one sentence each; empty when the options are good.
    std::vector<std::string> validate() const;
};

}  // namespace qdrantd::raft
