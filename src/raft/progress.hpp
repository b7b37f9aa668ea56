// SPDX-License-Identifier: Apache-2.0
// How far one follower is, as its leader knows it, and how the leader may talk to it.
//   kProbe      the place of agreement is unknown: one append, then wait for the answer or a
//   heartbeat's; kReplicate  the follower keeps up: appends are sent ahead, bounded by the window;
//   kSnapshot   a snapshot is under way: nothing else is sent.
// Invariant: match < next; in kProbe and kReplicate everything in [match + 1, next) may be under
// way.
#pragma once

#include <qdrantd/raft/raw_node.hpp>

#include "raft/inflights.hpp"

namespace qdrantd::raft {

class Progress {
  public:
    Progress(Index next, Inflights window) : next_(next), inflights_(std::move(window)) {}

    Index match() const { return match_; }
    Index next() const { return next_; }
    ProgressState state() const { return state_; }
    const Inflights& inflights() const { return inflights_; }
    Index pending_snapshot() const { return pending_snapshot_; }

    /// Nothing with entries may be sent now.
    bool paused() const;
    /// A full window is opened for one empty append, which finds out whether the window was lost.
    bool window_full() const { return state_ == ProgressState::kReplicate && inflights_.full(); }

    void become_probe();
    void become_replicate();
    void become_snapshot(Index index);
    /// The snapshot did not arrive: probe from what is known.
    void abort_snapshot();

    /// An append with `count` entries of `bytes` bytes has been sent from next() on.
    void sent_entries(std::size_t count, std::size_t bytes);
    /// The follower answered something: a waiting probe may be repeated.
    void resume_probe() { probe_sent_ = false; }

    /// The follower has everything up to `index`. False if that was known.
    bool acknowledged(Index index);
    /// The follower refused the append behind `refused`; `hint` is the last place worth trying.
    /// False if the answer is stale.
    bool refused(Index refused, Index hint);
    /// A learner that lost its log starts again behind `hint`.
    void regress(Index hint);

    /// True once a snapshot under way has been silent for `limit` ticks.
    bool snapshot_timed_out(std::uint32_t limit);

    bool recently_active = false;
    /// Newest read round the peer has answered, in this leadership.
    std::uint64_t acked_round = 0;
    /// Commit index the peer was last told in an append.
    Index told_commit = 0;
    /// Entry of this leadership that made the peer a member. Answers that reach less far may stem
    /// from an earlier life of a peer with the same id, so they prove nothing.
    Index added_at = 0;
    /// It said, in this leadership and in this life, that it is not joining any more.
    bool can_vote = false;
    /// Everything the peer claims to have, it has in this life.
    bool trusted() const { return match_ >= added_at; }

  private:
    Index match_ = 0;
    Index next_;
    ProgressState state_ = ProgressState::kProbe;
    bool probe_sent_ = false;
    Index pending_snapshot_ = 0;
    std::uint32_t snapshot_ticks_ = 0;
    Inflights inflights_;
};

}  // namespace qdrantd::raft
