// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/raft_world.hpp"

#include <cstdio>

#include <qdrantd/raft/describe.hpp>

#include "tests/sim/hash.hpp"

namespace qdrantd::raft::sim {

World::World(std::uint64_t seed, std::uint64_t ticks, bool trace)
    : random_(seed),
      plan_(Plan::draw(random_, ticks)),
      trace_(trace),
      network_(plan_, random_),
      checker_(durable_, shadows_) {
    ConfState conf;
    for (std::uint64_t id = 1; id <= plan_.voters; ++id)
        conf.voters.emplace_back(id);
    for (std::uint64_t id = 1; id <= plan_.learners; ++id)
        conf.learners.emplace_back(plan_.voters + id);
    next_id_ = plan_.voters + plan_.learners + 1;
    checker_.set_initial_conf(conf);
    for (std::uint64_t id = 1; id < next_id_; ++id)
        add_peer(PeerId{id}, conf);
}

void World::on_event(const Event& event) {
    mix_in(static_cast<std::uint64_t>(event.kind) << 32U | event.self.value);
    if (trace_) std::printf("%6lu      %s\n", now_, describe(event).c_str());
}

std::uint64_t World::mix_in(std::uint64_t value) { return digest_ = mix(digest_, value); }

std::vector<PeerId> World::ids() const {
    std::vector<PeerId> found;
    for (const auto& [id, peer] : peers_)
        found.push_back(id);
    return found;
}

Peer& World::any_peer() {
    auto place = peers_.begin();
    std::advance(place, static_cast<std::ptrdiff_t>(random_.below(peers_.size())));
    return place->second;
}

Peer* World::leader() {
    Peer* found = nullptr;
    for (auto& [id, peer] : peers_) {
        if (!peer.node || peer.node->core().role() != Role::kLeader) continue;
        if (found == nullptr || peer.node->core().term() > found->node->core().term())
            found = &peer;
    }
    return found;
}

void World::add_peer(PeerId id, const ConfState& conf) {
    auto& peer = peers_[id];
    peer.id = id;
    peer.disk = Disk(conf);
    peer.rate = plan_.tick_skew && !calm_ ? 0.5 + 1.5 * random_.unit() : 1.0;
    durable_[id] = &peer.disk.durable();
    shadows_[id] = &peer.shadow;
    start(peer);
}

void World::start(Peer& peer) {
    peer.config = std::make_unique<Config>(plan_.limits);
    peer.config->id = peer.id;
    peer.config->seed = random_.next();
    auto node = RawNode::create(*peer.config, peer.disk.live().log, *this);
    if (!node.ok()) Checker::fail("6 a peer cannot start from its disk: " + node.error().message);
    peer.node = std::move(node).value();
    checker_.started(peer.node->core(), peer.shadow, peer.disk.durable());
}

void World::crash(Peer& peer, std::uint64_t down_ticks) {
    if (!peer.node) return;
    if (trace_) std::printf("%6lu  %lu crashes\n", now_, peer.id.value);
    std::optional<Write> under_way;
    if (peer.out) {
        under_way.emplace();
        under_way->ready = peer.out;
    }
    peer.node.reset();
    peer.out.reset();
    peer.backlog.clear();
    peer.disk.crash(random_, plan_.torn, std::move(under_way));
    peer.up_at = now_ + down_ticks;
}

// A peer may refuse what it is asked; a contradiction with what it knows is a failure of the
// protocol.
void World::tolerate(const Status& status) const {
    if (status.ok() || status.error().code == ErrorCode::kUnavailable ||
        status.error().code == ErrorCode::kBadInput) {
        return;
    }
    Checker::fail("4 a peer reports: " + status.error().message);
}

void World::after(Peer& peer) {
    ++steps_;
    checker_.stepped(peer.node->core(), peer.shadow);
}

void World::deliver(Peer& peer, const Message& message) {
    if (!peer.node) return;
    if (peer.paused_until > now_) {
        if (peer.backlog.size() < 200) peer.backlog.push_back(message);
        return;
    }
    if (trace_) std::printf("%6lu  %s\n", now_, describe(message).c_str());
    const auto status = peer.node->step(message);
    if (!status.ok() && status.error().code == ErrorCode::kBadInput) {
        Checker::fail("4 a peer sent what another cannot accept: " + status.error().message);
    }
    tolerate(status);
    after(peer);
    if (random_.chance(plan_.pump_each)) pump(peer);
}

void World::pump(Peer& peer) {
    while (peer.running(now_)) {
        if (peer.out) {
            if (peer.durable_at > now_) return;
            finish_ready(peer);
        }
        if (!peer.node->has_ready()) return;
        take_ready(peer);
    }
}

void World::send(Peer& peer, const std::vector<Message>& messages) {
    for (const auto& message : messages) {
        checker_.sent(message);
        mix_in(static_cast<std::uint64_t>(message.kind) << 48U | message.index << 20U |
               message.term);
        if (message.kind == MessageKind::kSnapshot && !calm_ &&
            random_.chance(plan_.snapshot_report)) {
            // True or not; with a failure the snapshot may be lost or may still arrive.
            peer.node->report_snapshot(message.to, random_.chance(0.5));
        }
        network_.send(message, now_);
    }
}

void World::take_ready(Peer& peer) {
    auto taken = peer.node->ready();
    if (!taken.ok()) Checker::fail("4 no ready: " + taken.error().message);
    peer.out = std::make_shared<const Ready>(std::move(taken).value());
    checker_.ready_taken(peer.node->core(), peer.shadow, *peer.out);
    peer.durable_at = now_;
    if (peer.out->must_sync && !calm_ && random_.chance(plan_.slow_disk)) {
        peer.durable_at += random_.below(plan_.slow_disk_ticks + 1);
    }
    send(peer, peer.out->messages);
}

void World::finish_ready(Peer& peer) {
    const auto ready = std::exchange(peer.out, nullptr);
    Write write;
    write.ready = ready;
    peer.disk.write(std::move(write));
    if (ready->must_sync) peer.disk.sync();
    send(peer, ready->messages_after_sync);
    apply(peer, *ready);
    for (const auto& read : ready->reads) {
        if (trace_) std::printf("%6lu      %lu %s\n", now_, peer.id.value, describe(read).c_str());
        checker_.read_answered(peer.id, read, peer.node->core());
    }
    for (const auto& id : ready->lost_reads)
        checker_.read_lost(peer.id, id);
    peer.node->advance();
    after(peer);
}

void World::apply(Peer& peer, const Ready& ready) {
    if (!ready.snapshot && ready.committed.empty()) return;
    Write write;
    write.machine = peer.disk.live().machine;
    if (ready.snapshot) {
        write.machine = Machine::decode(ready.snapshot->data);
        write.applied = ready.snapshot->index;
        checker_.installed(*ready.snapshot, write.machine);
    }
    for (const auto& entry : ready.committed) {
        const Index before = write.applied.value_or(peer.disk.live().log.applied());
        if (entry.index != before + 1) Checker::fail("4 committed entries with a gap");
        write.machine.apply(entry);
        write.applied = entry.index;
        checker_.applied(entry, write.machine);
        if (entry.kind == EntryKind::kConfig) {
            write.conf = std::pair{entry.index, decode_conf_entry(entry.data)->conf};
        }
    }
    acknowledge(write.machine);
    mix_in(write.machine.digest);
    peer.disk.write(std::move(write));
}

void World::tick_once() {
    ++now_;
    network_.advance_links(now_);
    for (auto& [id, peer] : peers_) {
        if (!peer.node && peer.up_at <= now_) start(peer);
        if (peer.running(now_) && !peer.backlog.empty()) {
            const auto backlog = std::exchange(peer.backlog, {});
            for (const auto& message : backlog)
                deliver(peer, message);
        }
    }
    for (const auto& message : network_.arrivals(now_)) {
        const auto place = peers_.find(message.to);
        if (place != peers_.end()) deliver(place->second, message);
    }
    for (auto& [id, peer] : peers_) {
        if (!peer.running(now_)) continue;
        for (peer.clock += peer.rate; peer.clock >= 1; peer.clock -= 1) {
            peer.node->tick();
            after(peer);
        }
        pump(peer);
    }
}

void World::run() {
    while (now_ < plan_.ticks) {
        faults();
        load();
        tick_once();
    }
    heal();
    settle();
    isolate_follower();
    isolate_leader();
    check_exactly_once();
}

}  // namespace qdrantd::raft::sim
