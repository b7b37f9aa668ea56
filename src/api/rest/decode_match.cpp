// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_match.hpp"

#include <qdrantd/model/datetime.hpp>

#include "api/rest/decode_common.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

constexpr std::array<Field, 4> kBounds{{{"gt"}, {"gte"}, {"lt"}, {"lte"}}};

Result<model::Match> decode_match_value(const JsonValue& value) {
    if (value.is(Kind::kString)) {
        QD_ASSIGN(auto text, decode_string(value));
        return model::Match(model::MatchValue{std::move(text)});
    }
    if (value.is(Kind::kBool)) {
        QD_ASSIGN(const bool flag, value.boolean());
        return model::Match(model::MatchValue{flag});
    }
    if (value.is(Kind::kInteger)) {
        QD_ASSIGN(const auto number, value.i64());
        return model::Match(model::MatchValue{number});
    }
    return value.wrong_type("a string, an integer or a boolean");
}

using ValueList = std::variant<std::vector<std::string>, std::vector<std::int64_t>>;

Result<ValueList> decode_values(const JsonValue& value) {
    if (!value.is(Kind::kArray)) {
        return value.wrong_type("a list of strings or a list of integers");
    }
    JsonValue element;
    JsonArray array(value);
    if (!array.next(element)) return ValueList(std::vector<std::string>());
    if (element.is(Kind::kInteger)) {
        std::vector<std::int64_t> numbers;
        numbers.reserve(value.size());
        do {
            QD_ASSIGN(const auto number, element.i64());
            numbers.push_back(number);
        } while (array.next(element));
        return ValueList(std::move(numbers));
    }
    std::vector<std::string> texts;
    texts.reserve(value.size());
    do {
        QD_ASSIGN(auto text, decode_string(element));
        texts.push_back(std::move(text));
    } while (array.next(element));
    return ValueList(std::move(texts));
}

Result<model::Match> decode_match(const JsonValue& value) {
    constexpr std::array<Field, 7> kForms{
        {{"value"}, {"any"}, {"except"}, {"text"}, {"text_any"}, {"phrase"}, {"prefix"}}};
    QD_ASSIGN(const auto forms, read_fields(value, kForms, "match object"));
    if (forms[0] != nullptr) return decode_match_value(*forms[0]);
    if (forms[1] != nullptr) {
        QD_ASSIGN(auto values, decode_values(*forms[1]));
        return model::Match(model::MatchAny{std::move(values)});
    }
    if (forms[2] != nullptr) {
        QD_ASSIGN(auto values, decode_values(*forms[2]));
        return model::Match(model::MatchExcept{std::move(values)});
    }
    using TextKind = model::MatchText::Kind;
    constexpr std::array kTexts{TextKind::kText, TextKind::kTextAny, TextKind::kPhrase,
                                TextKind::kPrefix};
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
        const auto* form = forms[3 + i];
        if (form == nullptr) continue;
        QD_ASSIGN(auto text, decode_string(*form));
        return model::Match(model::MatchText{kTexts[i], std::move(text)});
    }
    return value.fail(
        "Expected some form of match: `value`, `any`, `except`, `text`, `text_any`, `phrase` or "
        "`prefix`");
}

using RangeClause = decltype(model::FieldCondition::clause);

Result<std::optional<std::int64_t>> datetime_bound(const JsonValue* value) {
    if (value == nullptr) return std::optional<std::int64_t>();
    QD_ASSIGN(const auto text, value->string());
    auto micros = model::parse_filter_datetime(text);
    if (!micros.ok()) return value->fail(micros.error().message);
    return std::optional<std::int64_t>(*micros);
}

Result<RangeClause> decode_range(const JsonValue& value) {
    QD_ASSIGN(const auto bounds, read_fields(value, kBounds, "range object"));
    bool texts = false;
    for (std::size_t i = 0; i < kBounds.size(); ++i)
        texts |= bounds[i] != nullptr && bounds[i]->is(Kind::kString);
    if (texts) {
        model::DatetimeRange range;
        QD_ASSIGN(range.gt, datetime_bound(bounds[0]));
        QD_ASSIGN(range.gte, datetime_bound(bounds[1]));
        QD_ASSIGN(range.lt, datetime_bound(bounds[2]));
        QD_ASSIGN(range.lte, datetime_bound(bounds[3]));
        return RangeClause(range);
    }
    model::Range range;
    QD_ASSIGN(range.gt, optional_number(bounds[0]));
    QD_ASSIGN(range.gte, optional_number(bounds[1]));
    QD_ASSIGN(range.lt, optional_number(bounds[2]));
    QD_ASSIGN(range.lte, optional_number(bounds[3]));
    return RangeClause(range);
}

Result<RangeClause> decode_values_count(const JsonValue& value) {
    QD_ASSIGN(const auto bounds, read_fields(value, kBounds, "values_count object"));
    model::ValuesCount count;
    QD_ASSIGN(count.gt, optional_u64(bounds[0]));
    QD_ASSIGN(count.gte, optional_u64(bounds[1]));
    QD_ASSIGN(count.lt, optional_u64(bounds[2]));
    QD_ASSIGN(count.lte, optional_u64(bounds[3]));
    return RangeClause(count);
}

/// REQUIRES: `value` is the clause called `name`.
Result<RangeClause> decode_clause(std::string_view name, const JsonValue& value) {
    if (name == "match") {
        QD_ASSIGN(auto match, decode_match(value));
        return RangeClause(std::move(match));
    }
    if (name == "range") return decode_range(value);
    if (name == "values_count") return decode_values_count(value);
    if (name == "is_empty") {
        QD_ASSIGN(const bool wanted, value.boolean());
        return RangeClause(model::FieldIsEmpty{wanted});
    }
    if (name == "is_null") {
        QD_ASSIGN(const bool wanted, value.boolean());
        return RangeClause(model::FieldIsNull{wanted});
    }
    return unsupported(fmt::format("filter condition `{}`", name));
}

}  // namespace

Result<model::Condition> decode_field_condition(const JsonValue& value) {
    constexpr std::array<Field, 9> kFields{{{"key"},
                                            {"match"},
                                            {"range"},
                                            {"geo_bounding_box"},
                                            {"geo_radius"},
                                            {"geo_polygon"},
                                            {"values_count"},
                                            {"is_empty"},
                                            {"is_null"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "condition"));
    const auto* key = fields.given(0);
    if (!key->is(Kind::kString)) return value.fail("Filter condition 'key' must be a string");
    QD_ASSIGN(auto path, decode_path(*key));
    std::optional<RangeClause> clause;
    for (std::size_t i = 1; i < kFields.size(); ++i) {
        if (fields[i] == nullptr) continue;
        // Several would have no agreed meaning (spec data.md §5.2); a guess could be wrong.
        if (clause) return unsupported("a field condition with more than one clause");
        QD_ASSIGN(clause, decode_clause(kFields[i].name, *fields[i]));
    }
    if (!clause) {
        value.issue("At least one field condition must be specified");
        clause = model::FieldIsEmpty{};
    }
    return model::Condition(model::FieldCondition{std::move(path), *std::move(clause)});
}

}  // namespace qdrantd::rest
