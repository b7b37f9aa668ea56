// SPDX-License-Identifier: Apache-2.0
// Linearizable reads without log entries (dissertation, 6.4), on both sides.
// A read may be answered with the commit index of its arrival once a majority has answered a
// heartbeat that was sent after its arrival. Each request opens a new round, and rounds are counted
// anew in each term, so a late answer never confirms a younger request. A request id is used once,
// over all starts of a peer.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include <qdrantd/raft/ready.hpp>

namespace qdrantd::raft {

/// The leader's side: requests of all peers in order of arrival.
class ReadQueue {
  public:
    struct Request {
        PeerId from;
        ReadId id;
        Index index = 0;
        std::uint64_t round = 0;  // 0: waits until the leader has committed in its term
    };

    std::size_t size() const { return requests_.size(); }
    std::uint64_t round() const { return round_; }
    /// Newest round that confirmed a request.
    std::uint64_t confirmed() const { return confirmed_; }

    /// Opens a round that confirms the request at commit index `index`.
    void add(PeerId from, ReadId id, Index index);
    /// Keeps the request until release().
    void add_waiting(PeerId from, ReadId id);
    /// The leader has committed up to `index`, in its term. True if a round was opened.
    bool release(Index index);
    /// Takes out what the rounds up to `round` confirm.
    std::vector<Request> take_confirmed(std::uint64_t round);
    /// A new leadership, or none: takes out everything and counts from 0 again.
    std::vector<Request> reset();

  private:
    std::deque<Request> requests_;
    std::uint64_t round_ = 0;
    std::uint64_t confirmed_ = 0;
};

/// A follower's side: its own requests that a leader was asked about.
class ForwardedReads {
  public:
    std::size_t size() const { return ages_.size(); }
    void add(ReadId id) { ages_.emplace(id, 0); }
    /// True once per id.
    bool answered(ReadId id) { return ages_.erase(id) > 0; }
    /// One tick passed; returns the ids that are `limit` ticks old, and forgets them.
    std::vector<ReadId> tick(std::uint32_t limit);
    std::vector<ReadId> take_all();

  private:
    std::map<ReadId, std::uint32_t> ages_;
};

}  // namespace qdrantd::raft
