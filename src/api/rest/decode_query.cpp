// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_query.hpp"

#include "api/rest/decode_common.hpp"
#include "api/rest/decode_filter.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

constexpr std::string_view kExpectedQuery = "Expected some form of vector, id, or a type of query";

Status decode_quantization(const JsonValue* value) {
    if (value == nullptr) return {};
    constexpr std::array<Field, 3> kFields{{{"ignore"}, {"rescore"}, {"oversampling"}}};
    QD_ASSIGN(const auto fields, read_fields(*value, kFields, "struct QuantizationSearchParams"));
    QD_TRY(optional_bool(fields[0]));
    QD_TRY(optional_bool(fields[1]));
    QD_ASSIGN(const auto oversampling, optional_number(fields[2]));
    if (oversampling && !(*oversampling >= 1.0)) {
        fields[2]->issue(fmt::format("value {} invalid, must be 1.0 or larger", *oversampling));
    }
    return {};
}

Status decode_acorn(const JsonValue* value) {
    if (value == nullptr) return {};
    constexpr std::array<Field, 2> kFields{{{"enable"}, {"max_selectivity"}}};
    QD_ASSIGN(const auto fields, read_fields(*value, kFields, "struct AcornSearchParams"));
    QD_TRY(optional_bool(fields[0]));
    QD_ASSIGN(const auto selectivity, optional_number(fields[1]));
    if (selectivity && !(*selectivity >= 0.0 && *selectivity <= 1.0)) {
        fields[1]->issue(fmt::format("value {} invalid, must be from 0.0 to 1.0", *selectivity));
    }
    return {};
}

/// Quantization and ACORN settings tune how results are found, not which; they are checked and
/// otherwise have no effect here.
Result<model::SearchParams> decode_params(const JsonValue* value) {
    model::SearchParams params;
    if (value == nullptr) return params;
    constexpr std::array<Field, 6> kFields{
        {{"hnsw_ef"}, {"exact"}, {"quantization"}, {"indexed_only"}, {"acorn"}, {"idf"}}};
    QD_ASSIGN(const auto fields, read_fields(*value, kFields, "struct SearchParams"));
    QD_ASSIGN(params.hnsw_ef, optional_u64_from(fields[0], 1));
    QD_ASSIGN(const auto exact, optional_bool(fields[1]));
    QD_TRY(decode_quantization(fields[2]));
    QD_ASSIGN(const auto indexed_only, optional_bool(fields[3]));
    QD_TRY(decode_acorn(fields[4]));
    if (fields[5] != nullptr) {
        const auto word = fields[5]->string();
        if (!word.ok() || *word != "global") return unsupported("search parameter `idf`");
    }
    params.exact = exact.value_or(false);
    params.indexed_only = indexed_only.value_or(false);
    return params;
}

/// A vector in any form, or the id of a stored point.
Result<model::NearestQuery> decode_target(const JsonValue& value) {
    if (value.is(Kind::kArray)) {
        QD_ASSIGN(auto vector, decode_rows(value));
        return model::NearestQuery{std::move(vector)};
    }
    if (value.is(Kind::kInteger) || value.is(Kind::kString)) {
        QD_ASSIGN(const auto id, decode_point_id(value));
        return model::NearestQuery{id};
    }
    if (!value.is(Kind::kObject)) return value.fail(kExpectedQuery);
    if (is_inference_object(value)) return inference_error();
    QD_ASSIGN(const auto fields,
              read_fields(value, std::array<Field, 2>{{{"indices"}, {"values"}}}, "vector"));
    if (fields[0] == nullptr || fields[1] == nullptr) return value.fail(kExpectedQuery);
    QD_ASSIGN(auto sparse, decode_sparse(value));
    return model::NearestQuery{model::VectorValue(std::move(sparse))};
}

Result<model::NearestQuery> decode_variant(const JsonValue& value) {
    if (!value.is(Kind::kObject)) return decode_target(value);
    constexpr std::array<Field, 11> kForms{{{"nearest"},
                                            {"recommend"},
                                            {"discover"},
                                            {"context"},
                                            {"order_by"},
                                            {"fusion"},
                                            {"rrf"},
                                            {"formula"},
                                            {"sample"},
                                            {"relevance_feedback"},
                                            {"mmr"}}};
    QD_ASSIGN(const auto forms, read_fields(value, kForms, "query"));
    for (std::size_t i = 1; i < kForms.size(); ++i) {
        if (forms.given(i) == nullptr || (i == 10 && forms[i] == nullptr)) continue;
        return unsupported(fmt::format("query `{}`", kForms[i].name));
    }
    if (forms[0] != nullptr) return decode_target(*forms[0]);
    return decode_target(value);
}

/// What query and search have in common, by the place of their fields.
struct CommonFields {
    const JsonValue* filter;
    const JsonValue* params;
    const JsonValue* score_threshold;
    const JsonValue* limit;
    const JsonValue* offset;
    const JsonValue* with_payload;
    const JsonValue* with_vector;
};

