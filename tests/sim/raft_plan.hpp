// SPDX-License-Identifier: Apache-2.0
// What one seed draws: cluster size, limits, and which faults happen how often. Swarm style: each
// fault is switched on with probability one half, and its rate is drawn anew, so that seeds differ
// in kind and not only in detail. Thread safety: value.
#pragma once

#include <cstdint>

#include <qdrantd/common/random.hpp>
#include <qdrantd/raft/config.hpp>

namespace qdrantd::raft::sim {

struct Plan {
    std::uint64_t voters = 3;
    std::uint64_t learners = 0;
    std::uint64_t ticks = 0;  // of the phase with faults

    Config limits;  // without id and seed

    double loss = 0;
    double duplication = 0;
    std::uint64_t delay_ticks = 1;    // most messages
    std::uint64_t reorder_ticks = 0;  // some are this much later
    double reorder = 0;
    double partition = 0;               // per tick
    std::uint64_t partition_ticks = 1;  // longest
    double crash = 0;                   // per tick
    double torn = 0;                    // of the crashes
    double slow_disk = 0;               // of the syncs
    std::uint64_t slow_disk_ticks = 0;
    double pause = 0;  // per tick
    std::uint64_t pause_ticks = 0;
    bool tick_skew = false;
    double membership = 0;          // per tick
    double wipe = 0;                // of the removed peers
    double transfer = 0;            // per tick
    double compaction = 0;          // per tick and peer
    double snapshot_report = 0;     // of the snapshots sent: a report, right or wrong
    double unreachable_report = 0;  // per tick
    double propose = 0;             // per tick
    double oversized = 0;           // of the proposals
    double burst = 0;               // of the proposals
    double read = 0;                // per tick
    double pump_each = 1;  // of the deliveries: handled at once, not at the end of the tick

    static Plan draw(Random& random, std::uint64_t ticks);
};

inline Plan Plan::draw(Random& random, std::uint64_t ticks) {
    Plan plan;
    const auto maybe = [&](double most) { return random.chance(0.5) ? random.unit() * most : 0.0; };
    plan.ticks = ticks;
    plan.voters = random.chance(0.4) ? 3 : 1 + random.below(7);
    plan.learners = random.chance(0.3) ? random.below(6) : random.below(3);
    plan.delay_ticks = 1 + random.below(3);
    // An election takes four messages in a row; with less time than that, ties are the rule.
    plan.limits.election_ticks =
        static_cast<std::uint32_t>(4 + 4 * plan.delay_ticks + random.below(8));
    plan.limits.heartbeat_ticks = static_cast<std::uint32_t>(1 + random.below(2));
    plan.limits.snapshot_ticks = plan.limits.election_ticks * 3;
    plan.limits.max_message_bytes = random.chance(0.3) ? 40 : 100 + random.below(2000);
    plan.limits.max_inflight_messages = 1 + random.below(8);
    plan.limits.max_inflight_bytes = 100 + random.below(4000);
    plan.limits.max_entry_bytes = 200;
    plan.limits.max_uncommitted_bytes = 300 + random.below(4000);
    plan.limits.max_apply_bytes = 50 + random.below(2000);
    plan.limits.max_pending_reads = 1 + random.below(20);
    plan.loss = maybe(0.3);
    plan.duplication = maybe(0.5);
    plan.reorder = maybe(0.3);
    plan.reorder_ticks = random.below(200);
    plan.partition = maybe(0.03);
    plan.partition_ticks = 10 + random.below(600);
    plan.crash = maybe(0.02);
    plan.torn = random.chance(0.8) ? 0.5 : 0;
    plan.slow_disk = maybe(0.5);
    plan.slow_disk_ticks = 1 + random.below(random.chance(0.2) ? 200 : 12);
    plan.pause = maybe(0.01);
    plan.pause_ticks = 1 + random.below(300);
    plan.tick_skew = random.chance(0.5);
    plan.membership = maybe(0.05);
    plan.wipe = maybe(1.0);
    plan.transfer = maybe(0.02);
    plan.compaction = maybe(0.05);
    plan.snapshot_report = maybe(1.0);
    plan.unreachable_report = maybe(0.05);
    plan.propose = random.unit() * 0.6;
    plan.oversized = maybe(0.05);
    plan.burst = maybe(0.2);
    plan.read = maybe(0.3);
    plan.pump_each = random.chance(0.5) ? 1.0 : random.unit();
    return plan;
}

}  // namespace qdrantd::raft::sim
