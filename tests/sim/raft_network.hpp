// SPDX-License-Identifier: Apache-2.0
// Messages on their way: lost, repeated, late, out of order, and links that are cut in one or both
// directions. Thread safety: none. Ownership: holds the messages by value.
#pragma once

#include <map>
#include <set>
#include <vector>

#include <qdrantd/common/random.hpp>
#include <qdrantd/raft/message.hpp>

#include "tests/sim/raft_plan.hpp"

namespace qdrantd::raft::sim {

class Network {
  public:
    Network(const Plan& plan, Random& random) : plan_(&plan), random_(&random) {}

    void send(Message message, std::uint64_t now);
    /// What arrives at `now`, in an order of its own.
    std::vector<Message> arrivals(std::uint64_t now);
    bool is_cut(PeerId from, PeerId to) const { return cut_.contains({from, to}); }

    /// Starts a partition of a random shape among `peers`; it ends by itself.
    void partition(const std::vector<PeerId>& peers, std::uint64_t now);
    void cut_both(PeerId a, PeerId b, std::uint64_t from, std::uint64_t to);
    void cut_one_way(PeerId sender, PeerId receiver, std::uint64_t from, std::uint64_t to);
    void isolate(PeerId peer, const std::vector<PeerId>& peers, std::uint64_t from,
                 std::uint64_t to);
    void advance_links(std::uint64_t now);
    /// No faults from now on; messages under way stay.
    void heal();

  private:
    struct LinkEvent {
        PeerId from;
        PeerId to;
        bool cut;
    };
    void swizzle(const std::vector<PeerId>& peers, std::uint64_t now, std::uint64_t length);

    const Plan* plan_;
    Random* random_;
    bool healed_ = false;
    std::multimap<std::uint64_t, Message> under_way_;
    std::multimap<std::uint64_t, LinkEvent> link_events_;
    std::map<std::pair<PeerId, PeerId>, int> cuts_;
    std::set<std::pair<PeerId, PeerId>> cut_;
};

}  // namespace qdrantd::raft::sim
