// SPDX-License-Identifier: Apache-2.0
#include "raft/read_index.hpp"

#include <gtest/gtest.h>

namespace qdrantd::raft {
namespace {

TEST(ReadQueue, EachRequestOpensItsOwnRound) {
    ReadQueue queue;
    queue.add(PeerId{1}, {7, 1}, 10);
    queue.add(PeerId{2}, {8, 1}, 12);
    EXPECT_EQ(queue.round(), 2U);
    const auto first = queue.take_confirmed(1);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].index, 10U);
    EXPECT_TRUE(queue.take_confirmed(1).empty());
    EXPECT_EQ(queue.take_confirmed(2).size(), 1U);
}

TEST(ReadQueue, WaitingRequestsAreConfirmedOnlyByALaterRound) {
    ReadQueue queue;
    queue.add_waiting(PeerId{1}, {7, 1});
    EXPECT_TRUE(queue.take_confirmed(UINT64_MAX).empty());
    EXPECT_TRUE(queue.release(5));
    EXPECT_FALSE(queue.release(6));
    const auto taken = queue.take_confirmed(1);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].index, 5U);
}

TEST(ReadQueue, ResetCountsRoundsAnew) {
    ReadQueue queue;
    queue.add(PeerId{1}, {7, 1}, 10);
    EXPECT_EQ(queue.reset().size(), 1U);
    EXPECT_EQ(queue.round(), 0U);
    EXPECT_EQ(queue.size(), 0U);
}

TEST(ForwardedReads, AnswersOnceAndExpires) {
    ForwardedReads reads;
    reads.add({7, 1});
    reads.add({7, 2});
    EXPECT_TRUE(reads.answered({7, 1}));
    EXPECT_FALSE(reads.answered({7, 1}));
    EXPECT_FALSE(reads.answered({8, 2})) << "of an earlier start";
    EXPECT_TRUE(reads.tick(2).empty());
    EXPECT_EQ(reads.tick(2), (std::vector<ReadId>{{7, 2}}));
    EXPECT_EQ(reads.size(), 0U);
}

}  // namespace
}  // namespace qdrantd::raft
