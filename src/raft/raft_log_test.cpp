// SPDX-License-Identifier: Apache-2.0
#include "raft/raft_log.hpp"

#include <gtest/gtest.h>

#include "tests/raft/memory_log.hpp"

namespace qdrantd::raft {
namespace {

Entry entry(Index index, Term term, std::string data = "x") {
    return {index, term, EntryKind::kData, std::move(data)};
}

/// Entries 1.. with the given terms, durable.
MemoryLog stored(const std::vector<Term>& terms) {
    MemoryLog log;
    Ready ready;
    for (const auto term : terms)
        ready.entries.push_back(entry(ready.entries.size() + 1, term));
    log.save(ready);
    return log;
}

TEST(RaftLog, ReadsAcrossDurableAndUnstableEntries) {
    const auto stored_log = stored({1, 1, 2});
    RaftLog log(stored_log, 1, 0);
    log.append({entry(4, 3), entry(5, 3)});
    EXPECT_EQ(log.last_index(), 5U);
    EXPECT_EQ(log.stable_index(), 3U);
    const auto all = log.entries(2, 5, SIZE_MAX);
    ASSERT_TRUE(all.ok());
    EXPECT_EQ(all->size(), 4U);
    const auto one = log.entries(2, 5, 1);
    ASSERT_TRUE(one.ok());
    EXPECT_EQ(one->size(), 1U) << "never empty";
    const auto across = log.entries(3, 5, 2 * entry_bytes(entry(1, 1)));
    ASSERT_TRUE(across.ok());
    EXPECT_EQ(across->size(), 2U);
}

TEST(RaftLog, CutOffEntriesAreGoneBeforeTheDiskKnows) {
    const auto stored_log = stored({1, 1, 1, 1});
    RaftLog log(stored_log, 1, 0);
    log.append({entry(2, 2)});
    EXPECT_EQ(log.last_index(), 2U);
    EXPECT_FALSE(log.term(3).has_value());
    EXPECT_EQ(log.stable_index(), 1U);
    log.stable_to({2, 2});
    EXPECT_EQ(log.last_index(), 2U) << "the store still ends at 4 until it is told";
    EXPECT_FALSE(log.term(4).has_value());
}

TEST(RaftLog, WritingThatWasOvertakenDoesNotCount) {
    const auto stored_log = stored({1});
    RaftLog log(stored_log, 1, 0);
    log.append({entry(2, 2), entry(3, 2)});
    log.append({entry(2, 3)});
    log.stable_to({3, 2});
    EXPECT_EQ(log.stable_index(), 1U);
    log.stable_to({2, 2});
    EXPECT_EQ(log.stable_index(), 1U);
    log.stable_to({2, 3});
    EXPECT_EQ(log.stable_index(), 2U);
}

TEST(RaftLog, UpToDateComparesTermsFirst) {
    const auto stored_log = stored({1, 2, 2});
    const RaftLog log(stored_log, 0, 0);
    EXPECT_TRUE(log.up_to_date({1, 3}));
    EXPECT_TRUE(log.up_to_date({3, 2}));
    EXPECT_FALSE(log.up_to_date({2, 2}));
    EXPECT_FALSE(log.up_to_date({9, 1}));
}

TEST(RaftLog, FindsWhereLogsMayStillAgree) {
    const auto stored_log = stored({1, 1, 3, 3, 5});
    const RaftLog log(stored_log, 0, 0);
    EXPECT_EQ(log.last_at_or_below(5, 4), (LogPosition{4, 3}));
    EXPECT_EQ(log.last_at_or_below(9, 2), (LogPosition{2, 1}));
    EXPECT_EQ(log.last_at_or_below(3, 0), (LogPosition{0, 0}));
}

TEST(RaftLog, FindsTheFirstConflict) {
    const auto stored_log = stored({1, 1, 2});
    const RaftLog log(stored_log, 0, 0);
    EXPECT_EQ(log.find_conflict({entry(2, 1), entry(3, 2)}), 0U);
    EXPECT_EQ(log.find_conflict({entry(2, 1), entry(3, 3)}), 3U);
    EXPECT_EQ(log.find_conflict({entry(3, 2), entry(4, 2)}), 4U);
}

TEST(RaftLog, SnapshotReplacesEverything) {
    const auto stored_log = stored({1, 1, 1, 1});
    RaftLog log(stored_log, 1, 1);
    log.restore(std::make_shared<const Snapshot>(Snapshot{3, 2, {}, ""}));
    EXPECT_EQ(log.first_index(), 4U);
    EXPECT_EQ(log.last_index(), 3U);
    EXPECT_EQ(log.term(3), Term{2});
    EXPECT_FALSE(log.term(4).has_value()) << "an old entry behind the snapshot";
    EXPECT_FALSE(log.term(2).has_value());
    EXPECT_EQ(log.committed(), 3U);
}

TEST(RaftLog, ASecondSnapshotSurvivesTheWritingOfTheFirst) {
    const auto stored_log = stored({1});
    RaftLog log(stored_log, 1, 1);
    log.restore(std::make_shared<const Snapshot>(Snapshot{3, 2, {}, ""}));
    log.restore(std::make_shared<const Snapshot>(Snapshot{7, 2, {}, ""}));
    log.snapshot_stable_to(3);
    ASSERT_NE(log.unstable().snapshot(), nullptr);
    EXPECT_EQ(log.unstable().snapshot()->index, 7U);
    log.snapshot_stable_to(7);
    EXPECT_EQ(log.unstable().snapshot(), nullptr);
}

TEST(RaftLog, CompactionKeepsTheTermAtItsEdge) {
    auto stored_log = stored({1, 1, 2, 2});
    RaftLog log(stored_log, 3, 3);
    stored_log.set_applied(3);
    stored_log.take_snapshot("");
    stored_log.compact(3);
    EXPECT_EQ(log.first_index(), 4U);
    EXPECT_EQ(log.term(3), Term{2});
    EXPECT_FALSE(log.term(2).has_value());
    EXPECT_FALSE(log.entries(3, 4, SIZE_MAX).ok());
    EXPECT_TRUE(log.entries(4, 4, SIZE_MAX).ok());
}

}  // namespace
}  // namespace qdrantd::raft
