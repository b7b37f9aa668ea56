// SPDX-License-Identifier: Apache-2.0
// Start, refusals and the order of Ready. What peers do to each other is in tests/raft and
// tests/sim.
#include <qdrantd/raft/raw_node.hpp>

#include <gtest/gtest.h>

#include <qdrantd/raft/describe.hpp>

#include "tests/raft/memory_log.hpp"

namespace qdrantd::raft {
namespace {

ConfState voters(std::vector<std::uint64_t> ids) {
    ConfState conf;
    for (const auto peer : ids)
        conf.voters.emplace_back(peer);
    return conf;
}

Config config_of(std::uint64_t peer) {
    Config config;
    config.id = PeerId{peer};
    config.seed = peer;
    return config;
}

std::unique_ptr<RawNode> start(const MemoryLog& log, const Config& config = config_of(1)) {
    auto node = RawNode::create(config, log, silent_events());
    EXPECT_TRUE(node.ok());
    return std::move(node).value();
}

Message message(MessageKind kind, std::uint64_t from, Term term) {
    Message made;
    made.kind = kind;
    made.from = PeerId{from};
    made.to = PeerId{1};
    made.term = term;
    return made;
}

/// Carries one Ready out, and returns it.
Ready turn(RawNode& node, MemoryLog& log) {
    auto ready = node.ready();
    EXPECT_TRUE(ready.ok());
    log.save(*ready);
    if (!ready->committed.empty()) log.set_applied(ready->committed.back().index);
    node.advance();
    return std::move(ready).value();
}

TEST(RawNode, RefusesOptionsThatDoNotValidate) {
    const MemoryLog log(voters({1}));
    const auto node = RawNode::create(Config{}, log, silent_events());
    ASSERT_FALSE(node.ok());
    EXPECT_EQ(node.error().code, ErrorCode::kValidation);
}

TEST(RawNode, RefusesALogThatContradictsItsHardState) {
    MemoryLog commit_beyond(voters({1}));
    commit_beyond.set_hard_state({3, kNoPeer, 5});
    auto node = RawNode::create(config_of(1), commit_beyond, silent_events());
    ASSERT_FALSE(node.ok());
    EXPECT_EQ(node.error().code, ErrorCode::kChecksum);

    MemoryLog term_behind(voters({1}));
    Ready ready;
    ready.entries = {{1, 4, EntryKind::kData, "x"}};
    ready.hard_state = HardState{3, kNoPeer, 0};
    term_behind.save(ready);
    node = RawNode::create(config_of(1), term_behind, silent_events());
    ASSERT_FALSE(node.ok());
    EXPECT_EQ(node.error().code, ErrorCode::kChecksum);

    MemoryLog applied_beyond(voters({1}));
    applied_beyond.set_applied(1);
    EXPECT_FALSE(RawNode::create(config_of(1), applied_beyond, silent_events()).ok());
}

TEST(RawNode, FindsTheMembershipInTheLog) {
    MemoryLog log(voters({1}));
    Ready ready;
    ready.entries = {{1, 1, EntryKind::kConfig, encode_conf_entry({{}, voters({1, 2})})},
                     {2, 1, EntryKind::kConfig, encode_conf_entry({{}, voters({1, 2, 3})})}};
    ready.hard_state = HardState{1, kNoPeer, 1};
    log.save(ready);
    const auto status = start(log)->status();
    EXPECT_EQ(status.conf, voters({1, 2, 3}));
    EXPECT_EQ(status.conf_index, 2U);
    EXPECT_FALSE(status.conf_committed);
}

TEST(RawNode, SingleVoterLeadsOnlyWhenItsVoteIsDurable) {
    MemoryLog log(voters({1}));
    auto node = start(log);
    ASSERT_TRUE(node->campaign().ok());
    EXPECT_EQ(node->status().role, Role::kCandidate);
    const auto first = turn(*node, log);
    EXPECT_TRUE(first.must_sync);
    EXPECT_EQ(first.hard_state, (HardState{1, PeerId{1}, 0}));
    EXPECT_EQ(node->status().role, Role::kLeader);
    EXPECT_EQ(node->status().hard_state.commit, 0U) << "its entry is not durable yet";
    turn(*node, log);
    EXPECT_EQ(node->status().hard_state.commit, 1U);
    const auto third = turn(*node, log);
    EXPECT_FALSE(third.must_sync) << "only the commit index moved";
    ASSERT_EQ(third.committed.size(), 1U);
    EXPECT_EQ(third.committed[0].kind, EntryKind::kNoop);
    EXPECT_FALSE(node->has_ready());
}

TEST(RawNode, PromisesWaitForTheDisk) {
    MemoryLog log(voters({1, 2, 3}));
    auto node = start(log);
    ASSERT_TRUE(node->step(message(MessageKind::kVote, 2, 5)).ok());
    auto ready = turn(*node, log);
    EXPECT_TRUE(ready.messages.empty());
    ASSERT_EQ(ready.messages_after_sync.size(), 1U);
    EXPECT_EQ(describe(ready.messages_after_sync[0]), "1->2 VoteResponse term=5");
    EXPECT_EQ(ready.hard_state, (HardState{5, PeerId{2}, 0}));

    auto append = message(MessageKind::kAppend, 2, 5);
    append.entries = {{1, 5, EntryKind::kNoop, ""}};
    ASSERT_TRUE(node->step(append).ok());
    ready = turn(*node, log);
    EXPECT_TRUE(ready.messages.empty());
    ASSERT_EQ(ready.messages_after_sync.size(), 1U);
    EXPECT_EQ(ready.entries.size(), 1U);
}

// What lies behind an append may be another leader's, and is neither acknowledged nor committed
// with it.
TEST(RawNode, AppendVouchesOnlyForWhatItCovers) {
    MemoryLog log(voters({1, 2, 3}));
    Ready tail;
    tail.entries = {
        {1, 1, EntryKind::kNoop, ""}, {2, 1, EntryKind::kData, "a"}, {3, 1, EntryKind::kData, "b"}};
    tail.hard_state = HardState{1, kNoPeer, 0};
    log.save(tail);
    auto node = start(log);
    auto append = message(MessageKind::kAppend, 2, 2);
    append.index = 1;
    append.log_term = 1;
    append.commit = 3;
    ASSERT_TRUE(node->step(append).ok());
    EXPECT_EQ(node->status().hard_state.commit, 1U);
    EXPECT_EQ(node->status().last_index, 3U) << "nothing contradicts the tail yet";
    const auto ready = turn(*node, log);
    ASSERT_EQ(ready.messages_after_sync.size(), 1U);
    EXPECT_EQ(ready.messages_after_sync[0].index, 1U);
}

// An emptied voter has forgotten whom it follows, so its answer to a heartbeat confirms no read.
TEST(RawNode, EmptiedVoterConfirmsNoRead) {
    MemoryLog log(voters({1, 2}));
    auto node = start(log);
    ASSERT_TRUE(node->campaign().ok());
    turn(*node, log);
    ASSERT_TRUE(node->step(message(MessageKind::kPreVoteResponse, 2, 1)).ok());
    turn(*node, log);
    ASSERT_TRUE(node->step(message(MessageKind::kVoteResponse, 2, 1)).ok());
    turn(*node, log);
    auto stored = message(MessageKind::kAppendResponse, 2, 1);
    stored.index = 1;
    ASSERT_TRUE(node->step(stored).ok());
    ASSERT_EQ(node->status().hard_state.commit, 1U);
    ASSERT_TRUE(node->read_index().ok());
    turn(*node, log);
    auto answer = message(MessageKind::kHeartbeatResponse, 2, 1);
    answer.round = 1;
    answer.joining = true;
    ASSERT_TRUE(node->step(answer).ok());
    if (node->has_ready()) {
        EXPECT_TRUE(turn(*node, log).reads.empty());
    }
    answer.joining = false;
    ASSERT_TRUE(node->step(answer).ok());
    EXPECT_EQ(turn(*node, log).reads.size(), 1U);
}

TEST(RawNode, RefusesMalformedMessages) {
    MemoryLog log(voters({1, 2, 3}));
    auto node = start(log);
    std::vector<Message> bad;
    bad.push_back(message(static_cast<MessageKind>(99), 2, 1));
    bad.push_back(message(MessageKind::kHeartbeat, 1, 1));
    bad.push_back(message(MessageKind::kHeartbeat, 0, 1));
    bad.push_back(message(MessageKind::kHeartbeat, 2, 0));
    bad.push_back(message(MessageKind::kSnapshot, 2, 1));
    auto misplaced = message(MessageKind::kHeartbeat, 2, 1);
    misplaced.to = PeerId{3};
    bad.push_back(misplaced);
    auto gap = message(MessageKind::kAppend, 2, 1);
    gap.entries = {{2, 1, EntryKind::kData, "x"}};
    bad.push_back(gap);
    auto future = message(MessageKind::kAppend, 2, 1);
    future.entries = {{1, 2, EntryKind::kData, "x"}};
    bad.push_back(future);
    auto unknown_kind = message(MessageKind::kAppend, 2, 1);
    unknown_kind.entries = {{1, 1, static_cast<EntryKind>(77), "x"}};
    bad.push_back(unknown_kind);
    auto poison = message(MessageKind::kAppend, 2, 1);
    poison.entries = {{1, 1, EntryKind::kConfig, "poison"}};
    bad.push_back(poison);
    auto snapshot = message(MessageKind::kSnapshot, 2, 1);
    snapshot.snapshot = std::make_shared<const Snapshot>(Snapshot{4, 1, {}, ""});
    bad.push_back(snapshot);
    auto half = message(MessageKind::kAppend, 2, 1);
    half.index = 4;
    bad.push_back(half);
    for (const auto& each : bad)
        EXPECT_FALSE(node->step(each).ok()) << describe(each);
    EXPECT_EQ(node->status().last_index, 0U);
    EXPECT_FALSE(node->has_ready());
}

TEST(RawNode, SaysSoWhenThereIsNoLeader) {
    MemoryLog log(voters({1, 2}));
    auto node = start(log);
    EXPECT_EQ(node->propose("x").error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(node->read_index().error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(node->transfer_leadership(PeerId{2}).error().code, ErrorCode::kUnavailable);
}

TEST(RawNode, BoundsProposalsAndReads) {
    MemoryLog log(voters({1, 2}));
    auto config = config_of(1);
    config.max_entry_bytes = 100;
    config.max_uncommitted_bytes = 300;
    config.max_pending_reads = 2;
    auto node = start(log, config);
    ASSERT_TRUE(node->campaign().ok());
    turn(*node, log);
    ASSERT_TRUE(node->step(message(MessageKind::kPreVoteResponse, 2, 1)).ok());
    turn(*node, log);
    ASSERT_TRUE(node->step(message(MessageKind::kVoteResponse, 2, 1)).ok());
    ASSERT_EQ(node->status().role, Role::kLeader);
    EXPECT_EQ(node->propose(std::string(101, 'x')).error().code, ErrorCode::kBadInput);
    EXPECT_TRUE(node->propose(std::string(100, 'x')).ok());
    EXPECT_TRUE(node->propose(std::string(100, 'x')).ok());
    EXPECT_EQ(node->propose(std::string(100, 'x')).error().code, ErrorCode::kUnavailable);
    EXPECT_TRUE(node->read_index().ok());
    EXPECT_TRUE(node->read_index().ok());
    EXPECT_EQ(node->read_index().error().code, ErrorCode::kUnavailable);
}

TEST(RawNode, SameSeedSameOutputs) {
    std::string first;
    for (int run = 0; run < 2; ++run) {
        MemoryLog log(voters({1, 2, 3}));
        auto node = start(log);
        std::string trace;
        for (int tick = 0; tick < 300; ++tick) {
            node->tick();
            if (!node->has_ready()) continue;
            const auto ready = turn(*node, log);
            trace += std::to_string(tick) + ":";
            for (const auto& sent : ready.messages_after_sync)
                trace += describe(sent) + ";";
        }
        EXPECT_FALSE(trace.empty());
        if (run == 0) first = trace;
        EXPECT_EQ(trace, first);
    }
}

}  // namespace
}  // namespace qdrantd::raft
