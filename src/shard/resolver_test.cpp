// SPDX-License-Identifier: Apache-2.0
#include "shard/resolver.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace qdrantd::shard {
namespace {

using model::PointId;
using Ids = std::vector<PointId>;

/// Points by id; the filter of a test matches the ids in `matching`.
class FakeState final : public PointsState {
  public:
    [[nodiscard]] bool exists(const PointId& id) const override { return points.contains(id); }
    [[nodiscard]] Result<model::NamedVectors> vectors_of(const PointId& id) const override {
        return points.at(id);
    }
    [[nodiscard]] Result<Ids> matching_ids(const model::Filter&) const override {
        if (broken) return Error{ErrorCode::kChecksum, "broken"};
        return Ids(matching.begin(), matching.end());
    }
    [[nodiscard]] Result<bool> matches(const PointId& id, const model::Filter&) const override {
        return matching.contains(id);
    }

    std::map<PointId, model::NamedVectors> points;
    std::set<PointId> matching;
    bool broken = false;
};

model::NamedVectors plain(std::vector<float> values, std::string name = "a") {
    return {{std::move(name), model::DenseVector(std::move(values))}};
}

Ids ids(std::initializer_list<std::uint64_t> numbers) {
    Ids out;
    for (const auto n : numbers)
        out.emplace_back(n);
    return out;
}

class ResolverTest : public ::testing::Test {
  protected:
    ResolverTest() {
        params_.vectors.by_name["a"] = {2, model::Distance::kDot, {}, {}, {}, {}};
        params_.vectors.by_name["cos"] = {2, model::Distance::kCosine, {}, {}, {}, {}};
        for (std::uint64_t n = 1; n <= 3; ++n) {
            state_.points[PointId(n)] = plain({static_cast<float>(n), 0});
        }
    }
    Resolved run(model::UpdateOperation operation) {
        auto resolved = resolve(std::move(operation), params_, state_);
        EXPECT_TRUE(resolved.ok());
        return std::move(resolved).value();
    }
    template <typename Effect>
    Effect only(const Resolved& resolved) {
        EXPECT_EQ(resolved.effects.size(), 1U);
        const auto* effect = std::get_if<Effect>(&resolved.effects.at(0));
        EXPECT_NE(effect, nullptr);
        return effect ? *effect : Effect{};
    }
    static std::vector<std::uint64_t> numbers(const engine::PutPoints& put) {
        std::vector<std::uint64_t> out;
        for (const auto& point : put.points)
            out.push_back(point.id.number());
        return out;
    }
    static std::string message(const Resolved& resolved) {
        return resolved.mistake ? resolved.mistake->message : "";
    }