Status decode_common_fields(const JsonValue& internal, const CommonFields& fields,
                            model::QueryRequest& request) {
    QD_ASSIGN(request.filter, optional_filter(fields.filter));
    QD_ASSIGN(request.params, decode_params(fields.params));
    QD_ASSIGN(const auto threshold, optional_number(fields.score_threshold));
    if (threshold) request.score_threshold = static_cast<float>(*threshold);
    QD_ASSIGN(const auto limit, optional_u64(fields.limit));
    request.limit = limit.value_or(10);
    if (request.limit == 0) {
        internal.issue_at("limit", "value 0 invalid, must be 1 or larger");
    }
    QD_ASSIGN(const auto offset, optional_u64(fields.offset));
    request.offset = offset.value_or(0);
    if (fields.with_payload != nullptr) {
        QD_ASSIGN(request.with_payload, decode_payload_selector(*fields.with_payload));
    }
    if (fields.with_vector != nullptr) {
        QD_ASSIGN(request.with_vector, decode_vector_selector(*fields.with_vector));
    }
    return {};
}

Status decode_named_target(const JsonValue& value, model::QueryRequest& request) {
    if (value.is(Kind::kArray)) {
        model::DenseVector dense;
        QD_TRY(value.append_floats(dense));
        request.nearest = model::NearestQuery{model::VectorValue(std::move(dense))};
        return {};
    }
    QD_ASSIGN(const auto fields, read_fields(value, std::array<Field, 2>{{{"name"}, {"vector"}}},
                                             "a vector, or an object with `name` and `vector`"));
    if (fields[0] == nullptr) return missing_field(value, "name");
    if (fields[1] == nullptr) return missing_field(value, "vector");
    QD_ASSIGN(request.using_vector, decode_string(*fields[0]));
    if (fields[1]->is(Kind::kObject)) {
        QD_ASSIGN(auto sparse, decode_sparse(*fields[1]));
        request.nearest = model::NearestQuery{model::VectorValue(std::move(sparse))};
        return {};
    }
    model::DenseVector dense;
    QD_TRY(fields[1]->append_floats(dense));
    request.nearest = model::NearestQuery{model::VectorValue(std::move(dense))};
    return {};
}

template <typename Decode>
Result<std::vector<model::QueryRequest>> decode_each(const JsonValue& value, Decode decode) {
    QD_ASSIGN(const auto fields,
              read_fields(value, std::array<Field, 1>{{{"searches"}}}, "a batch of searches"));
    if (fields[0] == nullptr) return missing_field(value, "searches");
    if (!fields[0]->is(Kind::kArray)) return fields[0]->wrong_type("a list of searches");
    std::vector<model::QueryRequest> requests;
    JsonValue element;
    for (JsonArray array(*fields[0]); array.next(element);) {
        QD_ASSIGN(auto request, decode(element));
        requests.push_back(std::move(request));
    }
    return requests;
}

}  // namespace

Result<model::QueryRequest> decode_query(const JsonValue& value) {
    constexpr std::array<Field, 12> kFields{{{"prefetch"},
                                             {"query"},
                                             {"using"},
                                             {"filter"},
                                             {"params"},
                                             {"score_threshold"},
                                             {"limit"},
                                             {"offset"},
                                             {"with_payload"},
                                             {"with_vector", "with_vectors"},
                                             {"lookup_from"},
                                             {"shard_key"}}};
    const auto internal = value.under("internal");
    QD_ASSIGN(const auto fields, read_fields(internal, kFields, "struct QueryRequest"));
    QD_TRY(refuse_shard_key(fields[11]));
    const bool empty_list =
        fields[0] != nullptr && fields[0]->is(Kind::kArray) && fields[0]->size() == 0;
    if (fields[0] != nullptr && !empty_list) {
        if (fields[1] == nullptr) {
            return Error{ErrorCode::kBadRequest,
                         "A query is needed to merge the prefetches. Can't have prefetches without "
                         "defining a query."};
        }
        return unsupported("`prefetch`");
    }
    if (fields[10] != nullptr) return unsupported("`lookup_from`");
    model::QueryRequest request;
    if (fields[1] != nullptr) {
        QD_ASSIGN(request.nearest, decode_variant(*fields[1]));
    }
    if (fields[2] != nullptr) {
        QD_ASSIGN(request.using_vector, decode_string(*fields[2]));
    }
    QD_TRY(decode_common_fields(
        internal, {fields[3], fields[4], fields[5], fields[6], fields[7], fields[8], fields[9]},
        request));
    return request;
}

Result<std::vector<model::QueryRequest>> decode_query_batch(const JsonValue& value) {
    return decode_each(value, decode_query);
}

Result<model::QueryRequest> decode_search(const JsonValue& value) {
    constexpr std::array<Field, 9> kFields{{{"vector"},
                                            {"filter"},
                                            {"params"},
                                            {"score_threshold"},
                                            {"limit", "top"},
                                            {"offset"},
                                            {"with_payload"},
                                            {"with_vector", "with_vectors"},
                                            {"shard_key"}}};
    const auto internal = value.under("search_request");
    QD_ASSIGN(const auto fields, read_fields(internal, kFields, "struct SearchRequest"));
    QD_TRY(refuse_shard_key(fields[8]));
    if (fields[0] == nullptr) return missing_field(value, "vector");
    if (fields[4] == nullptr) return missing_field(value, "limit");
    model::QueryRequest request;
    QD_TRY(decode_named_target(*fields[0], request));
    QD_TRY(decode_common_fields(
        internal, {fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7]},
        request));
    return request;
}

Result<std::vector<model::QueryRequest>> decode_search_batch(const JsonValue& value) {
    return decode_each(value, decode_search);
}

}  // namespace qdrantd::rest
