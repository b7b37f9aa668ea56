// SPDX-License-Identifier: Apache-2.0
#include "index/sorted_postings.hpp"

#include <cmath>
#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>

namespace qdrantd::index {
namespace {

using Pairs = std::set<std::pair<std::int64_t, Slot>>;

model::Range random_range(Random& random) {
    const auto bound = [&]() -> std::optional<double> {
        if (random.chance(0.5)) return std::nullopt;
        return static_cast<double>(random.between(-420, 420)) / 2;
    };
    return {.gt = bound(), .gte = bound(), .lt = bound(), .lte = bound()};
}

TEST(SortedPostings, AnswersAsASetOfPairs) {
    const char* given = std::getenv("QDRANTD_SEED");
    const auto seed = given ? std::strtoull(given, nullptr, 10) : Random::entropy();
    SCOPED_TRACE(
        fmt::format("replay: QDRANTD_SEED={} index_test --gtest_filter=SortedPostings.*", seed));
    Random random(seed);
    SortedPostings<std::int64_t> postings;
    Pairs pairs;
    for (int step = 0; step < 20'000; ++step) {
        // The first half grows to several blocks, the second empties some again.
        const auto value = step % 3 == 0 ? random.between(-200, 200) : random.between(-900, 900);
        const auto slot = static_cast<Slot>(random.below(30));
        if (random.chance(step < 10'000 ? 0.9 : 0.1)) {
            postings.add(value, slot);
            pairs.emplace(value, slot);
        } else {
            postings.remove(value, slot);
            pairs.erase({value, slot});
        }
        if (step % 200 != 0) continue;
        const auto range = random_range(random);
        SlotGatherer gatherer;
        postings.gather(range, gatherer);
        const auto found = gatherer.build();
        std::set<Slot> wanted;
        std::uint64_t count = 0;
        for (const auto& [v, s] : pairs) {
            if (!model::within(range, static_cast<double>(v))) continue;
            wanted.insert(s);
            ++count;
        }
        ASSERT_EQ(std::set<Slot>(found.begin(), found.end()), wanted) << step;
        ASSERT_EQ(postings.count(range), count) << step;
        const auto* slots = postings.find(value);
        const auto of_value = std::count_if(pairs.begin(), pairs.end(),
                                            [&](const auto& p) { return p.first == value; });
        ASSERT_EQ(slots ? slots->size() : 0, of_value);
    }
    for (const auto& [value, slot] : pairs)
        postings.remove(value, slot);
    EXPECT_TRUE(postings.empty());
}

TEST(SortedPostings, BoundsThatAreNoNumbersHoldNothing) {
    SortedPostings<double> postings;
    postings.add(-0.0, 1);
    postings.add(0.0, 2);
    postings.add(1.0, 3);
    EXPECT_EQ(postings.find(0.0)->size(), 2U);
    EXPECT_EQ(postings.count({.gt = std::nan("")}), 0U);
    EXPECT_EQ(postings.count({.lte = std::nan("")}), 0U);
    EXPECT_EQ(postings.count({.lt = -1.0}), 0U);
    EXPECT_EQ(postings.count({}), 3U);
}

}  // namespace
}  // namespace qdrantd::index
