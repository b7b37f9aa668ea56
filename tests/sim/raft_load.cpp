// SPDX-License-Identifier: Apache-2.0
// The phase with faults: what clients and operators ask for, and what goes wrong.
#include <fmt/core.h>

#include "tests/sim/raft_world.hpp"

namespace qdrantd::raft::sim {

namespace {
constexpr std::size_t kPeersMax = 10;
}

void World::propose_command() {
    auto& peer = any_peer();
    if (!peer.running(now_)) return;
    if (random_.chance(plan_.oversized)) {
        tolerate(peer.node->propose(std::string(150 + random_.below(100), 'o')));
        after(peer);
        return;
    }
    // A client has one command at a time and repeats it, anywhere, until it is known to be carried
    // out.
    const auto client = random_.below(kClients);
    if (asked_[client] == acked_[client]) ++asked_[client];
    const auto copies = random_.chance(plan_.burst) ? 20U : 1U;
    for (unsigned copy = 0; copy < copies && peer.node; ++copy) {
        tolerate(peer.node->propose(fmt::format("c{}:{}", client, asked_[client])));
        after(peer);
    }
}

void World::acknowledge(const Machine& machine) {
    for (std::size_t client = 0; client < kClients; ++client) {
        if (machine.done[client] > asked_[client])
            Checker::fail("10 a command nobody sent is carried out");
        if (machine.executed[client] != machine.done[client])
            Checker::fail("10 a command is repeated");
        acked_[client] = std::max(acked_[client], machine.done[client]);
    }
}

void World::change_membership(Peer& peer) {
    const auto& conf = peer.node->core().history().latest().conf;
    ConfChange change;
    switch (random_.below(6)) {
        case 0:
        case 1: {
            change.kind = ConfChangeKind::kAddLearner;
            // Often one that was a member before.
            change.peer = any_peer().id;
            if (conf.contains(change.peer) || random_.chance(0.3)) {
                if (peers_.size() >= kPeersMax) return;
                change.peer = PeerId{next_id_++};
                add_peer(change.peer, {});
            }
            break;
        }
        case 2:
        case 3:
            change.kind = ConfChangeKind::kPromote;
            if (conf.learners.empty()) return;
            change.peer = conf.learners[random_.below(conf.learners.size())];
            break;
        case 4:
            change.kind = ConfChangeKind::kDemote;
            if (conf.voters.size() < 2) return;
            change.peer = conf.voters[random_.below(conf.voters.size())];
            break;
        default:
            change.kind = ConfChangeKind::kRemove;
            if (conf.voters.size() < 2) return;
            change.peer = random_.chance(0.2) ? peer.id : any_peer().id;
            break;
    }
    tolerate(peer.node->propose_conf_change(change));
    after(peer);
}

// An operator empties a peer only when its removal is committed.
void World::wipe_removed() {
    auto& peer = any_peer();
    if (checker_.committed_conf().contains(peer.id)) return;
    // Nor while it is being added again.
    for (const auto& [id, shadow] : shadows_) {
        const auto newer = shadow->confs.upper_bound(checker_.committed_conf_index());
        const bool added = std::any_of(newer, shadow->confs.end(), [&](const auto& placed) {
            return placed.second.contains(peer.id);
        });
        if (added) return;
    }
    checker_.wiped(peer.id);
    peer.node.reset();
    peer.out.reset();
    peer.backlog.clear();
    peer.disk = Disk(ConfState{});
    // Messages to its earlier life must be gone, and leaders of its time; see LogReader.
    peer.up_at = now_ + plan_.reorder_ticks + plan_.delay_ticks + 1 + random_.below(50) +
                 4UL * plan_.limits.election_ticks;
}

void World::compact(Peer& peer) {
    const auto& log = peer.disk.live().log;
    if (log.applied() < log.first_index() || peer.out) return;
    Write write;
    write.compact_to = log.first_index() + random_.below(log.applied() - log.first_index() + 1) -
                       (random_.chance(0.1) ? 1 : 0);
    peer.disk.write(std::move(write));
}

void World::load() {
    if (random_.chance(plan_.propose)) propose_command();
    if (random_.chance(plan_.read)) {
        auto& peer = any_peer();
        if (peer.running(now_)) {
            const auto id = peer.node->read_index();
            if (id.ok()) checker_.read_begun(peer.id, *id);
            after(peer);
        }
    }
    if (random_.chance(plan_.membership)) {
        auto* peer = random_.chance(0.6) ? leader() : &any_peer();
        if (peer != nullptr && peer->running(now_)) change_membership(*peer);
    }
    if (random_.chance(plan_.membership * plan_.wipe)) wipe_removed();
    if (random_.chance(plan_.transfer)) {
        auto& peer = any_peer();
        if (peer.running(now_)) {
            tolerate(peer.node->transfer_leadership(any_peer().id));
            after(peer);
        }
    }
    for (auto& [id, peer] : peers_) {
        if (peer.running(now_) && random_.chance(plan_.compaction)) compact(peer);
    }
    if (random_.chance(plan_.unreachable_report)) {
        auto& peer = any_peer();
        if (peer.running(now_)) {
            peer.node->report_unreachable(any_peer().id);
            after(peer);
        }
    }
}

void World::faults() {
    if (random_.chance(plan_.partition)) network_.partition(ids(), now_);
    if (random_.chance(plan_.crash)) {
        // Sometimes many at once, as when a rack loses power.
        const auto victims = random_.chance(0.2) ? 1 + random_.below(peers_.size()) : 1;
        const auto down = 1 + random_.below(random_.chance(0.3) ? 300 : 20);
        for (std::uint64_t i = 0; i < victims; ++i)
            crash(any_peer(), down);
    }
    if (random_.chance(plan_.pause)) {
        any_peer().paused_until = now_ + 1 + random_.below(plan_.pause_ticks);
    }
}

}  // namespace qdrantd::raft::sim
