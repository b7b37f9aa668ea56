// SPDX-License-Identifier: Apache-2.0
// A cluster of raft peers in one thread: their disks, network, clocks, clients and misfortunes, all
// from one seed. Use: World world(seed, ticks); world.run(); it returns when all is well and throws
// Violation otherwise. First a phase with faults (safety), then the faults stop and progress is
// demanded (liveness), then two gentle partitions are demanded to disturb nobody. Thread safety:
// none. Same seed and ticks, same run: fingerprint() must agree.
#pragma once

#include <functional>

#include "tests/sim/raft_checker.hpp"
#include "tests/sim/raft_network.hpp"

namespace qdrantd::raft::sim {

struct Peer {
    PeerId id;
    Disk disk;
    std::unique_ptr<RawNode> node;  // null while the process is down
    std::unique_ptr<Config> config;
    Shadow shadow;
    std::uint64_t up_at = 0;
    std::uint64_t paused_until = 0;
    double rate = 1;
    double clock = 0;
    std::vector<Message> backlog;  // what arrived during a pause

    std::shared_ptr<const Ready> out;  // taken, not yet durable
    std::uint64_t durable_at = 0;

    bool running(std::uint64_t now) const { return node != nullptr && paused_until <= now; }
};

class World final : private EventSink {
  public:
    World(std::uint64_t seed, std::uint64_t ticks, bool trace);
    void run();
    std::uint64_t steps() const { return steps_; }
    std::uint64_t now() const { return now_; }
    /// Depends on everything that happened.
    std::uint64_t fingerprint() { return mix_in(random_.next()); }

  private:
    void on_event(const Event& event) override;
    std::uint64_t mix_in(std::uint64_t value);

    // raft_world.cpp: peers and time
    void add_peer(PeerId id, const ConfState& conf);
    void start(Peer& peer);
    void crash(Peer& peer, std::uint64_t down_ticks);
    void tick_once();
    void deliver(Peer& peer, const Message& message);
    void after(Peer& peer);
    void pump(Peer& peer);
    void take_ready(Peer& peer);
    void finish_ready(Peer& peer);
    void send(Peer& peer, const std::vector<Message>& messages);
    void apply(Peer& peer, const Ready& ready);
    void tolerate(const Status& status) const;
    std::vector<PeerId> ids() const;
    Peer& any_peer();
    Peer* leader();

    // raft_load.cpp: what clients and operators do, and what goes wrong
    void load();
    void faults();
    void propose_command();
    void change_membership(Peer& peer);
    void wipe_removed();
    void compact(Peer& peer);
    void acknowledge(const Machine& machine);

    // raft_liveness.cpp
    void heal();
    void demand(const char* what, std::uint64_t limit, const std::function<bool()>& reached);
    void print_peers() const;
    bool one_leader();
    bool all_applied(Index index);
    void check_exactly_once();
    void settle();
    void isolate_follower();
    void isolate_leader();

    Random random_;
    Plan plan_;
    bool trace_;
    bool calm_ = false;
    std::uint64_t now_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t digest_ = 0;
    std::map<PeerId, Peer> peers_;
    std::map<PeerId, const Stored*> durable_;
    std::map<PeerId, const Shadow*> shadows_;
    Network network_;
    Checker checker_;
    std::array<std::uint64_t, kClients> asked_{};  // newest command of each client
    std::array<std::uint64_t, kClients> acked_{};
    std::uint64_t next_id_ = 0;
};

}  // namespace qdrantd::raft::sim
