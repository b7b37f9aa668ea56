// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_filter.hpp"

#include "api/rest/decode_common.hpp"
#include "api/rest/decode_match.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

/// Deeper filters would make evaluation recurse without bound.
constexpr int kFilterDepthMax = 64;

constexpr std::string_view kExpected =
    "Expected some form of condition, which can be a field condition (like {\"key\": ..., "
    "\"match\": ... }), or some other mentioned in the documentation: "
    "https://qdrant.tech/documentation/concepts/filtering/#filtering-conditions";

Result<model::Filter> decode_level(const JsonValue& value, int depth);

bool has_key(const JsonValue& object, std::string_view wanted) {
    std::string_view key;
    JsonValue entry;
    for (JsonObject entries(object); entries.next(key, entry);) {
        if (key == wanted) return true;
    }
    return false;
}

/// The `key` of `{"is_empty": {"key": path}}`.
Result<model::JsonPath> decode_key_object(const JsonValue& value) {
    QD_ASSIGN(const auto fields, read_fields(value, std::array<Field, 1>{{{"key"}}}, "object"));
    if (fields[0] == nullptr) return missing_field(value, "key");
    return decode_path(*fields[0]);
}

Result<model::Condition> decode_has_id(const JsonValue& value) {
    QD_ASSIGN(auto ids, decode_point_ids(value));
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return model::Condition(model::HasIdCondition{std::move(ids)});
}

Result<model::Condition> decode_slice(const JsonValue& value) {
    QD_ASSIGN(const auto fields,
              read_fields(value, std::array<Field, 2>{{{"total"}, {"index"}}}, "object"));
    if (fields[0] == nullptr) return missing_field(value, "total");
    if (fields[1] == nullptr) return missing_field(value, "index");
    model::SliceCondition slice;
    QD_ASSIGN(slice.total, fields[0]->u64());
    QD_ASSIGN(slice.index, fields[1]->u64());
    if (slice.total == 0) {
        return fields[0]->fail("invalid value: integer `0`, expected a nonzero u64");
    }
    if (slice.index >= slice.total) value.issue("index must be less than total");
    return model::Condition(slice);
}

Result<model::Condition> decode_nested(const JsonValue& value, int depth) {
    QD_ASSIGN(const auto fields,
              read_fields(value, std::array<Field, 2>{{{"key"}, {"filter"}}}, "object"));
    if (fields[0] == nullptr) return missing_field(value, "key");
    if (fields[1] == nullptr) return missing_field(value, "filter");
    QD_ASSIGN(const auto key, decode_path(*fields[0]));
    QD_ASSIGN(auto filter, decode_level(*fields[1], depth + 1));
    return model::Condition(model::NestedCondition{
        key.with_all_elements(), std::make_shared<const model::Filter>(std::move(filter))});
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kFilterDepthMax.
Result<model::Condition> decode_condition(const JsonValue& value, int depth) {
    if (!value.is(Kind::kObject)) return value.fail(kExpected);
    if (has_key(value, "key")) return decode_field_condition(value);
    constexpr std::array<Field, 6> kForms{
        {{"is_empty"}, {"is_null"}, {"has_id"}, {"has_vector"}, {"slice"}, {"nested"}}};
    QD_ASSIGN(const auto forms, read_fields(value, kForms, "condition"));
    if (forms.given(0) != nullptr) {
        QD_ASSIGN(auto key, decode_key_object(*forms.given(0)));
        return model::Condition(model::IsEmptyCondition{std::move(key)});
    }
    if (forms.given(1) != nullptr) {
        QD_ASSIGN(auto key, decode_key_object(*forms.given(1)));
        return model::Condition(model::IsNullCondition{std::move(key)});
    }
    if (forms.given(2) != nullptr) return decode_has_id(*forms.given(2));
    if (forms.given(3) != nullptr) {
        QD_ASSIGN(auto name, decode_string(*forms.given(3)));
        return model::Condition(model::HasVectorCondition{std::move(name)});
    }
    if (forms.given(4) != nullptr) return decode_slice(*forms.given(4));
    if (forms.given(5) != nullptr) return decode_nested(*forms.given(5), depth);
    std::string_view key;
    JsonValue entry;
    for (JsonObject entries(value); entries.next(key, entry);) {
        if (key != "must" && key != "should" && key != "must_not" && key != "min_should") {
            return value.fail(kExpected);
        }
    }
    QD_ASSIGN(auto filter, decode_level(value, depth + 1));
    return model::Condition(
        model::SubFilter{std::make_shared<const model::Filter>(std::move(filter))});
}

/// A list of conditions, or one alone.
Result<std::vector<model::Condition>> decode_conditions(const JsonValue* value, int depth) {
    std::vector<model::Condition> conditions;
    if (value == nullptr) return conditions;
    if (!value->is(Kind::kArray)) {
        QD_ASSIGN(auto condition, decode_condition(*value, depth));
        conditions.push_back(std::move(condition));
        return conditions;
    }
    JsonValue element;
    for (JsonArray array(*value); array.next(element);) {
        QD_ASSIGN(auto condition, decode_condition(element, depth));
        conditions.push_back(std::move(condition));
    }
    return conditions;
}

Result<model::MinShould> decode_min_should(const JsonValue& value, int depth) {
    QD_ASSIGN(
        const auto fields,
        read_fields(value, std::array<Field, 2>{{{"conditions"}, {"min_count"}}}, "min_should"));
    if (fields[0] == nullptr) return missing_field(value, "conditions");
    if (fields[1] == nullptr) return missing_field(value, "min_count");
    if (!fields[0]->is(Kind::kArray)) return fields[0]->wrong_type("a list of conditions");
    model::MinShould min_should;
    QD_ASSIGN(min_should.conditions, decode_conditions(fields[0], depth));
    QD_ASSIGN(min_should.min_count, fields[1]->u64());
    if (min_should.min_count == 0) fields[1]->issue("min_count must be greater than 0");
    return min_should;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kFilterDepthMax.
Result<model::Filter> decode_level(const JsonValue& value, int depth) {
    if (depth > kFilterDepthMax) {
        return value.fail(
            fmt::format("filters must not be nested deeper than {} levels", kFilterDepthMax));
    }
    constexpr std::array<Field, 4> kClauses{{{"must"}, {"should"}, {"must_not"}, {"min_should"}}};
    QD_ASSIGN(const auto clauses,
              read_fields(value, kClauses, "a filter object", UnknownFields::kReject));
    model::Filter filter;
    QD_ASSIGN(filter.must, decode_conditions(clauses[0], depth));
    QD_ASSIGN(filter.should, decode_conditions(clauses[1], depth));
    QD_ASSIGN(filter.must_not, decode_conditions(clauses[2], depth));
    if (clauses[3] != nullptr) {
        QD_ASSIGN(filter.min_should, decode_min_should(*clauses[3], depth));
    }
    return filter;
}

}  // namespace

Result<model::Filter> decode_filter(const JsonValue& value) { return decode_level(value, 1); }

Result<std::optional<model::Filter>> optional_filter(const JsonValue* value) {
    if (value == nullptr) return std::optional<model::Filter>();
    QD_ASSIGN(auto filter, decode_filter(*value));
    return std::optional<model::Filter>(std::move(filter));
}

}  // namespace qdrantd::rest
