// SPDX-License-Identifier: Apache-2.0
// Readers beside the writer: every point is seen once, old or new, never torn, never missing.
#include <atomic>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "engine/segment_fixture.hpp"

namespace qdrantd::engine {
namespace {

using model::PointId;

constexpr std::uint32_t kDimension = 48;
constexpr std::uint64_t kPoints = 60;

/// The whole point is made of its generation, so that a mixture is recognised.
model::Point generation(std::uint64_t id, std::uint64_t number) {
    model::DenseVector vector(kDimension, static_cast<float>(number));
    vector[0] = static_cast<float>(id);
    return {PointId(id),
            {{"", std::move(vector)}},
            payload_of_json(R"({"g":)" + std::to_string(number) + R"(,"k":"x"})")};
}

void check_whole(const model::NamedVectors& vectors, std::uint64_t id) {
    ASSERT_EQ(vectors.size(), 1U);
    const auto& vector = std::get<model::DenseVector>(vectors[0].value);
    ASSERT_EQ(vector[0], static_cast<float>(id));
    for (std::uint32_t i = 2; i < kDimension; ++i)
        ASSERT_EQ(vector[i], vector[1]);
}

TEST(SegmentConcurrency, ReadersSeeEveryPointOnce) {
    auto config = config_of(kDimension, model::Distance::kEuclid);
    config.optimizers.indexing_threshold = 1;
    config.hnsw.full_scan_threshold = 10;
    SegmentFixture s(config);
    PutPoints first;
    for (std::uint64_t id = 0; id < kPoints; ++id)
        first.points.push_back(generation(id, 0));
    s.apply(first);

    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> reads{0};
    const auto read = [&](unsigned which) {
        Random random(which);
        while (!stop.load()) {
            auto request = nearest(
                model::DenseVector(kDimension, static_cast<float>(random.below(100))), kPoints);
            request.with_vector = model::VectorSelector::all();
            // Payloads change in place, "k" does not: all points match at all times.
            if (random.chance(0.5)) request.filter = keyword_filter("k", "x");
            if (random.chance(0.3)) request.params.exact = true;
            if (random.chance(0.3)) request.limit = 5;
            const auto found = s->query(request, Deadline::never()).value();
            std::set<std::uint64_t> ids;
            for (const auto& point : found) {
                ids.insert(point.id.number());
                check_whole(*point.vectors, point.id.number());
            }
            ASSERT_EQ(found.size(), std::min<std::uint64_t>(request.limit, kPoints));
            ASSERT_EQ(ids.size(), found.size());

            model::ScrollRequest scroll;
            scroll.limit = 1000;
            scroll.with_vector = model::VectorSelector::all();
            if (random.chance(0.5)) scroll.filter = keyword_filter("k", "x");
            const auto page = s->scroll(scroll, Deadline::never()).value();
            ASSERT_EQ(page.points.size(), kPoints);
            for (std::uint64_t id = 0; id < kPoints; ++id) {
                ASSERT_EQ(page.points[id].id, PointId(id));
                check_whole(*page.points[id].vectors, id);
            }
            model::RetrieveRequest retrieve;
            retrieve.ids = {PointId(random.below(kPoints)), PointId(random.below(kPoints) + 1000)};
            ASSERT_EQ(s->retrieve(retrieve).value().size(), 1U);
            model::CountRequest count;
            count.filter = keyword_filter("k", "x");
            ASSERT_EQ(s->count(count, Deadline::never()).value(), kPoints);
            ++reads;
        }
    };
    const auto index = [&] {
        while (!stop.load()) {
            s->index_some(50);
            static_cast<void>(s->info());
        }
    };
    const auto upkeep = [&] {
        while (!stop.load()) {
            ASSERT_TRUE(s->checkpoint().ok());
            ASSERT_TRUE(s->create_field_index(path_of("k"), {}).ok());
            ASSERT_TRUE(s->create_field_index(path_of("g"), {model::FieldType::kInteger}).ok());
            s->delete_field_index(path_of("k"));
        }
    };
    std::vector<std::thread> threads;
    threads.emplace_back(read, 1);
    threads.emplace_back(read, 2);
    threads.emplace_back(index);
    threads.emplace_back(upkeep);

    Random random(7);
    std::uint64_t round = 0;
    const auto deadline = Deadline::after(std::chrono::seconds(60));
    while ((round < 2000 || reads.load() < 100) && !deadline.passed() && !HasFatalFailure()) {
        ++round;
        PutPoints put;
        const auto begin = random.below(kPoints);
        for (std::uint64_t id = begin; id < std::min(kPoints, begin + 8); ++id) {
            put.points.push_back(generation(id, round));
        }
        ASSERT_TRUE(s.stage(put).ok());
        PatchPayload patch;
        patch.ids = {PointId(random.below(kPoints))};
        patch.payload = payload_of_json(R"({"g":)" + std::to_string(round) + "}");
        ASSERT_TRUE(s.stage(patch).ok());
        if (random.chance(0.1)) {
            s.discard();
        } else {
            s.finish();
        }
    }
    stop.store(true);
    for (auto& thread : threads)
        thread.join();
    EXPECT_GE(reads.load(), 100U);
}

}  // namespace
}  // namespace qdrantd::engine
