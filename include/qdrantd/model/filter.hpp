// SPDX-License-Identifier: Apache-2.0
// The condition tree of a filter (spec data.md §5): plain data, one struct per condition.
// Evaluation is in filter_eval.hpp. Thread safety: values. Invariants after validation: nesting <=
// 64, min_should.min_count >= 1.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <qdrantd/model/json_path.hpp>
#include <qdrantd/model/point_id.hpp>

namespace qdrantd::model {

struct Filter;

struct MatchValue {
    std::variant<std::string, std::int64_t, bool> value;
};
/// One of the two lists is used: strings or integers.
struct MatchAny {
    std::variant<std::vector<std::string>, std::vector<std::int64_t>> values;
};
/// True for an element outside the list (at least one non-null value outside it is asked for).
struct MatchExcept {
    std::variant<std::vector<std::string>, std::vector<std::int64_t>> values;
};
/// Substring and token matches (spec data.md §4.3).
struct MatchText {
    enum class Kind { kText, kTextAny, kPhrase, kPrefix };
    Kind kind = Kind::kText;
    std::string text;
};
using Match = std::variant<MatchValue, MatchAny, MatchExcept, MatchText>;

struct Range {
    std::optional<double> gt, gte, lt, lte;
};
/// Microseconds since the epoch, UTC.
struct DatetimeRange {
    std::optional<std::int64_t> gt, gte, lt, lte;
};
struct ValuesCount {
    std::optional<std::uint64_t> gt, gte, lt, lte;
};
/// The field forms `"is_empty": bool` and `"is_null": bool`.
struct FieldIsEmpty {
    bool wanted = true;
};
struct FieldIsNull {
    bool wanted = true;
};

struct FieldCondition {
    JsonPath key;
    std::variant<Match, Range, DatetimeRange, ValuesCount, FieldIsEmpty, FieldIsNull> clause;
};
struct IsEmptyCondition {
    JsonPath key;
};
struct IsNullCondition {
    JsonPath key;
};
struct HasIdCondition {
    std::vector<PointId> ids;  // sorted, unique
};
struct HasVectorCondition {
    std::string name;
};
/// True iff siphash(id) mod total == index (spec data.md §5.8).
struct SliceCondition {
    std::uint64_t total = 1;
    std::uint64_t index = 0;
};
struct NestedCondition {
    JsonPath key;  // ends with []
    std::shared_ptr<const Filter> filter;
};
struct SubFilter {
    std::shared_ptr<const Filter> filter;
};

using Condition = std::variant<FieldCondition, IsEmptyCondition, IsNullCondition, HasIdCondition,
                               HasVectorCondition, SliceCondition, NestedCondition, SubFilter>;

struct MinShould {
    std::vector<Condition> conditions;
    std::uint64_t min_count = 1;
};

/// All clauses are ANDed. An absent or empty clause is true; an absent min_should too.
struct Filter {
    std::vector<Condition> must;
    std::vector<Condition> should;
    std::vector<Condition> must_not;
    std::optional<MinShould> min_should;

    [[nodiscard]] bool empty() const {
        return must.empty() && should.empty() && must_not.empty() && !min_should;
    }
};

}  // namespace qdrantd::model
