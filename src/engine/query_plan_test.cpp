// SPDX-License-Identifier: Apache-2.0
#include "engine/query_plan.hpp"

#include <gtest/gtest.h>

#include "engine/top_k.hpp"

namespace qdrantd::engine {
namespace {

PlanInputs inputs() {
    PlanInputs in;
    in.live = in.candidates = in.linked = 100'000;
    in.dimension = 128;
    in.limit = 10;
    in.ef = 100;
    in.full_scan_kib = 10'000;
    return in;
}

TEST(QueryPlan, WalksTheGraphOfALargeSegment) {
    EXPECT_EQ(choose_plan(inputs()), SearchPlan::kGraph);
}

TEST(QueryPlan, ScansWhenAskedToOrWhenItIsCheaper) {
    auto in = inputs();
    in.exact = true;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScan);
    in = inputs();
    in.linked = 0;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScan);
    in = inputs();
    in.full_scan_kib = 100'000;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScan);
    in = inputs();
    in.limit = 50'000;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScan);
    in = inputs();
    in.full_scan_kib = 0;
    in.live = in.linked = 500;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScan);
}

TEST(QueryPlan, ScoresFewCandidatesAndWalksAmongMany) {
    auto in = inputs();
    in.filter = FilterKind::kExactCandidates;
    in.candidates = 1000;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScanCandidates);
    in.candidates = 80'000;
    EXPECT_EQ(choose_plan(in), SearchPlan::kGraphCandidates);
    in.exact = true;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScanCandidates);
}

TEST(QueryPlan, ChecksPayloadsBestFirstWithoutAnIndex) {
    auto in = inputs();
    in.filter = FilterKind::kMayMatch;
    EXPECT_EQ(choose_plan(in), SearchPlan::kGraphThenCheck);
    in.candidates = 200;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScanThenCheck);
    in = inputs();
    in.filter = FilterKind::kMayMatch;
    in.exact = true;
    EXPECT_EQ(choose_plan(in), SearchPlan::kScanThenCheck);
}

TEST(TopK, KeepsTheBestAndBreaksTiesById) {
    SlotColumns columns;
    columns.reserve(9);
    for (Slot slot = 0; slot < 10; ++slot)
        columns.id[slot] = model::PointId(100 - slot);
    const auto best = [&](model::Distance distance, std::size_t k) {
        TopK top(k, BetterHit(columns, distance));
        for (Slot slot = 0; slot < 10; ++slot)
            top.push({slot, slot % 2 == 0 ? 1.0F : 2.0F});
        std::vector<std::uint64_t> ids;
        for (const auto& hit : top.take())
            ids.push_back(columns.id[hit.slot].number());
        return ids;
    };
    using Ids = std::vector<std::uint64_t>;
    EXPECT_EQ(best(model::Distance::kDot, 3), (Ids{99, 97, 95}));
    EXPECT_EQ(best(model::Distance::kEuclid, 3), (Ids{91, 93, 95}));
    EXPECT_EQ(best(model::Distance::kDot, 7), (Ids{99, 97, 95, 93, 91, 100, 98}));
    EXPECT_EQ(best(model::Distance::kDot, 0), Ids{});
    EXPECT_EQ(best(model::Distance::kDot, 50).size(), 10U);
}

}  // namespace
}  // namespace qdrantd::engine