    model::CollectionParams params_;
    FakeState state_;
};

TEST_F(ResolverTest, UpsertNormalisesCosineOnlyAndKeepsTheLastOfEqualIds) {
    model::UpsertPoints upsert;
    upsert.points.push_back({PointId(7), plain({3, 4}, "cos"), {}});
    upsert.points.push_back({PointId(8), plain({3, 4}, "a"), {}});
    upsert.points.push_back({PointId(7), plain({0, 5}, "cos"), {}});
    const auto put = only<engine::PutPoints>(run(upsert));
    EXPECT_EQ(numbers(put), (std::vector<std::uint64_t>{7, 8}));
    EXPECT_EQ(put.points[0].vectors, plain({0, 1}, "cos"));
    EXPECT_EQ(put.points[1].vectors, plain({3, 4}, "a"));
}

TEST_F(ResolverTest, UpsertKeepsPointsInFrontOfAMistake) {
    model::UpsertPoints upsert;
    upsert.points.push_back({PointId(7), plain({3, 4}), {}});
    upsert.points.push_back({PointId(8), plain({3, 4}, "x"), {}});
    upsert.points.push_back({PointId(9), plain({3, 4}), {}});
    const auto resolved = run(upsert);
    EXPECT_EQ(numbers(only<engine::PutPoints>(resolved)), (std::vector<std::uint64_t>{7}));
    EXPECT_EQ(message(resolved), "Not existing vector name error: x");
    EXPECT_EQ(resolved.mistake->code, ErrorCode::kBadInput);
}

TEST_F(ResolverTest, WrongKindAndDimensionAreMistakes) {
    model::UpsertPoints sparse;
    sparse.points.push_back({PointId(7), {{"a", model::SparseVector{{1}, {1}}}}, {}});
    EXPECT_EQ(message(run(sparse)), "Not existing vector name error: a");
    model::UpsertPoints unnamed;
    unnamed.points.push_back({PointId(7), plain({1, 2}, ""), {}});
    EXPECT_EQ(message(run(unnamed)), "Not existing vector name error: ");
    model::UpsertPoints longer;
    longer.points.push_back({PointId(7), plain({1, 2, 3}), {}});
    const auto resolved = run(longer);
    EXPECT_EQ(message(resolved), "Vector dimension error: expected dim: 2, got 3");
    EXPECT_TRUE(std::holds_alternative<engine::NoEffect>(resolved.effects.at(0)));
}

TEST_F(ResolverTest, ConditionalUpserts) {
    state_.matching = {PointId(1)};
    const auto run_mode = [&](model::UpdateMode mode, bool filter) {
        model::UpsertPoints upsert;
        upsert.mode = mode;
        if (filter) upsert.update_filter.emplace();
        for (const std::uint64_t n : {1U, 2U, 9U}) {
            upsert.points.push_back({PointId(n), plain({0, 0}), {}});
        }
        EXPECT_EQ(needs_published_state(upsert), filter);
        const auto resolved = run(upsert);
        EXPECT_FALSE(resolved.mistake);
        return numbers(only<engine::PutPoints>(resolved));
    };
    using Numbers = std::vector<std::uint64_t>;
    EXPECT_EQ(run_mode(model::UpdateMode::kUpsert, false), (Numbers{1, 2, 9}));
    EXPECT_EQ(run_mode(model::UpdateMode::kUpsert, true), (Numbers{1, 9}));
    EXPECT_EQ(run_mode(model::UpdateMode::kInsertOnly, false), (Numbers{9}));
    EXPECT_EQ(run_mode(model::UpdateMode::kInsertOnly, true), (Numbers{9}));
    EXPECT_EQ(run_mode(model::UpdateMode::kUpdateOnly, false), (Numbers{1, 2}));
    EXPECT_EQ(run_mode(model::UpdateMode::kUpdateOnly, true), (Numbers{1}));
}

TEST_F(ResolverTest, DeleteIgnoresUnknownIds) {
    const auto removed = only<engine::RemovePoints>(run(model::DeletePoints{ids({2, 9, 2, 1})}));
    EXPECT_EQ(removed.ids, ids({2, 1}));
    only<engine::NoEffect>(run(model::DeletePoints{ids({9})}));
}

TEST_F(ResolverTest, FiltersAreAnsweredOnce) {
    const model::DeletePoints remove{model::Filter{}};
    EXPECT_TRUE(needs_published_state(remove));
    only<engine::NoEffect>(run(remove));
    state_.matching = {PointId(1), PointId(3)};
    EXPECT_EQ(only<engine::RemovePoints>(run(remove)).ids, ids({1, 3}));
    state_.broken = true;
    EXPECT_EQ(resolve(remove, params_, state_).error().code, ErrorCode::kChecksum);
}

TEST_F(ResolverTest, UpdateVectorsKeepsTheOthers) {
    model::UpdateVectors update;
    update.points.push_back({PointId(1), plain({0, 2}, "cos")});
    update.points.push_back({PointId(2), plain({5, 5})});
    update.points.push_back({PointId(1), plain({6, 6})});
    const auto put = only<engine::PutVectors>(run(update));
    ASSERT_EQ(put.points.size(), 2U);
    auto wanted = plain({6, 6});
    wanted.push_back({"cos", model::DenseVector{0, 1}});
    EXPECT_EQ(put.points[0].vectors, wanted);
    EXPECT_EQ(put.points[1].vectors, plain({5, 5}));
}

TEST_F(ResolverTest, UpdateVectorsOfAMissingPointKeepsTheChunk) {
    model::UpdateVectors update;
    update.points.push_back({PointId(7), plain({0, 2})});
    update.points.push_back({PointId(2), plain({5, 5})});
    const auto resolved = run(update);
    EXPECT_EQ(only<engine::PutVectors>(resolved).points.size(), 1U);
    EXPECT_EQ(message(resolved), "No point with id 7 found");
    EXPECT_EQ(resolved.mistake->code, ErrorCode::kNotFound);
}

TEST_F(ResolverTest, UpdateVectorsUnderAConditionSkipsSilently) {
    state_.matching = {PointId(2)};
    model::UpdateVectors update;
    update.update_filter.emplace();
    update.points.push_back({PointId(1), plain({0, 2})});
    update.points.push_back({PointId(2), plain({5, 5})});
    const auto resolved = run(update);
    EXPECT_FALSE(resolved.mistake);
    EXPECT_EQ(only<engine::PutVectors>(resolved).points.at(0).id, PointId(2));
}

TEST_F(ResolverTest, DeleteVectorsByIdsAndByFilter) {
    state_.points[PointId(2)].push_back({"cos", model::DenseVector{0, 1}});
    state_.matching = {PointId(2), PointId(3)};
    model::DeleteVectors remove{{"a"}, ids({1, 2, 7}), model::Filter{}};
    const auto resolved = run(remove);
    const auto put = only<engine::PutVectors>(resolved);
    ASSERT_EQ(put.points.size(), 3U);
    EXPECT_EQ(put.points[0].id, PointId(2));
    EXPECT_EQ(put.points[0].vectors, plain({0, 1}, "cos"));
    EXPECT_EQ(put.points[2].id, PointId(1));
    EXPECT_TRUE(put.points[2].vectors.empty());
    EXPECT_EQ(message(resolved), "No point with id 7 found");

    only<engine::NoEffect>(run(model::DeleteVectors{{"cos"}, ids({1}), {}}));
    EXPECT_EQ(message(run(model::DeleteVectors{{"x"}, ids({1}), {}})),
              "Not existing vector name error: x");
}

TEST_F(ResolverTest, ManyPointsAreSplitOverSeveralRecords) {
    model::DeleteVectors remove{{"a"}, {}, model::Filter{}};
    for (std::uint64_t n = 1; n <= 3000; ++n) {
        state_.points[PointId(n)] = plain({1, 1});
        state_.matching.insert(PointId(n));
    }
    const auto resolved = run(remove);
    ASSERT_EQ(resolved.effects.size(), 3U);
    std::size_t points = 0;
    for (const auto& effect : resolved.effects) {
        points += std::get<engine::PutVectors>(effect).points.size();
    }
    EXPECT_EQ(points, 3000U);
}

TEST_F(ResolverTest, PayloadOperations) {
    using Kind = engine::PatchPayload::Kind;
    const auto payload = model::Payload::trusted(R"({"k":1})");
    auto patch =
        only<engine::PatchPayload>(run(model::SetPayload{payload, ids({1, 1}), std::nullopt}));
    EXPECT_EQ(patch.kind, Kind::kMerge);
    EXPECT_EQ(patch.ids, ids({1}));
    EXPECT_EQ(patch.payload, payload);
    patch = only<engine::PatchPayload>(run(model::OverwritePayload{payload, ids({2})}));
    EXPECT_EQ(patch.kind, Kind::kOverwrite);
    patch = only<engine::PatchPayload>(run(model::ClearPayload{ids({2})}));
    EXPECT_EQ(patch.kind, Kind::kClear);
    patch = only<engine::PatchPayload>(run(model::DeletePayload{{model::JsonPath{}}, ids({2})}));
    EXPECT_EQ(patch.kind, Kind::kRemoveKeys);
    EXPECT_EQ(patch.keys.size(), 1U);
    patch =
        only<engine::PatchPayload>(run(model::SetPayload{payload, ids({1}), model::JsonPath{}}));
    EXPECT_EQ(patch.kind, Kind::kMergeAt);
    EXPECT_EQ(patch.keys.size(), 1U);
    only<engine::NoEffect>(run(model::ClearPayload{model::Filter{}}));
}

/// Chunks of 32: what comes after the failing chunk is not touched.
TEST_F(ResolverTest, AMissingIdEndsTheWorkAfterItsChunk) {
    Ids list;
    for (std::uint64_t n = 100; n < 180; ++n) {
        list.emplace_back(n);
        if (n != 140 && n != 141) state_.points[PointId(n)] = plain({1, 1});
    }
    const auto resolved = run(model::ClearPayload{list});
    const auto patch = only<engine::PatchPayload>(resolved);
    EXPECT_EQ(patch.ids.size(), 62U);  // two chunks without the two missing
    EXPECT_EQ(patch.ids.back(), PointId(163));
    EXPECT_EQ(message(resolved), "No point with id 140 found");
}

}  // namespace
}  // namespace qdrantd::shard
