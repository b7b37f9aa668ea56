// SPDX-License-Identifier: Apache-2.0
// Recall and exactness against brute force, for every metric and at every selectivity.
#include "engine/segment_search.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "engine/segment_fixture.hpp"

namespace qdrantd::engine {
namespace {

using model::Distance;
using model::PointId;

constexpr std::uint32_t kDimension = 32;
constexpr std::uint64_t kPoints = 4000;

/// Points around a few centres, as real embeddings are.
model::DenseVector clustered(Random& random) {
    Random centre(random.below(40));
    model::DenseVector vector(kDimension);
    for (auto& value : vector) {
        value = static_cast<float>(centre.unit() - 0.5 + 0.4 * (random.unit() - 0.5));
    }
    return vector;
}

struct Wanted {
    std::string name;
    model::Filter filter;
    std::uint64_t matching;
};

class SearchTest : public ::testing::TestWithParam<Distance> {
  protected:
    void SetUp() override {
        seed_ = seed_of_run();
        auto config = config_of(kDimension, GetParam());
        config.optimizers.indexing_threshold = 1;
        config.hnsw.full_scan_threshold = 10;
        fixture_ = std::make_unique<SegmentFixture>(config);
        Random random(seed_);
        PutPoints put;
        for (std::uint64_t n = 0; n < kPoints; ++n) {
            auto vector = clustered(random);
            if (GetParam() == Distance::kCosine) model::normalise(vector);
            vectors_.push_back(vector);
            put.points.push_back({PointId(n), {{"", std::move(vector)}}, payload_of(n)});
        }
        fixture_->apply(put);
    }

    static model::Payload payload_of(std::uint64_t n) {
        return payload_of_json(R"({"n":)" + std::to_string(n * 7919 % kPoints) + R"(,"parity":")" +
                               (n % 2 == 0 ? "even" : "odd") + R"("})");
    }

    static std::vector<Wanted> filters() {
        return {{"none", below_filter("n", 0), 0},
                {"one in a hundred", below_filter("n", kPoints / 100), kPoints / 100},
                {"half", keyword_filter("parity", "odd"), kPoints / 2},
                {"all", below_filter("n", kPoints), kPoints},
                {"no such key", keyword_filter("other", "x"), 0}};
    }

    [[nodiscard]] float raw(std::uint64_t n, const model::DenseVector& query) const {
        const auto& v = vectors_[n];
        switch (GetParam()) {
            case Distance::kEuclid:
                return -vec::reference_squared_euclid(v.data(), query.data(), kDimension);
            case Distance::kManhattan:
                return -vec::reference_manhattan(v.data(), query.data(), kDimension);
            default:
                return vec::reference_dot(v.data(), query.data(), kDimension);
        }
    }

    /// The right answer, by brute force over those that match.
    [[nodiscard]] std::vector<std::uint64_t> expected(const model::DenseVector& asked,
                                                      const model::Filter* filter,
                                                      std::size_t limit) const {
        auto query = asked;
        if (GetParam() == Distance::kCosine) model::normalise(query);
        std::vector<std::pair<float, std::uint64_t>> scored;
        const std::function<bool(std::string_view)> none = [](std::string_view) { return true; };
        for (std::uint64_t n = 0; n < kPoints; ++n) {
            if (filter != nullptr) {
                model::FilterEvaluator evaluator(*filter);
                const auto payload = payload_of(n);
                if (!evaluator.matches({PointId(n), payload.json(), &none})) continue;
            }
            scored.emplace_back(-raw(n, query), n);
        }
        std::sort(scored.begin(), scored.end());
        std::vector<std::uint64_t> ids;
        for (std::size_t i = 0; i < std::min(limit, scored.size()); ++i) {
            ids.push_back(scored[i].second);
        }
        return ids;
    }

    /// Share of the right answer found, over some queries. Fails when fewer than `limit` come back
    /// though more match.
    double recall(const Wanted* wanted, bool exact, std::size_t limit = 10) {
        Random random(seed_ + 1);
        std::size_t right = 0;
        std::size_t total = 0;
        for (int i = 0; i < 12; ++i) {
            const auto query = clustered(random);
            auto request = nearest(query, limit);
            request.params.exact = exact;
            if (wanted != nullptr) request.filter = wanted->filter;
            const auto found = numbers_of((*fixture_)->query(request, Deadline::never()).value());
            const auto best = expected(query, wanted == nullptr ? nullptr : &wanted->filter, limit);
            EXPECT_EQ(found.size(), best.size()) << (wanted == nullptr ? "" : wanted->name);
            for (const auto id : found)
                right += std::count(best.begin(), best.end(), id) > 0;
            total += best.size();
        }
        return total == 0 ? 1.0 : static_cast<double>(right) / static_cast<double>(total);
    }

    void check(double floor) {
        EXPECT_GE(recall(nullptr, true), 0.99);
        EXPECT_GE(recall(nullptr, false), floor);
        for (const auto& wanted : filters()) {
            EXPECT_GE(recall(&wanted, true), 0.99) << wanted.name;
            EXPECT_GE(recall(&wanted, false), floor) << wanted.name;
        }
    }

    std::uint64_t seed_ = 0;
    std::unique_ptr<SegmentFixture> fixture_;
    std::vector<model::DenseVector> vectors_;
};

TEST_P(SearchTest, ScansFindTheBest) {
    SCOPED_TRACE(replay_command(seed_));
    check(0.99);
}

