// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include <qdrantd/index/hnsw_index.hpp>

#include "index/hnsw_test_data.hpp"

namespace qdrantd::index {
namespace {

using model::Distance;
using test::TestRows;

using Accepted = std::vector<bool>;

bool accepts(const void* context, Slot slot) noexcept {
    const auto& accepted = *static_cast<const Accepted*>(context);
    return slot < accepted.size() && accepted[slot];
}

SlotFilter filter_of(const Accepted& accepted, double selectivity) {
    return {accepts, &accepted, selectivity};
}

class HnswFilter : public testing::Test {
  protected:
    void build(Slot count, Distance distance = Distance::kCosine) {
        data_ = std::make_unique<TestRows>(48, distance, seed_);
        data_->append_random(count);
        HnswOptions options;
        options.distance = distance;
        index_ = std::make_unique<HnswIndex>(options, data_->rows());
        for (Slot slot = 0; slot < count; ++slot)
            index_->insert(slot);
    }
    double recall(const Accepted& accepted, double selectivity, int queries, std::size_t k = 10,
                  std::size_t ef = 64) {
        std::size_t right = 0;
        std::size_t wanted = 0;
        for (int i = 0; i < queries; ++i) {
            const float* query = data_->query();
            const auto exact =
                data_->exact(query, k, [&](Slot slot) { return accepts(&accepted, slot); });
            const auto hits = index_->search(query, k, ef, filter_of(accepted, selectivity));
            EXPECT_EQ(hits.size(), exact.size()) << "results that exist were not found";
            for (const ScoredSlot& hit : hits)
                EXPECT_TRUE(accepted[hit.slot]);
            right += test::count_right(hits, exact);
            wanted += exact.size();
        }
        return static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(wanted, 1));
    }

    const std::uint64_t seed_ = test::test_seed();
    std::unique_ptr<TestRows> data_;
    std::unique_ptr<HnswIndex> index_;
};

TEST_F(HnswFilter, KeepsItsRecallAtEverySelectivity) {
    SCOPED_TRACE(test::replay(seed_));
    build(4000);
    for (const double share : {0.01, 0.05, 0.2, 0.5, 0.9, 1.0}) {
        Accepted accepted(4000);
        for (Slot slot = 0; slot < accepted.size(); ++slot)
            accepted[slot] = data_->random().chance(share);
        EXPECT_GE(recall(accepted, share, 25), 0.95) << "share " << share;
    }
}

TEST_F(HnswFilter, FindsNothingWhereNothingMatches) {
    build(1500);
    const Accepted none(1500, false);
    EXPECT_TRUE(index_->search(data_->query(), 10, 64, filter_of(none, 0.0)).empty());
    EXPECT_TRUE(index_->search(data_->query(), 10, 64, filter_of(none, 1.0)).empty());
}

TEST_F(HnswFilter, FindsTheOnlyMatchesWhereverTheyLie) {
    SCOPED_TRACE(test::replay(seed_));
    build(2000, Distance::kEuclid);
    Accepted accepted(2000, false);
    for (int i = 0; i < 5; ++i)
        accepted[data_->random().below(2000)] = true;
    EXPECT_GE(recall(accepted, 0.002, 10), 1.0);
    // A wrong estimate costs time, never results.
    EXPECT_GE(recall(accepted, 1.0, 10), 1.0);
}

TEST_F(HnswFilter, FindsMatchesFarFromTheQuery) {
    SCOPED_TRACE(test::replay(seed_));
    build(3000, Distance::kEuclid);
    std::size_t right = 0;
    for (Slot centre = 0; centre < 20; ++centre) {
        // Accepted are the 300 rows least similar to the query.
        const float* query = data_->rows().row(centre);
        const float border = data_->exact(query, 3000)[2700];
        Accepted accepted(3000);
        for (Slot slot = 0; slot < 3000; ++slot)
            accepted[slot] = data_->similarity(query, slot) < border;
        const auto exact =
            data_->exact(query, 10, [&](Slot slot) { return accepts(&accepted, slot); });
        const auto hits = index_->search(query, 10, 64, filter_of(accepted, 0.1));
        EXPECT_EQ(hits.size(), 10U);
        right += test::count_right(hits, exact);
    }
    EXPECT_GE(right, 150U);
}

TEST_F(HnswFilter, HalfOverwrittenKeepsItsRecall) {
    SCOPED_TRACE(test::replay(seed_));
    build(3000);
    Accepted live(3000, true);
    const double before = recall(live, 1.0, 60);
    // Five rounds that each replace a tenth: half of the graph is tombstones of old rows.
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 600; ++i) {
            Slot dead = 0;
            do
                dead = static_cast<Slot>(data_->random().below(data_->size()));
            while (!live[dead]);
            live[dead] = false;
            const Slot slot = data_->append_random();
            live.push_back(true);
            index_->insert(slot);
        }
    }
    EXPECT_GE(recall(live, 0.5, 60), before - 0.015);
}

}  // namespace
}  // namespace qdrantd::index
