// SPDX-License-Identifier: Apache-2.0
// The phase without faults: now the cluster must get going, and stay so.
#include <fmt/core.h>

#include <cstdio>

#include <qdrantd/raft/describe.hpp>

#include "tests/sim/raft_world.hpp"

namespace qdrantd::raft::sim {

void World::heal() {
    calm_ = true;
    network_.heal();
    for (auto& [id, peer] : peers_) {
        peer.rate = 1;
        peer.paused_until = 0;
        peer.durable_at = 0;
        peer.up_at = 0;
    }
}

void World::demand(const char* what, std::uint64_t timeouts, const std::function<bool()>& reached) {
    // With a window of one entry, catching up takes a round trip or two for each that is missing.
    Index longest = checker_.committed();
    for (const auto& [id, peer] : peers_) {
        if (peer.node) longest = std::max(longest, peer.node->core().log().last_index());
    }
    Index behind = 0;
    for (const auto& [id, peer] : peers_) {
        if (!peer.node || !checker_.committed_conf().contains(id)) continue;
        behind = std::max(behind, longest - peer.node->core().log().applied());
    }
    const auto end = now_ + timeouts * plan_.limits.election_ticks + behind * 8 * plan_.delay_ticks;
    while (!reached()) {
        if (now_ >= end) {
            if (trace_) print_peers();
            Checker::fail(fmt::format("11 liveness: {}", what));
        }
        tick_once();
    }
}

void World::print_peers() const {
    for (const auto& [id, peer] : peers_) {
        if (!peer.node) continue;
        const auto status = peer.node->status();
        std::printf("%s\n", describe(status).c_str());
        for (const auto& [other, progress] : status.peers) {
            std::printf("    %lu %s\n", other.value, describe(progress).c_str());
        }
    }
}

bool World::one_leader() {
    const auto* found = leader();
    if (found == nullptr) return false;
    const auto& core = found->node->core();
    if (core.log().committed() < core.term_start()) return false;
    const auto& conf = core.history().latest().conf;
    for (const auto member : conf.voters) {
        const auto& peer = peers_.at(member);
        if (!peer.node || peer.node->core().leader() != found->id) return false;
    }
    return true;
}

bool World::all_applied(Index index) {
    auto* found = leader();
    if (found == nullptr) return false;
    const auto& conf = found->node->core().history().latest().conf;
    auto members = conf.voters;
    members.insert(members.end(), conf.learners.begin(), conf.learners.end());
    for (const auto member : members) {
        const auto& peer = peers_.at(member);
        if (!peer.node || peer.node->core().log().applied() < index) return false;
    }
    return true;
}

// One leader, a new entry and a read come through, and every member is at the end of the log.
void World::settle() {
    // Messages of before are still under way; the longest are as late as the reordering window.
    for (std::uint64_t tick = 0; tick < plan_.reorder_ticks; ++tick)
        tick_once();
    demand("no stable leader", 20, [&] { return one_leader(); });
    for (std::size_t client = 0; client < kClients; ++client) {
        if (asked_[client] == acked_[client]) ++asked_[client];
    }
    demand("commands are not carried out", 50, [&] {
        bool all = true;
        for (std::size_t client = 0; client < kClients; ++client) {
            if (acked_[client] == asked_[client]) continue;
            all = false;
            if (now_ % plan_.limits.election_ticks != 0) continue;
            auto& peer = any_peer();
            if (!peer.node) continue;
            tolerate(peer.node->propose(fmt::format("c{}:{}", client, asked_[client])));
            after(peer);
        }
        return all;
    });
    const Index target = checker_.committed();
    demand("members do not catch up", 50, [&] { return all_applied(target); });
    demand("leader does not stay", 20, [&] { return one_leader(); });
}

// A follower that was alone comes back without disturbing anybody; nor do peers that were removed.
void World::isolate_follower() {
    const auto* lead = leader();
    const Term term = lead->node->core().term();
    const auto& conf = lead->node->core().history().latest().conf;
    const auto timeout = plan_.limits.election_ticks;
    const auto victim = conf.voters[random_.below(conf.voters.size())];
    if (victim != lead->id && conf.voters.size() > 2) {
        network_.isolate(victim, ids(), now_, now_ + 5 * timeout);
    }
    for (std::uint64_t tick = 0; tick < 9 * timeout; ++tick)
        tick_once();
    const auto* still = leader();
    if (still == nullptr || still->id != lead->id || still->node->core().term() != term) {
        Checker::fail("11 a peer that was alone, or removed, disturbed the majority");
    }
}

// A leader that was cut off stops leading; the others choose another; all end together.
void World::isolate_leader() {
    const auto* lead = leader();
    const auto old = lead->id;
    const auto conf = lead->node->core().history().latest().conf;
    const auto timeout = plan_.limits.election_ticks;
    if (conf.voters.size() > 1) {
        network_.isolate(old, ids(), now_, now_ + 24 * timeout);
        for (std::uint64_t tick = 0; tick < 3 * timeout; ++tick)
            tick_once();
        if (peers_.at(old).node->core().role() == Role::kLeader) {
            Checker::fail("11 a leader without a majority goes on leading");
        }
        if (conf.voters.size() > 2) {
            demand("no new leader without the old one", 20, [&] {
                const auto* now = leader();
                return now != nullptr && now->id != old;
            });
        }
        for (std::uint64_t tick = 0; tick < 24 * timeout; ++tick)
            tick_once();
    }
    settle();
}

void World::check_exactly_once() {
    const auto& machine = leader()->disk.live().machine;
    for (std::size_t client = 0; client < kClients; ++client) {
        if (machine.done[client] < acked_[client])
            Checker::fail("10 an acknowledged command is lost");
    }
    for (auto& [id, peer] : peers_)
        acknowledge(peer.disk.live().machine);
}

}  // namespace qdrantd::raft::sim