TEST_P(SearchTest, GraphsFindTheBestWithAndWithoutIndexes) {
    SCOPED_TRACE(replay_command(seed_));
    auto& s = *fixture_;
    s.link_all();
    EXPECT_EQ(s->info().indexed_vectors, kPoints);
    check(0.95);
    ASSERT_TRUE(s->create_field_index(path_of("n"), {model::FieldType::kInteger}).ok());
    check(0.95);
    ASSERT_TRUE(s->create_field_index(path_of("parity"), {model::FieldType::kKeyword}).ok());
    check(0.95);
}

TEST_P(SearchTest, TheTailCountsBesideTheGraph) {
    SCOPED_TRACE(replay_command(seed_));
    auto& s = *fixture_;
    s->index_some(kPoints / 2);
    EXPECT_EQ(s->info().pending_vectors, kPoints / 2);
    check(0.95);
}

TEST_P(SearchTest, RemovedPointsNeverComeBackAndNeverCost) {
    SCOPED_TRACE(replay_command(seed_));
    auto& s = *fixture_;
    s.link_all();
    RemovePoints remove;
    for (std::uint64_t n = 0; n < kPoints; ++n) {
        if (n % 10 != 3) remove.ids.emplace_back(n);
    }
    s.apply(remove);
    Random random(seed_ + 2);
    for (int i = 0; i < 10; ++i) {
        const auto found = s->query(nearest(clustered(random), 50), Deadline::never()).value();
        EXPECT_EQ(found.size(), 50U);
        for (const auto& point : found)
            EXPECT_EQ(point.id.number() % 10, 3U);
    }
    auto all = nearest(clustered(random), kPoints);
    EXPECT_EQ(s->query(all, Deadline::never()).value().size(), kPoints / 10);
}

TEST_P(SearchTest, ThresholdsCutAtTheSamePlaceOnEveryPath) {
    SCOPED_TRACE(replay_command(seed_));
    auto& s = *fixture_;
    s.link_all();
    Random random(seed_ + 3);
    const auto odd = keyword_filter("parity", "odd");
    for (int i = 0; i < 10; ++i) {
        auto request = nearest(clustered(random), 40);
        request.params.exact = true;
        request.filter = odd;
        const auto all = s->query(request, Deadline::never()).value();
        ASSERT_EQ(all.size(), 40U);
        request.score_threshold = all[15].score;
        const auto exact = numbers_of(s->query(request, Deadline::never()).value());
        EXPECT_LE(exact.size(), 15U);
        request.params.exact = false;
        request.params.hnsw_ef = 400;
        const auto walked = numbers_of(s->query(request, Deadline::never()).value());
        EXPECT_LE(walked.size(), exact.size());
        EXPECT_GE(walked.size() + 1, exact.size());
    }
}

std::string metric_name(const ::testing::TestParamInfo<Distance>& tested) {
    const std::vector<std::string> names{"Cosine", "Euclid", "Dot", "Manhattan"};
    return names.at(static_cast<std::size_t>(tested.param));
}

INSTANTIATE_TEST_SUITE_P(Metrics, SearchTest,
                         ::testing::Values(Distance::kCosine, Distance::kEuclid, Distance::kDot,
                                           Distance::kManhattan),
                         metric_name);

TEST(SegmentIndexing, FollowsTheThresholds) {
    auto config = config_of(64, Distance::kDot);
    config.optimizers.indexing_threshold = 100;  // 400 vectors
    config.hnsw.full_scan_threshold = 10;
    SegmentFixture s(config);
    PutPoints put;
    for (std::uint64_t n = 0; n < 400; ++n) {
        put.points.push_back(
            {PointId(n), {{"", model::DenseVector(64, static_cast<float>(n))}}, {}});
    }
    s.apply(put);
    EXPECT_EQ(s->index_some(1000), 0U);
    EXPECT_EQ(s->info().indexed_vectors, 0U);
    auto request = nearest(model::DenseVector(64, 1), 5);
    request.params.indexed_only = true;
    EXPECT_EQ(s->query(request, Deadline::never()).value().size(), 5U);

    s.put(PointId(400), model::DenseVector(64, 400));
    EXPECT_EQ(s->info().pending_vectors, 401U);
    EXPECT_TRUE(s->query(request, Deadline::never()).value().empty());
    EXPECT_EQ(s->index_some(100), 301U);
    s.link_all();
    EXPECT_EQ(s->info().indexed_vectors, 401U);
    EXPECT_EQ(s->query(request, Deadline::never()).value().size(), 5U);

    // Another m builds another graph; the old one serves meanwhile.
    config.hnsw.m = 8;
    s->set_config(config);
    EXPECT_EQ(s->info().indexed_vectors, 401U);
    EXPECT_EQ(s->info().pending_vectors, 401U);
    s->index_some(64);
    EXPECT_EQ(s->query(request, Deadline::never()).value().size(), 5U);
    s.link_all();
    EXPECT_EQ(s->info().indexed_vectors, 401U);
    EXPECT_EQ(s->info().pending_vectors, 0U);

    config.hnsw.m = 0;
    s->set_config(config);
    EXPECT_EQ(s->info().indexed_vectors, 0U);
    EXPECT_EQ(s->index_some(1000), 0U);
    config.hnsw.m = 16;
    config.optimizers.indexing_threshold = 0;
    s->set_config(config);
    EXPECT_EQ(s->index_some(1000), 0U);
}

}  // namespace
}  // namespace qdrantd::engine
