// SPDX-License-Identifier: Apache-2.0
// The judge of the raft simulation: it sees every peer from outside and after every step, and knows
// what no peer knows. Numbers in the messages are those of the invariants in
// docs/raft-simulation.md. Thread safety: none. Errors: throws Violation.
#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "raft/core.hpp"
#include "tests/sim/raft_disk.hpp"

namespace qdrantd::raft::sim {

struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The checker's own record of one peer's log, kept from what its Ready values said.
struct Shadow {
    Index base = 0;
    std::vector<std::uint64_t> chain;  // chain[i]: hash of everything up to base + i
    std::map<Index, ConfState> confs;  // the last one must hold
    Index last() const { return base + chain.size() - 1; }

    // As of the last check.
    Role role = Role::kFollower;
    Term term = 0;
    Index commit = 0;
    Index conf_index = 0;
    std::uint64_t confirmed_round = 0;
    Index leader_last = 0;  // last index of its Ready values in this leadership
};

class Checker {
  public:
    /// Borrows both maps: what is on each peer's disk, and the checker's own record of each peer.
    Checker(const std::map<PeerId, const Stored*>& durable,
            const std::map<PeerId, const Shadow*>& shadows)
        : durable_(&durable), shadows_(&shadows) {}

    /// The peer has (re)started from `stored`.
    void started(const Core& core, Shadow& shadow, const Stored& stored);
    /// After every input.
    void stepped(const Core& core, Shadow& shadow);
    void ready_taken(const Core& core, Shadow& shadow, const Ready& ready);
    void sent(const Message& message);
    void applied(const Entry& entry, const Machine& machine);
    void installed(const Snapshot& snapshot, const Machine& machine);
    void read_begun(PeerId peer, ReadId id);
    void read_answered(PeerId peer, const ReadState& read, const Core& core);
    void read_lost(PeerId peer, ReadId id) { reads_.erase({peer, id}); }
    void wiped(PeerId peer) { wiped_.insert(peer); }

    /// Highest index any peer has known to be committed.
    Index committed() const { return committed_.size(); }
    /// Membership at or below the newest committed index.
    const ConfState& committed_conf() const { return committed_conf_.rbegin()->second; }
    Index committed_conf_index() const { return committed_conf_.rbegin()->first; }
    void set_initial_conf(ConfState conf) { committed_conf_[0] = std::move(conf); }

    [[noreturn]] static void fail(const std::string& what) { throw Violation(what); }

  private:
    struct Committed {
        Term term;        // of the entry
        Term claimed_in;  // of the peer that knew first
    };
    void check_leader_elected(const Core& core);
    void check_commit(const Core& core, Index from, bool is_leader);
    void check_acknowledged(const Message& message) const;
    void check_commit_quorum(const Core& core);
    void check_conf_proposed(const Core& core, const Shadow& before);
    void check_read_quorum(const Core& core);
    void check_limits(const Core& core);
    void link(Shadow& shadow, const Entry& entry);

    const std::map<PeerId, const Stored*>* durable_;
    const std::map<PeerId, const Shadow*>* shadows_;
    std::map<Term, PeerId> leaders_;
    std::map<std::pair<PeerId, Term>, PeerId> votes_;
    std::unordered_map<std::uint64_t, std::uint64_t> chain_at_;  // of (index, term)
    std::vector<Committed> committed_;
    std::map<Index, ConfState> committed_conf_;
    std::vector<std::uint64_t> digests_;                // of the machine, by applied index
    std::map<std::pair<PeerId, ReadId>, Index> reads_;  // -> highest index committed when it began
    std::set<std::pair<PeerId, ReadId>> answered_;
    std::set<PeerId> wiped_;
};

}  // namespace qdrantd::raft::sim
