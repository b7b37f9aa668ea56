// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/index/hnsw_index.hpp>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "index/hnsw_test_data.hpp"

namespace qdrantd::index {
namespace {

using model::Distance;
using test::TestRows;

HnswOptions options_for(Distance distance, bool codes = true) {
    HnswOptions options;
    options.distance = distance;
    options.int8_codes = codes;
    return options;
}

void insert_all(HnswIndex& index, Slot from, Slot to) {
    for (Slot slot = from; slot < to; ++slot)
        index.insert(slot);
}

double measure_recall(TestRows& data, const HnswIndex& index, std::size_t k, std::size_t ef,
                      int queries) {
    std::size_t right = 0;
    std::size_t wanted = 0;
    for (int i = 0; i < queries; ++i) {
        const float* query = data.query();
        const auto exact = data.exact(query, k);
        right += test::count_right(index.search(query, k, ef, {}), exact);
        wanted += exact.size();
    }
    return static_cast<double>(right) / static_cast<double>(wanted);
}

struct RecallCase {
    Distance distance;
    bool codes;
    double floor;
    std::string name;
};

class Recall : public testing::TestWithParam<RecallCase> {};

TEST_P(Recall, IsAboveTheFloorAndScoresAreExact) {
    const std::uint64_t seed = test::test_seed();
    SCOPED_TRACE(test::replay(seed));
    TestRows data(72, GetParam().distance, seed);
    data.append_random(3000);
    HnswIndex index(options_for(GetParam().distance, GetParam().codes), data.rows());
    insert_all(index, 0, data.size());
    EXPECT_EQ(index.size(), data.size());
    EXPECT_GE(measure_recall(data, index, 10, 64, 60), GetParam().floor);

    const float* query = data.query();
    const auto hits = index.search(query, 20, 64, {});
    ASSERT_EQ(hits.size(), 20U);
    std::set<Slot> distinct;
    for (std::size_t i = 0; i < hits.size(); ++i) {
        EXPECT_NEAR(hits[i].raw, data.similarity(query, hits[i].slot),
                    1e-5F * (1 + std::fabs(hits[i].raw)));
        if (i > 0) {
            EXPECT_LE(hits[i].raw, hits[i - 1].raw);
        }
        distinct.insert(hits[i].slot);
    }
    EXPECT_EQ(distinct.size(), hits.size());
}

INSTANTIATE_TEST_SUITE_P(
    Metrics, Recall,
    testing::Values(RecallCase{Distance::kCosine, true, 0.97, "CosineCodes"},
                    RecallCase{Distance::kCosine, false, 0.97, "CosineFloats"},
                    RecallCase{Distance::kDot, true, 0.9, "DotCodes"},
                    RecallCase{Distance::kDot, false, 0.9, "DotFloats"},
                    RecallCase{Distance::kEuclid, true, 0.97, "EuclidCodes"},
                    RecallCase{Distance::kEuclid, false, 0.97, "EuclidFloats"},
                    RecallCase{Distance::kManhattan, true, 0.97, "ManhattanCodes"},
                    RecallCase{Distance::kManhattan, false, 0.97, "ManhattanFloats"}),
    [](const auto& recall_case) { return recall_case.param.name; });

TEST(HnswIndex, EmptyGraphFindsNothing) {
    TestRows data(8, Distance::kCosine, 1);
    const HnswIndex index(options_for(Distance::kCosine), data.rows());
    EXPECT_TRUE(index.search(data.query(), 10, 10, {}).empty());
    EXPECT_EQ(index.size(), 0U);
    EXPECT_FALSE(index.contains(0));
    EXPECT_FALSE(index.contains(kNoSlot));
}

TEST(HnswIndex, FewNodesAreAllFound) {
    TestRows data(8, Distance::kEuclid, 1);
    data.append_random(5);
    HnswIndex index(options_for(Distance::kEuclid), data.rows());
    for (Slot slot = 0; slot < 5; ++slot) {
        index.insert(slot);
        EXPECT_TRUE(index.contains(slot));
        EXPECT_EQ(index.search(data.query(), 10, 1, {}).size(), slot + 1U);
    }
    EXPECT_TRUE(index.search(data.query(), 0, 10, {}).empty());
}

TEST(HnswIndex, WorksAtAnyDimension) {
    const std::uint64_t seed = test::test_seed();
    SCOPED_TRACE(test::replay(seed));
    for (const std::uint32_t dimension : {1U, 2U, 3U, 16U, 17U, 33U, 65U, 200U, 4100U}) {
        for (const Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kDot}) {
            TestRows data(dimension, distance, seed);
            const Slot count = dimension > 1000 ? 200 : 1200;
            data.append_random(count);
            HnswIndex index(options_for(distance), data.rows());
            insert_all(index, 0, count);
            // Inner products of vectors of different lengths do not make good graphs.
            const double floor = distance == Distance::kDot ? 0.5 : 0.9;
            EXPECT_GE(measure_recall(data, index, 10, 100, 10), floor)
                << "dimension " << dimension << " metric " << static_cast<int>(distance);
        }
    }
}

TEST(HnswIndex, EqualVectorsAreAllReachable) {
    for (const Distance distance : {Distance::kCosine, Distance::kEuclid, Distance::kManhattan}) {
        TestRows data(40, distance, 3);
        for (Slot slot = 0; slot < 2500; ++slot)
            data.append([](float* row) { std::fill(row, row + 40, 0.5F); });
        HnswIndex index(options_for(distance), data.rows());
        insert_all(index, 0, data.size());
        EXPECT_EQ(index.search(data.query(), 500, 500, {}).size(), 500U);
        EXPECT_GE(index.search(data.query(), 2500, 2500, {}).size(), 2475U);
    }
}

TEST(HnswIndex, CrowdsOfDuplicatesDoNotHideTheRest) {
    const std::uint64_t seed = test::test_seed();
    SCOPED_TRACE(test::replay(seed));
    TestRows data(40, Distance::kEuclid, seed);
    for (Slot group = 0; group < 20; ++group) {
        const Slot first = data.append_random();
        for (Slot i = 0; i < 80; ++i) {
            const float* original = data.rows().row(first);
            data.append([&](float* row) { std::copy(original, original + 40, row); });
        }
    }
    data.append_random(500);
    HnswIndex index(options_for(Distance::kEuclid), data.rows());
    insert_all(index, 0, data.size());
    // One crowd nearly fills the beam, so this is harder than it looks.
    EXPECT_GE(measure_recall(data, index, 10, 100, 60), 0.88);
}

TEST(HnswIndex, ZeroVectorsAreFoundAndHarmless) {
    for (const Distance distance : {Distance::kCosine, Distance::kDot, Distance::kEuclid}) {
        TestRows data(48, distance, 5);
        for (Slot slot = 0; slot < 1500; ++slot) {
            if (slot % 10 == 0) {
                data.append([](float* row) { std::fill(row, row + 48, 0.0F); });
            } else {
                data.append_random();
            }
        }
        HnswIndex index(options_for(distance), data.rows());
        insert_all(index, 0, data.size());
        EXPECT_GE(measure_recall(data, index, 10, 128, 20), 0.85);
        alignas(64) const float zero[48] = {};
        EXPECT_EQ(index.search(zero, 10, 64, {}).size(), 10U);
    }
}

TEST(HnswIndex, RowsThatGrowAfterTheFirstKeepTheirRecall) {
    TestRows data(64, Distance::kEuclid, 11);
    data.append_random(1500);
    // Later rows lie in a box a hundred times as large.
    for (Slot slot = 0; slot < 1500; ++slot) {
        data.append([&](float* row) {
            for (int i = 0; i < 64; ++i)
                row[i] = static_cast<float>(1000 * data.random().unit());
        });
    }
    HnswIndex index(options_for(Distance::kEuclid), data.rows());
    insert_all(index, 0, data.size());
    std::size_t right = 0;
    for (Slot slot = 1500; slot < 1600; ++slot) {
        const float* query = data.rows().row(slot);
        right += test::count_right(index.search(query, 5, 64, {}), data.exact(query, 5));
    }
    EXPECT_GE(right, 450U);
}

TEST(HnswIndex, SlotsMayBeSparse) {
    TestRows data(32, Distance::kEuclid, 9);
    data.append_random(40000);
    HnswIndex index(options_for(Distance::kEuclid), data.rows());
    for (Slot slot = 3; slot < data.size(); slot += 97)
        index.insert(slot);
    EXPECT_FALSE(index.contains(4));
    EXPECT_TRUE(index.contains(100));
    for (const ScoredSlot& hit : index.search(data.query(), 50, 100, {}))
        EXPECT_EQ(hit.slot % 97, 3U);
}

TEST(HnswIndex, LargeBeamsFindNearlyEverything) {
    TestRows data(40, Distance::kCosine, 13);
    data.append_random(3000);
    HnswIndex index(options_for(Distance::kCosine), data.rows());
    insert_all(index, 0, data.size());
    EXPECT_GE(measure_recall(data, index, 100, 2000, 5), 0.999);
    EXPECT_GE(index.search(data.query(), 5000, 10, {}).size(), 2990U);
}

TEST(HnswIndex, InsertsAndSearchesRunAtOnce) {
    const std::uint64_t seed = test::test_seed();
    SCOPED_TRACE(test::replay(seed));
    constexpr Slot kCount = 3000;
    TestRows data(48, Distance::kCosine, seed);
    data.append_random(kCount);
    const float* query = data.query();
    HnswIndex index(options_for(Distance::kCosine), data.rows());
    std::atomic<Slot> next{0};
    std::atomic<bool> done{false};
    std::atomic<int> disordered{0};
    {
        std::jthread reader([&] {
            while (!done.load()) {
                const auto hits = index.search(query, 10, 32, {});
                for (std::size_t i = 1; i < hits.size(); ++i)
                    disordered += hits[i].raw > hits[i - 1].raw ? 1 : 0;
            }
        });
        {
            std::vector<std::jthread> writers;
            for (int i = 0; i < 3; ++i) {
                writers.emplace_back([&] {
                    for (Slot slot = next++; slot < kCount; slot = next++)
                        index.insert(slot);
                });
            }
        }
        done = true;
    }
    EXPECT_EQ(disordered.load(), 0);
    EXPECT_EQ(index.size(), kCount);
    EXPECT_GE(measure_recall(data, index, 10, 64, 40), 0.97);
}

}  // namespace
}  // namespace qdrantd::index
