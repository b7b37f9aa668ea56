// SPDX-License-Identifier: Apache-2.0
#include "raft/quorum.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include <qdrantd/common/random.hpp>

namespace qdrantd::raft {
namespace {

std::uint64_t test_seed() {
    const char* given = std::getenv("QDRANTD_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : Random::entropy();
}

TEST(Quorum, MajorityIsMoreThanHalf) {
    EXPECT_EQ(majority(1), 1U);
    EXPECT_EQ(majority(2), 2U);
    EXPECT_EQ(majority(3), 2U);
    EXPECT_EQ(majority(4), 3U);
    EXPECT_EQ(majority(7), 4U);
}

TEST(Quorum, NobodyWinsWithoutVoters) {
    EXPECT_EQ(tally(0, 5, 0), VoteResult::kLost);
    EXPECT_EQ(reached_by_majority({}), 0U);
}

TEST(Quorum, ElectionIsOpenUntilAMajorityIsDecided) {
    EXPECT_EQ(tally(4, 2, 1), VoteResult::kPending);
    EXPECT_EQ(tally(4, 3, 1), VoteResult::kWon);
    EXPECT_EQ(tally(4, 2, 2), VoteResult::kLost);
    EXPECT_EQ(tally(5, 2, 2), VoteResult::kPending);
}

// The judge counts, for each value, how many have reached it.
TEST(Quorum, AgreesWithADumbModel) {
    const auto seed = test_seed();
    SCOPED_TRACE("replay with QDRANTD_SEED=" + std::to_string(seed));
    Random random(seed);
    for (int round = 0; round < 50'000; ++round) {
        std::vector<std::uint64_t> values(1 + random.below(9));
        for (auto& value : values)
            value = random.below(12);
        std::uint64_t expected = 0;
        for (std::uint64_t candidate = 0; candidate < 12; ++candidate) {
            std::size_t reached = 0;
            for (const auto value : values)
                reached += value >= candidate ? 1 : 0;
            if (2 * reached > values.size()) expected = candidate;
        }
        ASSERT_EQ(reached_by_majority(values), expected);
    }
}

}  // namespace
}  // namespace qdrantd::raft
