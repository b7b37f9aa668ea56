// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/filter_eval.hpp>

#include <gtest/gtest.h>

#include <qdrantd/common/log.hpp>
#include <qdrantd/model/payload.hpp>

namespace qdrantd::model {
namespace {

using Strings = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;

JsonPath path(std::string_view text) { return JsonPath::parse(text).value(); }

template <typename Clause>
Condition on(std::string_view key, Clause clause) {
    return FieldCondition{path(key), std::move(clause)};
}
Condition match(std::string_view key, Match clause) { return on(key, std::move(clause)); }
Condition value(std::string_view key, std::variant<std::string, std::int64_t, bool> wanted) {
    return match(key, MatchValue{std::move(wanted)});
}
Condition text(std::string_view key, MatchText::Kind kind, std::string query) {
    return match(key, MatchText{kind, std::move(query)});
}
Filter must(Condition condition) { return {.must = {std::move(condition)}}; }
Filter must_not(Condition condition) { return {.must_not = {std::move(condition)}}; }
Condition nested(std::string_view key, Filter filter) {
    return NestedCondition{path(key).with_all_elements(),
                           std::make_shared<const Filter>(std::move(filter))};
}
Condition sub(Filter filter) {
    return SubFilter{std::make_shared<const Filter>(std::move(filter))};
}

bool holds(const Filter& filter, std::string_view json) {
    FilterEvaluator evaluator(filter);
    return evaluator.matches({PointId(1), json, nullptr});
}

constexpr std::string_view kExamples[] = {
    R"({"a":1})",   R"({"a":1.0})",  R"({"a":"1"})", R"({"a":[1,2]})",
    R"({"a":[]})",  R"({"a":null})", R"({})",        R"({"a":[{"b":1},{"b":[1,2]}]})",
    R"({"a":true})"};

/// Numbers of the example payloads that match, from 1.
std::vector<int> matching(const Filter& filter) {
    FilterEvaluator evaluator(filter);
    std::vector<int> numbers;
    for (int i = 0; i < static_cast<int>(std::size(kExamples)); ++i) {
        if (evaluator.matches({PointId(1), kExamples[i], nullptr})) numbers.push_back(i + 1);
    }
    return numbers;
}

using Numbers = std::vector<int>;

TEST(FilterEvaluator, AgreesWithTheTableOfEquivalences) {
    EXPECT_EQ(matching(must(value("a", std::int64_t{1}))), (Numbers{1, 4}));
    EXPECT_EQ(matching(must(value("a", "1"))), (Numbers{3}));
    EXPECT_EQ(matching(must(value("a", true))), (Numbers{9}));
    EXPECT_EQ(matching(must(match("a", MatchAny{Integers{1, 2}}))), (Numbers{1, 4}));
    EXPECT_EQ(matching(must(match("a", MatchAny{Integers{}}))), (Numbers{}));
    EXPECT_EQ(matching(must(match("a", MatchAny{Strings{}}))), (Numbers{}));
    EXPECT_EQ(matching(must(match("a", MatchExcept{Integers{1}}))), (Numbers{2, 3, 4, 8, 9}));
    EXPECT_EQ(matching(must_not(match("a", MatchAny{Integers{1}}))),
              (Numbers{2, 3, 5, 6, 7, 8, 9}));
    EXPECT_EQ(matching(must(on("a", Range{.gte = 1.0}))), (Numbers{1, 2, 4}));
    EXPECT_EQ(matching(must(on("a", Range{}))), (Numbers{1, 2, 4}));
    EXPECT_EQ(matching(must(value("a[].b", std::int64_t{1}))), (Numbers{8}));
    EXPECT_EQ(matching(must(value("a.b", std::int64_t{1}))), (Numbers{}));
    EXPECT_EQ(matching(must(on("a", ValuesCount{.gte = 2}))), (Numbers{4, 8}));
    EXPECT_EQ(matching(must(on("a", ValuesCount{.lt = 1}))), (Numbers{5, 6, 7}));
    EXPECT_EQ(matching(must(IsEmptyCondition{path("a")})), (Numbers{5, 6, 7}));
    EXPECT_EQ(matching(must(IsNullCondition{path("a")})), (Numbers{6}));
    EXPECT_EQ(matching(must(nested("a", must(value("b", std::int64_t{2}))))), (Numbers{8}));
    EXPECT_EQ(matching({}), (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(FilterEvaluator, TellsEmptyFromNull) {
    const struct {
        const char* json;
        bool empty, null, field_null;
    } cases[] = {
        {R"({})", true, false, false},
        {R"({"k":null})", true, true, true},
        {R"({"k":[]})", true, false, false},
        {R"({"k":[null]})", false, false, true},
        {R"({"k":[null,1]})", false, false, true},
        {R"({"k":0})", false, false, false},
        {R"({"k":""})", false, false, false},
        {R"({"k":false})", false, false, false},
        {R"({"k":{}})", false, false, false},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(holds(must(IsEmptyCondition{path("k")}), c.json), c.empty) << c.json;
        EXPECT_EQ(holds(must(IsNullCondition{path("k")}), c.json), c.null) << c.json;
        EXPECT_EQ(holds(must(on("k", FieldIsEmpty{true})), c.json), c.empty) << c.json;
        EXPECT_EQ(holds(must(on("k", FieldIsEmpty{false})), c.json), !c.empty) << c.json;
        EXPECT_EQ(holds(must(on("k", FieldIsNull{true})), c.json), c.field_null) << c.json;
        EXPECT_EQ(holds(must(on("k", FieldIsNull{false})), c.json), !c.field_null) << c.json;
    }
    const auto* several = R"({"a":[{"b":null},{"b":[]},{"b":1}]})";
    EXPECT_FALSE(holds(must(IsEmptyCondition{path("a[].b")}), several));
    EXPECT_TRUE(holds(must(IsNullCondition{path("a[].b")}), several));
    EXPECT_TRUE(holds(must(IsEmptyCondition{path("a[].b")}), R"({"a":[{"b":null},{"b":[]}]})"));
}

TEST(FilterEvaluator, ExceptAsksForAValueOutsideTheList) {
    const auto except = [](Strings list) { return must(match("k", MatchExcept{std::move(list)})); };
    EXPECT_TRUE(holds(except({"a"}), R"({"k":["a","b"]})"));
    EXPECT_FALSE(holds(except({"a"}), R"({"k":["a"]})"));
    EXPECT_FALSE(holds(except({"a"}), R"({"k":["a",null]})"));
    EXPECT_TRUE(holds(except({"a"}), R"({"k":5})"));
    EXPECT_TRUE(holds(except({}), R"({"k":[[]]})"));
    EXPECT_FALSE(holds(except({}), R"({"k":[]})"));
    EXPECT_FALSE(holds(except({}), R"({"k":null})"));
    EXPECT_TRUE(holds(must(match("k", MatchExcept{Integers{1}})), R"({"k":18446744073709551615})"));
}

TEST(FilterEvaluator, MatchesText) {
    using Kind = MatchText::Kind;
    const auto* json = R"({"k":["The quick brown fox","ünï"]})";
    EXPECT_TRUE(holds(must(text("k", Kind::kText, "quick brown")), json));
    EXPECT_FALSE(holds(must(text("k", Kind::kText, "brown quick")), json));
    EXPECT_FALSE(holds(must(text("k", Kind::kText, "Quick")), json));
    EXPECT_TRUE(holds(must(text("k", Kind::kText, "")), json));
    EXPECT_TRUE(holds(must(text("k", Kind::kPhrase, "brown fox")), json));
    EXPECT_TRUE(holds(must(text("k", Kind::kTextAny, "slow\u3000 rown\tcat")), json));
    EXPECT_TRUE(holds(must(text("k", Kind::kTextAny, "nope nï")), json));
    EXPECT_FALSE(holds(must(text("k", Kind::kTextAny, "  ")), json));
    EXPECT_FALSE(holds(must(text("k", Kind::kTextAny, "slow cat")), json));
    EXPECT_TRUE(holds(must(text("k", Kind::kPrefix, "The q")), json));
    EXPECT_FALSE(holds(must(text("k", Kind::kPrefix, "quick")), json));
    EXPECT_TRUE(holds(must(text("k", Kind::kPrefix, "")), json));
    EXPECT_FALSE(holds(must(text("k", Kind::kPrefix, "")), R"({"k":1})"));
}

TEST(FilterEvaluator, ComparesNumbersAndTimes) {
    EXPECT_TRUE(holds(must(on("k", Range{.gt = 1.5, .lt = 2.5})), R"({"k":2})"));
    EXPECT_FALSE(holds(must(on("k", Range{.gt = 2.0})), R"({"k":2})"));
    EXPECT_TRUE(holds(must(on("k", Range{.gte = 1e19})), R"({"k":18446744073709551615})"));
    EXPECT_FALSE(holds(must(on("k", Range{})), R"({"k":["1",null,true,[5]]})"));
    EXPECT_FALSE(holds(must(on("k", Range{.gt = 5.0, .lt = 4.0})), R"({"k":[3,6,4.5]})"));
    const DatetimeRange day{.gte = 1'704'153'600'000'000, .lt = 1'704'240'000'000'000};
    EXPECT_TRUE(holds(must(on("k", day)), R"({"k":"2024-01-02T03:04:05Z"})"));
    EXPECT_FALSE(holds(must(on("k", day)), R"({"k":["2024-01-03","soon",1704153600000000]})"));
    EXPECT_TRUE(holds(must(value("k", INT64_MIN)), R"({"k":-9223372036854775808})"));
    EXPECT_FALSE(holds(must(value("k", std::int64_t{-1})), R"({"k":18446744073709551615})"));
    EXPECT_FALSE(holds(must(value("k", false)), R"({"k":0})"));
}

TEST(FilterEvaluator, FollowsPaths) {
    const auto* json = R"({"a":{"b.c":[[1,2],[3]]},"d":[{"e":{"f":"x"}},{"e":{"f":"y"}}]})";
    EXPECT_FALSE(holds(must(value("a.\"b.c\"", std::int64_t{1})), json));
    EXPECT_TRUE(holds(must(value("a.\"b.c\"[]", std::int64_t{3})), json));
    EXPECT_TRUE(holds(must(value("a.\"b.c\"[0]", std::int64_t{2})), json));
    EXPECT_FALSE(holds(must(value("a.\"b.c\"[1]", std::int64_t{2})), json));
    EXPECT_TRUE(holds(must(value("a.\"b.c\"[][]", std::int64_t{2})), json));
    EXPECT_TRUE(holds(must(value("d[].e.f", "y")), json));
    EXPECT_TRUE(holds(must(value("d[0].e.f", "x")), json));
    EXPECT_FALSE(holds(must(value("d[7].e.f", "x")), json));
    EXPECT_FALSE(holds(must(value("d.e.f", "x")), json));
}

TEST(FilterEvaluator, CombinesClauses) {
    const auto a = value("a", std::int64_t{1});
    const auto b = value("b", std::int64_t{1});
    const auto* only_a = R"({"a":1})";
    EXPECT_FALSE(holds({.must = {a}, .should = {b}}, only_a));
    EXPECT_TRUE(holds({.must = {a}, .should = {b, a}}, only_a));
    EXPECT_FALSE(holds({.must = {a}, .must_not = {b, a}}, only_a));
    EXPECT_TRUE(holds({.min_should = MinShould{{a, b, a}, 2}}, only_a));
    EXPECT_FALSE(holds({.min_should = MinShould{{a, b}, 2}}, only_a));
    EXPECT_FALSE(holds({.min_should = MinShould{{a}, 2}}, only_a));
    EXPECT_FALSE(holds({.min_should = MinShould{{}, 1}}, only_a));
    EXPECT_TRUE(holds(must(sub({})), only_a));
    EXPECT_FALSE(holds(must_not(sub({.should = {a, b}})), only_a));
}

TEST(FilterEvaluator, NestedHoldsForOneElement) {
    const auto both = Filter{.must = {value("x", std::int64_t{1}), value("y", std::int64_t{2})}};
    EXPECT_FALSE(holds(must(nested("a", both)), R"({"a":[{"x":1,"y":1},{"x":2,"y":2}]})"));
    EXPECT_TRUE(holds(must(nested("a", both)), R"({"a":[{"x":1,"y":1},{"x":1,"y":2}]})"));
    EXPECT_FALSE(holds(must(nested("a", both)), R"({"a":{"x":1,"y":2}})"));
    EXPECT_TRUE(holds(must(nested("a", {})), R"({"a":[1,{}]})"));
    EXPECT_FALSE(holds(must(nested("a", {})), R"({"a":[1,[{}]]})"));
    const auto not_x = must_not(value("x", std::int64_t{1}));
    EXPECT_TRUE(holds(must(nested("a", not_x)), R"({"a":[{"x":1},{"x":2}]})"));
    EXPECT_FALSE(holds(must(nested("a", not_x)), R"({"a":[{"x":1}]})"));
    EXPECT_TRUE(holds(must_not(nested("a", must(value("x", std::int64_t{1})))), "{}"));
    EXPECT_TRUE(holds(must(nested("a", must(nested("b", must(value("c", "z")))))),
                      R"({"a":[{"b":[{"c":"y"}]},{"b":[{"c":"z"}]}]})"));
}

TEST(FilterEvaluator, AsksForIdsVectorsAndSlices) {
    const std::function<bool(std::string_view)> has = [](std::string_view name) {
        return name == "v";
    };
    const auto holds_for = [&](const Filter& filter, PointId id) {
        FilterEvaluator evaluator(filter);
        EXPECT_FALSE(evaluator.needs_payload());
        return evaluator.matches({id, "", &has});
    };
    const auto ids = must(HasIdCondition{{PointId(1), PointId(5)}});
    EXPECT_TRUE(holds_for(ids, PointId(5)));
    EXPECT_FALSE(holds_for(ids, PointId(4)));
    EXPECT_FALSE(holds_for(must(HasIdCondition{}), PointId(4)));
    EXPECT_TRUE(holds_for(must(HasVectorCondition{"v"}), PointId(4)));
    EXPECT_FALSE(holds_for(must(sub(must(HasVectorCondition{"w"}))), PointId(4)));
    const auto third = slice_hash(PointId(42)) % 3;
    EXPECT_TRUE(holds_for(must(SliceCondition{3, third}), PointId(42)));
    EXPECT_FALSE(holds_for(must(SliceCondition{3, (third + 1) % 3}), PointId(42)));

    FilterEvaluator inside(must(nested("a", must(HasIdCondition{{PointId(1)}}))));
    EXPECT_TRUE(inside.needs_payload());
}

TEST(FilterEvaluator, HasIdNeverHoldsInsideNested) {
    const auto id = HasIdCondition{{PointId(1)}};
    EXPECT_FALSE(holds(must(nested("a", must(id))), R"({"a":[{}]})"));
    EXPECT_TRUE(holds(must(nested("a", must_not(id))), R"({"a":[{}]})"));
}

TEST(FilterEvaluator, UnreadableBytesMatchNothing) {
    set_log_level(LogLevel::kOff);
    EXPECT_FALSE(holds(must(value("a", std::int64_t{1})), "{\"a\":1"));
    EXPECT_FALSE(holds(must_not(value("a", std::int64_t{1})), "{\"a\":1"));
    set_log_level(LogLevel::kWarn);
}

TEST(SliceHash, IsThePublishedFunction) {
    EXPECT_EQ(slice_hash(PointId(0)), 0xe849e8bb6ffe2567ULL);
    EXPECT_EQ(slice_hash(PointId(42)), 0x0fc2553f07619dd3ULL);
    const auto uuid = PointId::parse_uuid("550e8400-e29b-41d4-a716-446655440000");
    ASSERT_TRUE(uuid.ok());
    EXPECT_EQ(slice_hash(*uuid), 0xf5d0ca21ba34d504ULL);
}

}  // namespace
}  // namespace qdrantd::model
