// SPDX-License-Identifier: Apache-2.0
#include "raft/progress.hpp"

#include <gtest/gtest.h>

namespace qdrantd::raft {
namespace {

Progress replicating(Index match, std::size_t window = 3) {
    Progress progress(match + 1, Inflights(window, 1000));
    progress.acknowledged(match);
    progress.become_replicate();
    return progress;
}

TEST(Inflights, BoundsCountAndBytes) {
    Inflights window(2, 100);
    window.add(1, 10);
    EXPECT_FALSE(window.full());
    window.add(4, 10);
    EXPECT_TRUE(window.full());
    window.free_to(3);
    EXPECT_EQ(window.count(), 1U);
    EXPECT_EQ(window.bytes(), 10U);
    window.clear();
    window.add(5, 100);
    EXPECT_TRUE(window.full()) << "by bytes";
}

TEST(Progress, ProbeSendsOnceAndWaits) {
    Progress progress(8, Inflights(3, 1000));
    EXPECT_FALSE(progress.paused());
    progress.sent_entries(2, 10);
    EXPECT_TRUE(progress.paused());
    EXPECT_EQ(progress.next(), 8U);
    progress.resume_probe();
    EXPECT_FALSE(progress.paused());
}

TEST(Progress, ReplicateRunsAheadWithinItsWindow) {
    auto progress = replicating(4, 2);
    progress.sent_entries(3, 10);
    EXPECT_EQ(progress.next(), 8U);
    progress.sent_entries(1, 10);
    EXPECT_TRUE(progress.window_full());
    EXPECT_TRUE(progress.paused());
    EXPECT_TRUE(progress.acknowledged(7));
    EXPECT_FALSE(progress.paused());
    EXPECT_EQ(progress.match(), 7U);
}

TEST(Progress, RefusalInProbeJumpsToTheHintButNeverBelowTheMatch) {
    Progress progress(20, Inflights(3, 1000));
    EXPECT_FALSE(progress.refused(18, 3)) << "not the probe under way";
    EXPECT_TRUE(progress.refused(19, 3));
    EXPECT_EQ(progress.next(), 4U);
    progress.acknowledged(6);
    EXPECT_EQ(progress.next(), 7U);
    EXPECT_TRUE(progress.refused(6, 2));
    EXPECT_EQ(progress.next(), 7U);
}

TEST(Progress, OldRefusalDoesNotDisturbReplication) {
    auto progress = replicating(10);
    EXPECT_FALSE(progress.refused(10, 5));
    EXPECT_EQ(progress.state(), ProgressState::kReplicate);
    progress.sent_entries(5, 10);
    EXPECT_TRUE(progress.refused(15, 10));
    EXPECT_EQ(progress.state(), ProgressState::kProbe);
    EXPECT_EQ(progress.next(), 11U);
}

TEST(Progress, SnapshotPausesUntilItArrivesFailsOrTimesOut) {
    auto progress = replicating(2);
    progress.become_snapshot(10);
    EXPECT_TRUE(progress.paused());
    EXPECT_FALSE(progress.refused(2, 0));
    EXPECT_FALSE(progress.snapshot_timed_out(2));
    EXPECT_TRUE(progress.snapshot_timed_out(2));
    progress.abort_snapshot();
    EXPECT_EQ(progress.next(), 3U);
    progress.become_snapshot(10);
    progress.become_probe();
    EXPECT_EQ(progress.next(), 11U);
}

TEST(Progress, AnEarlierLifeProvesNothing) {
    Progress progress(50, Inflights(3, 1000));
    progress.added_at = 49;
    progress.acknowledged(30);
    EXPECT_FALSE(progress.trusted());
    progress.regress(0);
    EXPECT_EQ(progress.match(), 0U);
    EXPECT_EQ(progress.next(), 1U);
    progress.acknowledged(49);
    EXPECT_TRUE(progress.trusted());
}

}  // namespace
}  // namespace qdrantd::raft
