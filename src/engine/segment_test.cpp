// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/engine/segment.hpp>

#include <limits>

#include <gtest/gtest.h>

#include "engine/segment_fixture.hpp"
#include "engine/store_keys.hpp"

namespace qdrantd::engine {
namespace {

using model::Distance;
using model::PointId;
using Ids = std::vector<std::uint64_t>;

std::vector<model::Record> retrieve(Segment& segment, std::vector<PointId> ids) {
    model::RetrieveRequest request;
    request.ids = std::move(ids);
    request.with_payload = model::PayloadSelector::all();
    request.with_vector = model::VectorSelector::all();
    return segment.retrieve(request).value();
}

Ids scrolled(Segment& segment, model::ScrollRequest request) {
    return numbers_of(segment.scroll(request, Deadline::never()).value().points);
}

TEST(Segment, StoresReplacesAndRemovesPoints) {
    SegmentFixture s(config_of(2, Distance::kDot));
    s.put(PointId(1), {1, 2}, R"({"a":1})");
    s.put(PointId(2), {3, 4});
    s.put(PointId(1), {5, 6}, R"({"b":2})");
    auto records = retrieve(s.segment(), {PointId(2), PointId(1), PointId(9), PointId(2)});
    ASSERT_EQ(numbers_of(records), (Ids{2, 1}));
    EXPECT_EQ(records[0].payload_json, "{}");
    EXPECT_EQ(records[1].payload_json, R"({"b":2})");
    EXPECT_EQ(std::get<model::DenseVector>(records[1].vectors->at(0).value),
              (model::DenseVector{5, 6}));
    s.apply(RemovePoints{{PointId(1), PointId(77)}});
    EXPECT_EQ(numbers_of(retrieve(s.segment(), {PointId(1), PointId(2)})), Ids{2});
    const auto info = s->info();
    EXPECT_EQ(info.points, 1U);
    EXPECT_EQ(info.slots, 3U);
    EXPECT_DOUBLE_EQ(s->dead_share(), 2.0 / 3.0);
    EXPECT_GT(info.memory_bytes, 0U);
}

TEST(Segment, VectorsChangeWithoutThePayload) {
    SegmentFixture s(config_of(2, Distance::kDot));
    s.put(PointId(1), {1, 2}, R"({"a":1})");
    PutVectors change;
    change.points.push_back({PointId(1), {{"", model::DenseVector{7, 8}}}});
    s.apply(change);
    const auto records = retrieve(s.segment(), {PointId(1)});
    EXPECT_EQ(records.at(0).payload_json, R"({"a":1})");
    EXPECT_EQ(s->vectors_of(PointId(1)).value(),
              (model::NamedVectors{{"", model::DenseVector{7, 8}}}));
    change.points[0].vectors.clear();
    s.apply(change);
    EXPECT_TRUE(retrieve(s.segment(), {PointId(1)}).at(0).vectors->empty());
    EXPECT_TRUE(s->query(nearest({1, 1}, 5), Deadline::never()).value().empty());
}

TEST(Segment, PayloadsChangeInPlace) {
    SegmentFixture s(config_of(1, Distance::kDot));
    s.put(PointId(1), {1}, R"({"a":1,"o":{"x":1}})");
    const auto patch = [&](PatchPayload::Kind kind, const std::string& json,
                           std::vector<model::JsonPath> keys = {}) {
        PatchPayload change;
        change.kind = kind;
        change.ids = {PointId(1)};
        change.payload = payload_of_json(json);
        change.keys = std::move(keys);
        s.apply(change);
        return s->payload_of(PointId(1)).value().json();
    };
    using Kind = PatchPayload::Kind;
    EXPECT_EQ(patch(Kind::kMerge, R"({"b":2})"), R"({"a":1,"o":{"x":1},"b":2})");
    EXPECT_EQ(patch(Kind::kMergeAt, R"({"y":2})", {path_of("o")}),
              R"({"a":1,"o":{"x":1,"y":2},"b":2})");
    EXPECT_EQ(patch(Kind::kRemoveKeys, "{}", {path_of("a"), path_of("b")}),
              R"({"o":{"x":1,"y":2}})");
    EXPECT_EQ(patch(Kind::kOverwrite, R"({"n":3})"), R"({"n":3})");
    EXPECT_EQ(patch(Kind::kClear, "{}"), "{}");
    EXPECT_EQ(s->info().slots, 1U);
    const auto found = s->query(nearest({1}, 1), Deadline::never()).value();
    EXPECT_EQ(found.at(0).version, 6U);
}

TEST(Segment, TheWriterSeesWhatIsStagedAndNobodyElse) {
    SegmentFixture s(config_of(1, Distance::kDot));
    s.put(PointId(1), {1}, R"({"a":1})");
    PutPoints put;
    put.points.push_back(
        {PointId(2), {{"", model::DenseVector{2}}}, payload_of_json(R"({"b":1})")});
    ASSERT_TRUE(s.stage(put).ok());
    ASSERT_TRUE(s.stage(RemovePoints{{PointId(1)}}).ok());
    PatchPayload patch;
    patch.ids = {PointId(2)};
    patch.payload = payload_of_json(R"({"c":1})");
    ASSERT_TRUE(s.stage(patch).ok());
    EXPECT_TRUE(s->exists(PointId(2)));
    EXPECT_FALSE(s->exists(PointId(1)));
    EXPECT_EQ(s->payload_of(PointId(2)).value().json(), R"({"b":1,"c":1})");
    EXPECT_EQ(s->vectors_of(PointId(2)).value().size(), 1U);
    EXPECT_EQ(s->payload_of(PointId(1)).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(scrolled(s.segment(), {}), Ids{1});

    s.discard();
    EXPECT_FALSE(s->exists(PointId(2)));
    EXPECT_TRUE(s->exists(PointId(1)));
    EXPECT_EQ(s->info().slots, 1U);
    s.put(PointId(3), {3}, R"({"d":1})");
    EXPECT_EQ(scrolled(s.segment(), {}), (Ids{1, 3}));
    EXPECT_EQ(s->info().slots, 2U);
}

TEST(Segment, ManyChangesOfOnePointInOnePublication) {
    SegmentFixture s(config_of(1, Distance::kDot));
    for (int round = 0; round < 3; ++round) {
        PutPoints put;
        put.points.push_back({PointId(1), {{"", model::DenseVector{float(round)}}}, {}});
        ASSERT_TRUE(s.stage(put).ok());
        ASSERT_TRUE(s.stage(RemovePoints{{PointId(1)}}).ok());
        ASSERT_TRUE(s.stage(put).ok());
        PatchPayload patch;
        patch.ids = {PointId(1)};
        patch.payload = payload_of_json(R"({"r":)" + std::to_string(round) + "}");
        ASSERT_TRUE(s.stage(patch).ok());
        s.finish();
        const auto records = retrieve(s.segment(), {PointId(1)});
        EXPECT_EQ(records.at(0).payload_json, R"({"r":)" + std::to_string(round) + "}");
        EXPECT_EQ(s->info().points, 1U);
        EXPECT_EQ(s->query(nearest({1}, 9), Deadline::never()).value().size(), 1U);
    }
}

TEST(Segment, AFailedStageChangesNothing) {
    SegmentFixture s(config_of(2, Distance::kDot));
    s.put(PointId(1), {1, 2});
    PutPoints good;
    good.points.push_back({PointId(2), {{"", model::DenseVector{1, 1}}}, {}});
    ASSERT_TRUE(s.stage(good).ok());
    PutPoints bad = good;
    bad.points[0].id = PointId(3);
    bad.points.push_back({PointId(4), {{"", model::DenseVector{1}}}, {}});
    EXPECT_EQ(s.stage(bad).error().code, ErrorCode::kInternal);
    PutVectors missing;
    missing.points.push_back({PointId(9), {}});
    EXPECT_EQ(s.stage(missing).error().code, ErrorCode::kInternal);
    PatchPayload patch;
    patch.ids = {PointId(1), PointId(9)};
    EXPECT_EQ(s.stage(patch).error().code, ErrorCode::kInternal);
    s.finish();
    EXPECT_EQ(scrolled(s.segment(), {}), (Ids{1, 2}));
    EXPECT_EQ(s->info().slots, 2U);
}

TEST(Segment, RowsOfEndedSlotsLeaveTheStore) {
    SegmentFixture s(config_of(1, Distance::kDot));
    for (int i = 0; i < 200; ++i)
        s.put(PointId(1), {float(i)}, R"({"a":1})");
    s.apply(RemovePoints{{PointId(1)}});
    s.apply(RemovePoints{{PointId(1)}});
    const auto rows = s.store().iterate(kPayloadFamily, segment_begin(1), segment_end(1));
    std::size_t left = 0;
    for (rows->seek(""); rows->valid(); rows->next())
        ++left;
    EXPECT_EQ(left, 0U);
}

TEST(Segment, ScrollsInIdOrderPageByPage) {
    SegmentFixture s(config_of(1, Distance::kDot));
    for (std::uint64_t n = 1; n <= 600; ++n) {
        s.put(PointId((n * 7919) % 601), {1}, n % 3 == 0 ? R"({"k":"x"})" : R"({"k":"y"})");
    }
    for (const bool indexed : {false, true}) {
        if (indexed) {
            ASSERT_TRUE(s->create_field_index(path_of("k"), {}).ok());
        }
        for (const bool filtered : {false, true}) {
            model::ScrollRequest request;
            request.limit = 50;
            if (filtered) request.filter = keyword_filter("k", "x");
            Ids all;
            std::size_t pages = 0;
            for (;; ++pages) {
                const auto page = s->scroll(request, Deadline::never()).value();
                const auto ids = numbers_of(page.points);
                all.insert(all.end(), ids.begin(), ids.end());
                if (!page.next_offset) break;
                EXPECT_EQ(ids.size(), 50U);
                request.offset = page.next_offset;
            }
            EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
            EXPECT_EQ(all.size(), filtered ? 200U : 600U);
            model::CountRequest count;
            count.filter = request.filter;
            EXPECT_EQ(s->count(count, Deadline::never()).value(), all.size());
            if (filtered) {
                EXPECT_EQ(s->matching_ids(*request.filter).value().size(), all.size());
            }
        }
    }
    model::ScrollRequest huge;
    huge.limit = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ(scrolled(s.segment(), huge).size(), 600U);
    huge.order_by = model::OrderBy{path_of("k"), false, {}};
    EXPECT_EQ(s->scroll(huge, Deadline::never()).error().code, ErrorCode::kUnsupported);
}

TEST(Segment, SelectsPayloadAndVectors) {
    auto config = config_of(1, Distance::kDot);
    config.params.vectors.single = false;
    config.params.vectors.by_name = {{"a", {1, Distance::kDot, {}, {}, {}, {}}},
                                     {"b", {2, Distance::kEuclid, {}, {}, {}, {}}}};
    SegmentFixture s(config);
    PutPoints put;
    put.points.push_back({PointId(1),
                          {{"a", model::DenseVector{1}}, {"b", model::DenseVector{2, 3}}},
                          payload_of_json(R"({"x":1,"y":2})")});
    put.points.push_back({PointId(2), {{"b", model::DenseVector{5, 5}}}, {}});
    s.apply(put);
    model::ScrollRequest request;
    request.with_payload = {model::PayloadSelector::Kind::kInclude, {path_of("x")}};
    request.with_vector = {model::VectorSelector::Kind::kNames, {"b"}};
    auto points = s->scroll(request, Deadline::never()).value().points;
    EXPECT_EQ(points.at(0).payload_json, R"({"x":1})");
    EXPECT_EQ(points[0].vectors, (model::NamedVectors{{"b", model::DenseVector{2, 3}}}));
    request.with_payload = model::PayloadSelector::none();
    request.with_vector = {};
    points = s->scroll(request, Deadline::never()).value().points;
    EXPECT_FALSE(points.at(0).payload_json.has_value());
    EXPECT_FALSE(points[0].vectors.has_value());

    auto query = nearest({1}, 10);
    query.using_vector = "a";
    EXPECT_EQ(numbers_of(s->query(query, Deadline::never()).value()), Ids{1});
    model::Filter has_b;
    has_b.must.emplace_back(model::HasVectorCondition{"b"});
    model::Filter has_a;
    has_a.must_not.emplace_back(model::HasVectorCondition{"a"});
    EXPECT_EQ(s->count({has_b, true}, Deadline::never()).value(), 2U);
    EXPECT_EQ(s->matching_ids(has_a).value(), std::vector<PointId>{PointId(2)});
    EXPECT_TRUE(s->matches(PointId(1), has_b).value());
    EXPECT_FALSE(s->matches(PointId(1), has_a).value());
}

TEST(Segment, ScoresAsClientsSeeThem) {
    struct Case {
        Distance distance;
        std::vector<float> scores;
        Ids ids;
        std::size_t past;
    };
    // Points: 1 = (1,0), 2 = (0,1), 3 = (1,1), of which 3 is normalised for cosine.
    const float root = std::sqrt(0.5F);
    const std::vector<Case> cases{
        {Distance::kDot, {2, 2, 0}, {3, 1, 2}, 2},
        {Distance::kCosine, {1, root, 0}, {1, 3, 2}, 1},
        {Distance::kEuclid, {1, std::sqrt(2.0F), std::sqrt(5.0F)}, {1, 3, 2}, 1},
        {Distance::kManhattan, {1, 2, 3}, {1, 3, 2}, 2}};
    for (const auto& c : cases) {
        SegmentFixture s(config_of(2, c.distance));
        s.put(PointId(1), {1, 0});
        s.put(PointId(2), {0, 1});
        s.put(PointId(3), c.distance == Distance::kCosine ? model::DenseVector{root, root}
                                                          : model::DenseVector{1, 1});
        auto request = nearest({2, 0}, 10);
        auto found = s->query(request, Deadline::never()).value();
        ASSERT_EQ(numbers_of(found), c.ids) << static_cast<int>(c.distance);
        for (std::size_t i = 0; i < 3; ++i)
            EXPECT_NEAR(found[i].score, c.scores[i], 1e-6);
        request.score_threshold = found[c.past].score;
        EXPECT_EQ(s->query(request, Deadline::never()).value().size(), c.past);
        request.score_threshold.reset();
        request.limit = std::numeric_limits<std::uint64_t>::max();
        EXPECT_EQ(s->query(request, Deadline::never()).value().size(), 3U);
    }
}

TEST(Segment, AnswersQueriesWithoutAVectorInIdOrder) {
    SegmentFixture s(config_of(1, Distance::kDot));
    for (const std::uint64_t n : {5U, 3U, 9U, 1U})
        s.put(PointId(n), {1}, R"({"k":"x"})");
    model::QueryRequest request;
    request.limit = 3;
    request.filter = keyword_filter("k", "x");
    const auto found = s->query(request, Deadline::never()).value();
    EXPECT_EQ(numbers_of(found), (Ids{1, 3, 5}));
    EXPECT_EQ(found[0].score, 1.0F);
    EXPECT_EQ(found[0].version, 0U);
}

TEST(Segment, RefusesWhatDoesNotFit) {
    SegmentFixture s(config_of(2, Distance::kDot));
    s.put(PointId(1), {1, 2});
    auto request = nearest({1, 2, 3}, 1);
    EXPECT_EQ(s->query(request, Deadline::never()).error(),
              (Error{ErrorCode::kBadInput, "Vector dimension error: expected dim: 2, got 3"}));
    request = nearest({1, 2}, 1);
    request.using_vector = "none";
    EXPECT_EQ(s->query(request, Deadline::never()).error(),
              (Error{ErrorCode::kBadInput, "Not existing vector name error: none"}));
    request = nearest({1, 2}, 1);
    request.nearest->target = model::VectorValue(model::SparseVector{{1}, {1}});
    EXPECT_EQ(s->query(request, Deadline::never()).error().code, ErrorCode::kBadInput);
    const auto late = s->query(nearest({1, 2}, 1), Deadline::at(TimePoint()));
    EXPECT_EQ(late.error(),
              (Error{ErrorCode::kTimeout, "Timeout error: Operation 'Search' timed out after 1s"}));
}

TEST(Segment, IndexesOfFieldsAgreeWithPayloads) {
    SegmentFixture s(config_of(1, Distance::kDot));
    for (std::uint64_t n = 0; n < 300; ++n) {
        s.put(PointId(n), {1}, R"({"n":)" + std::to_string(n) + "}");
    }
    const auto filter = below_filter("n", 100);
    const auto count = [&] { return s->count({filter, true}, Deadline::never()).value(); };
    EXPECT_EQ(count(), 100U);
    ASSERT_TRUE(s->create_field_index(path_of("n"), {model::FieldType::kInteger}).ok());
    EXPECT_EQ(count(), 100U);
    EXPECT_EQ(s->info().indexed_payloads.at(path_of("n")), 300U);
    for (std::uint64_t n = 0; n < 50; ++n)
        s.put(PointId(n), {1}, R"({"n":500})");
    EXPECT_EQ(count(), 50U);
    PatchPayload patch;
    patch.ids = {PointId(200), PointId(201)};
    patch.payload = payload_of_json(R"({"n":5})");
    s.apply(patch);
    EXPECT_EQ(count(), 52U);
    s.apply(RemovePoints{{PointId(200), PointId(99)}});
    EXPECT_EQ(count(), 50U);
    EXPECT_EQ(s->count({filter, false}, Deadline::never()).value() > 0, true);
    s->delete_field_index(path_of("n"));
    EXPECT_EQ(count(), 50U);
    EXPECT_TRUE(s->info().indexed_payloads.empty());
}

TEST(Segment, LivePointsAreThoseOfOneMoment) {
    SegmentFixture s(config_of(1, Distance::kDot));
    s.put(PointId(1), {1}, R"({"a":1})");
    s.put(PointId(2), {2});
    s.put(PointId(1), {3}, R"({"a":2})");
    Ids ids;
    auto live = s->live_points();
    EXPECT_EQ(live.seq(), OpSeq(3));
    const auto check = [&](OpSeq version, const model::Point& point) -> Status {
        // Only here does the walk begin: what it shows was fixed before.
        if (ids.empty()) {
            PatchPayload patch;
            patch.ids = {PointId(1), PointId(2)};
            patch.payload = payload_of_json(R"({"b":1})");
            s.apply(patch);
            s.put(PointId(3), {5});
            s.apply(RemovePoints{{PointId(1)}});
        }
        ids.push_back(point.id.number());
        EXPECT_LE(version, OpSeq(3));
        EXPECT_EQ(point.payload.json(), point.id.number() == 1 ? R"({"a":2})" : "{}");
        EXPECT_EQ(point.vectors.size(), 1U);
        return {};
    };
    ASSERT_TRUE(live.for_each(check).ok());
    EXPECT_EQ(ids, (Ids{2, 1}));
    const auto stopped = s->live_points().for_each([](OpSeq, const model::Point&) -> Status {
        return Error{ErrorCode::kCancelled, "enough"};
    });
    EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace qdrantd::engine
