// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/index/payload_index.hpp>

#include <thread>

#include <gtest/gtest.h>

namespace qdrantd::index {
namespace {

using model::Condition;
using model::FieldType;
using model::Filter;
using model::JsonPath;
using model::PointId;

JsonPath path(std::string_view text) { return JsonPath::parse(text).value(); }
Slot no_slot(const PointId&) { return kNoSlot; }

Condition value(std::string_view key, std::variant<std::string, std::int64_t, bool> wanted) {
    return model::FieldCondition{path(key), model::Match{model::MatchValue{std::move(wanted)}}};
}
template <typename Clause>
Condition on(std::string_view key, Clause clause) {
    return model::FieldCondition{path(key), std::move(clause)};
}
Condition nested(std::string_view key, Filter filter) {
    return model::NestedCondition{path(key), std::make_shared<const Filter>(std::move(filter))};
}

std::vector<std::uint32_t> slots(const std::optional<Candidates>& candidates) {
    EXPECT_TRUE(candidates.has_value());
    if (!candidates) return {};
    return {candidates->slots.begin(), candidates->slots.end()};
}
using Slots = std::vector<std::uint32_t>;

class PayloadIndexTest : public testing::Test {
  protected:
    void index_field(std::string_view key, FieldType type) {
        payload_index.add_field(path(key), {.type = type});
        payload_index.mark_ready(path(key));
    }
    std::optional<Candidates> find(const Filter& filter) {
        return payload_index.candidates(filter, no_slot);
    }
    PayloadIndex payload_index;
};

TEST_F(PayloadIndexTest, AgreesWithTheTableOfEquivalences) {
    index_field("a", FieldType::kInteger);
    index_field("a[].b", FieldType::kInteger);
    const char* payloads[] = {
        R"({"a":1})",   R"({"a":1.0})",  R"({"a":"1"})", R"({"a":[1,2]})",
        R"({"a":[]})",  R"({"a":null})", R"({})",        R"({"a":[{"b":1},{"b":[1,2]}]})",
        R"({"a":true})"};
    Slot number = 0;
    for (const auto* payload : payloads)
        payload_index.put(++number, payload);
    const auto one = std::vector<std::int64_t>{1};
    const auto exact = [&](const Filter& filter) {
        const auto found = find(filter);
        EXPECT_TRUE(found && found->exact);
        return slots(found);
    };
    EXPECT_EQ(exact({.must = {value("a", std::int64_t{1})}}), (Slots{1, 4}));
    EXPECT_EQ(exact({.must = {on("a", model::Match{model::MatchAny{one}})}}), (Slots{1, 4}));
    EXPECT_EQ(exact({.must_not = {on("a", model::Match{model::MatchAny{one}})}}),
              (Slots{2, 3, 5, 6, 7, 8, 9}));
    EXPECT_EQ(exact({.must = {on("a", model::Range{.gte = 1.0})}}), (Slots{1, 2, 4}));
    EXPECT_EQ(exact({.must = {on("a", model::Range{})}}), (Slots{1, 2, 4}));
    EXPECT_EQ(exact({.must = {value("a[].b", std::int64_t{1})}}), (Slots{8}));
    EXPECT_EQ(exact({.must = {on("a", model::ValuesCount{.gte = 2})}}), (Slots{4, 8}));
    EXPECT_EQ(exact({.must = {on("a", model::ValuesCount{.lt = 1})}}), (Slots{5, 6, 7}));
    EXPECT_EQ(exact({.must = {model::IsEmptyCondition{path("a")}}}), (Slots{5, 6, 7}));
    EXPECT_EQ(exact({.must = {model::IsNullCondition{path("a")}}}), (Slots{6}));
    EXPECT_EQ(exact({.must = {nested("a[]", {.must = {value("b", std::int64_t{2})}})}}),
              (Slots{8}));
    // An array of several values, some of them in the list, is left to the payload.
    const auto except = find({.must = {on("a", model::Match{model::MatchExcept{one}})}});
    EXPECT_EQ(slots(except), (Slots{2, 3, 4, 8, 9}));
    // Values of another type may match; the index does not know them.
    EXPECT_EQ(slots(find({.must = {value("a", "1")}})), (Slots{3, 8, 9}));
    EXPECT_FALSE(find({.must = {value("a", "1")}})->exact);
}

TEST_F(PayloadIndexTest, AnswersNothingBeforeAFieldIsReady) {
    payload_index.put(0, R"({"k":"x"})");
    payload_index.add_field(path("k"), {.type = FieldType::kKeyword});
    const Filter filter{.must = {value("k", "x")}};
    EXPECT_TRUE(payload_index.has_field(path("k")));
    EXPECT_FALSE(find(filter).has_value());
    payload_index.put_field(path("k"), 0, R"({"k":"x"})");
    payload_index.put_field(path("k"), 0, R"({"k":"x"})");
    payload_index.put(1, R"({"k":"x"})");
    EXPECT_FALSE(find(filter).has_value());
    payload_index.mark_ready(path("k"));
    EXPECT_EQ(slots(find(filter)), (Slots{0, 1}));
    EXPECT_TRUE(find(filter)->exact);
    payload_index.remove_field(path("k"));
    EXPECT_FALSE(payload_index.has_field(path("k")));
    EXPECT_FALSE(find(filter).has_value());
    payload_index.mark_ready(path("k"));  // of a field that is gone: nothing happens
}

TEST_F(PayloadIndexTest, FollowsChanges) {
    index_field("k", FieldType::kKeyword);
    payload_index.put(0, R"({"k":["x","y"]})");
    payload_index.put(1, R"({"k":"y"})");
    payload_index.replace(0, R"({"k":["x","y"]})", R"({"k":["z",null]})");
    EXPECT_EQ(slots(find({.must = {value("k", "y")}})), (Slots{1}));
    EXPECT_EQ(slots(find({.must = {value("k", "x")}})), (Slots{}));
    EXPECT_EQ(slots(find({.must = {on("k", model::FieldIsNull{true})}})), (Slots{0}));
    payload_index.remove(1, R"({"k":"y"})");
    EXPECT_EQ(slots(find({.must_not = {value("k", "q")}})), (Slots{0}));
    EXPECT_EQ(payload_index.points_indexed().at(path("k")), 1U);
    // A schema of another type starts again.
    payload_index.add_field(path("k"), {.type = FieldType::kInteger});
    EXPECT_EQ(payload_index.points_indexed().at(path("k")), 0U);
}

TEST_F(PayloadIndexTest, CountsPointsByTheirType) {
    index_field("i", FieldType::kInteger);
    index_field("f", FieldType::kFloat);
    index_field("b", FieldType::kBool);
    payload_index.put(0, R"({"i":1,"f":1,"b":true})");
    payload_index.put(1, R"({"i":1.0,"f":1.5,"b":[false,1]})");
    payload_index.put(2, R"({"i":[1.5,"1"],"f":"1.5","b":"true"})");
    payload_index.put(3, R"({"i":[18446744073709551615],"f":[null],"b":null})");
    payload_index.put(4, R"({"i":[0.5,7]})");
    const auto points = payload_index.points_indexed();
    EXPECT_EQ(points.at(path("i")), 3U);
    EXPECT_EQ(points.at(path("f")), 2U);
    EXPECT_EQ(points.at(path("b")), 2U);
}

TEST_F(PayloadIndexTest, NarrowsByIdsAndNegations) {
    index_field("k", FieldType::kKeyword);
    for (Slot slot = 0; slot < 6; ++slot)
        payload_index.put(slot, slot % 2 == 0 ? R"({"k":"even"})" : R"({"k":"odd"})");
    const auto by_id = [](const PointId& id) {
        return id.number() < 6 ? static_cast<Slot>(id.number()) : kNoSlot;
    };
    const Condition ids = model::HasIdCondition{{PointId(1), PointId(2), PointId(99)}};
    const auto with = [&](const Filter& filter) { return payload_index.candidates(filter, by_id); };
    EXPECT_EQ(slots(with({.must = {ids}})), (Slots{1, 2}));
    EXPECT_EQ(slots(with({.must = {ids, value("k", "odd")}})), (Slots{1}));
    EXPECT_EQ(slots(with({.must_not = {ids}})), (Slots{0, 3, 4, 5}));
    EXPECT_TRUE(with({.must_not = {ids}})->exact);
    // A condition that no index serves leaves a superset, also under negation.
    const Condition unknown = value("other", "x");
    EXPECT_EQ(slots(with({.must = {ids, unknown}})), (Slots{1, 2}));
    EXPECT_FALSE(with({.must = {ids, unknown}})->exact);
    EXPECT_FALSE(with({.must_not = {unknown}}).has_value());
    EXPECT_EQ(slots(with({.must = {value("k", "even")}, .must_not = {unknown}})), (Slots{0, 2, 4}));
    EXPECT_FALSE(with({.should = {ids, unknown}}).has_value());
    EXPECT_FALSE(with({}).has_value());
}

TEST_F(PayloadIndexTest, NestedConjunctionsAreSupersets) {
    index_field("d[].n", FieldType::kKeyword);
    index_field("d[].v", FieldType::kInteger);
    payload_index.put(0, R"({"d":[{"n":"a","v":1},{"n":"b","v":2}]})");
    payload_index.put(1, R"({"d":[{"n":"a","v":2}]})");
    payload_index.put(2, R"({"d":[{"n":"c","v":2}]})");
    const Filter both{.must = {value("n", "a"), value("v", std::int64_t{2})}};
    const auto found = find({.must = {nested("d[]", both)}});
    EXPECT_EQ(slots(found), (Slots{0, 1}));
    EXPECT_FALSE(found->exact);
    EXPECT_TRUE(find({.must = {nested("d[]", {.should = both.must})}})->exact);
    EXPECT_FALSE(find({.must = {nested("d[]", {.must_not = both.must})}}).has_value());
    const auto around = find({.must_not = {nested("d[]", both)}});
    EXPECT_TRUE(!around || (around->slots.contains(0) && around->slots.contains(2)));
}

TEST_F(PayloadIndexTest, EstimatesByTheFormulas) {
    index_field("k", FieldType::kKeyword);
    index_field("n", FieldType::kInteger);
    for (Slot slot = 0; slot < 100; ++slot) {
        payload_index.put(
            slot, fmt::format(R"({{"k":"{}","n":{}}})", slot % 10 == 0 ? "rare" : "often", slot));
    }
    const auto rare = value("k", "rare");
    const auto low = on("n", model::Range{.lt = 50.0});
    const auto check = [&](const Filter& filter, CardinalityEstimate wanted) {
        const auto e = payload_index.estimate(filter, 100);
        EXPECT_EQ(e.min, wanted.min);
        EXPECT_EQ(e.expected, wanted.expected);
        EXPECT_EQ(e.max, wanted.max);
    };
    check({}, {100, 100, 100});
    check({.must = {rare}}, {10, 10, 10});
    check({.must = {low}}, {50, 50, 50});
    check({.must = {rare, low}}, {0, 5, 10});
    check({.should = {rare, low}}, {50, 55, 60});
    check({.must_not = {rare}}, {90, 90, 90});
    check({.must = {value("unindexed", "x")}}, {0, 50, 100});
    check({.must = {model::HasIdCondition{{PointId(1), PointId(2)}}}}, {0, 2, 2});
    check({.min_should = model::MinShould{{rare, low}, 2}}, {0, 5, 30});
}

TEST_F(PayloadIndexTest, ServesReadersWhileOneWrites) {
    index_field("k", FieldType::kInteger);
    for (Slot slot = 0; slot < 200; ++slot)
        payload_index.put(slot, R"({"k":1})");
    std::atomic<bool> done{false};
    std::thread writer([&] {
        // Each slot matches the filter below before and after its change, so it is never missed.
        for (int round = 0; round < 20; ++round) {
            for (Slot slot = 0; slot < 200; ++slot) {
                const auto* before = round % 2 == 0 ? R"({"k":1})" : R"({"k":[1,2]})";
                const auto* after = round % 2 == 0 ? R"({"k":[1,2]})" : R"({"k":1})";
                payload_index.replace(slot, before, after);
            }
        }
        done = true;
    });
    int rounds = 0;
    do {
        const auto found = find({.must = {value("k", std::int64_t{1})}});
        EXPECT_EQ(slots(found).size(), 200U);
        ++rounds;
    } while (!done);
    writer.join();
    EXPECT_GT(rounds, 0);
}

}  // namespace
}  // namespace qdrantd::index
