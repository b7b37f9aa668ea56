// SPDX-License-Identifier: Apache-2.0
#include "raft/conf_history.hpp"

#include <gtest/gtest.h>

namespace qdrantd::raft {
namespace {

ConfState voters(std::uint64_t count) {
    ConfState conf;
    for (std::uint64_t peer = 1; peer <= count; ++peer)
        conf.voters.emplace_back(peer);
    return conf;
}

TEST(ConfHistory, TruncationBringsThePreviousMembershipBack) {
    ConfHistory history(0, voters(1));
    history.append(5, voters(2));
    history.append(9, voters(3));
    EXPECT_FALSE(history.truncate_from(10));
    EXPECT_TRUE(history.truncate_from(9));
    EXPECT_EQ(history.latest().index, 5U);
    EXPECT_TRUE(history.truncate_from(3));
    EXPECT_EQ(history.latest().conf, voters(1));
}

TEST(ConfHistory, CommitForgetsWhatCannotComeBack) {
    ConfHistory history(0, voters(1));
    history.append(5, voters(2));
    EXPECT_FALSE(history.latest_is_committed());
    history.commit_to(4);
    EXPECT_EQ(history.committed().index, 0U);
    history.commit_to(5);
    EXPECT_EQ(history.committed().index, 5U);
    EXPECT_TRUE(history.latest_is_committed());
}

TEST(ConfHistory, KnowsMembersOfEveryMembershipThatMayHold) {
    ConfHistory history(0, voters(3));
    history.append(5, voters(2));
    EXPECT_TRUE(history.knows(PeerId{3}));
    history.commit_to(5);
    EXPECT_FALSE(history.knows(PeerId{3}));
}

}  // namespace
}  // namespace qdrantd::raft
