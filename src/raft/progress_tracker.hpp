// SPDX-License-Identifier: Apache-2.0
// The leader's view of all peers: who is counted, who is merely told. Counting always uses the
// membership handed in, so that a peer that left is never part of a majority, though it may still
// be told that it left.
#pragma once

#include <map>
#include <span>

#include <qdrantd/raft/config.hpp>

#include "raft/progress.hpp"

namespace qdrantd::raft {

class ProgressTracker {
  public:
    explicit ProgressTracker(const Config& config) : config_(&config) {}

    /// Forgets everything and starts with the members of `conf`, all probed behind `last_index`.
    void reset(const ConfState& conf, Index last_index);
    /// Adds the members of `conf` that are new, made members by the entry at `added_at`.
    void add_members(const ConfState& conf, Index last_index, Index added_at);
    /// Drops peers that are no members of `conf`.
    void keep_only(const ConfState& conf);
    void clear() { peers_.clear(); }

    Progress* find(PeerId peer);
    const Progress* find(PeerId peer) const;
    std::map<PeerId, Progress>& peers() { return peers_; }
    const std::map<PeerId, Progress>& peers() const { return peers_; }

    /// Largest index that a majority of the voters has made durable.
    Index committed(const ConfState& conf) const;
    /// Newest read round that a majority of the voters has answered; the leader itself answers all.
    std::uint64_t confirmed_round(const ConfState& conf, PeerId self) const;
    /// Whether a majority of the voters was heard since the last call. Starts a new period.
    bool quorum_active(const ConfState& conf, PeerId self);
    /// The voter other than `self` with the longest log, or none.
    PeerId most_complete_voter(const ConfState& conf, PeerId self) const;

  private:
    Progress fresh(Index last_index) const;

    const Config* config_;
    std::map<PeerId, Progress> peers_;
};

}  // namespace qdrantd::raft
