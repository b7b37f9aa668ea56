// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "api/rest/decode_common.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

/// All floats of a multivector, as stored (spec data.md §3.2).
constexpr std::size_t kMultiVectorFloatsMax = 1'048'576;

bool first_is_array(const JsonValue& array) {
    JsonValue element;
    return JsonArray(array).next(element) && element.is(Kind::kArray);
}

void sort_by_index(model::SparseVector& sparse) {
    if (std::is_sorted(sparse.indices.begin(), sparse.indices.end())) return;
    std::vector<std::size_t> order(sparse.indices.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return sparse.indices[a] < sparse.indices[b]; });
    model::SparseVector sorted;
    sorted.indices.reserve(order.size());
    sorted.values.reserve(order.size());
    for (const auto at : order) {
        sorted.indices.push_back(sparse.indices[at]);
        sorted.values.push_back(sparse.values[at]);
    }
    sparse = std::move(sorted);
}

Result<model::VectorValue> decode_multi(const JsonValue& value) {
    model::MultiVector multi;
    bool first = true;
    JsonValue row;
    for (JsonArray rows(value); rows.next(row);) {
        const auto before = multi.values.size();
        QD_TRY(row.append_floats(multi.values));
        const auto size = multi.values.size() - before;
        if (size == 0) value.issue("all vectors must be non-empty");
        if (first) multi.dimension = static_cast<std::uint32_t>(size);
        first = false;
        if (size != multi.dimension && size != 0) {
            value.issue(fmt::format(
                "all vectors must have the same dimension, found vector with dimension {}", size));
        }
    }
    if (multi.values.size() >= kMultiVectorFloatsMax) {
        value.issue(fmt::format("total number of values must be less than {}, found {}",
                                kMultiVectorFloatsMax, multi.values.size()));
    }
    return model::VectorValue(std::move(multi));
}

}  // namespace

bool is_inference_object(const JsonValue& value) {
    if (!value.is(Kind::kObject)) return false;
    bool model = false;
    bool input = false;
    std::string_view key;
    JsonValue entry;
    for (JsonObject entries(value); entries.next(key, entry);) {
        if (key == "model") model = entry.is(Kind::kString);
        if (key == "text" || key == "image" || key == "object") input = !entry.is(Kind::kArray);
    }
    return model && input;
}

Error inference_error() {
    return {ErrorCode::kInternal,
            "InferenceService URL not configured - please provide valid address in config"};
}

Result<model::SparseVector> decode_sparse(const JsonValue& value) {
    QD_ASSIGN(const auto fields,
              read_fields(value, std::array<Field, 2>{{{"indices"}, {"values"}}}, "sparse vector"));
    if (fields[0] == nullptr) return missing_field(value, "indices");
    if (fields[1] == nullptr) return missing_field(value, "values");
    model::SparseVector sparse;
    QD_TRY(fields[0]->append_u32(sparse.indices));
    QD_TRY(fields[1]->append_floats(sparse.values));
    if (sparse.indices.size() != sparse.values.size()) {
        value.issue_at("values", "Validation error: must be the same length as indices [{}]");
        return sparse;
    }
    sort_by_index(sparse);
    if (std::adjacent_find(sparse.indices.begin(), sparse.indices.end()) != sparse.indices.end()) {
        value.issue_at("indices", "Validation error: must be unique [{}]");
    }
    return sparse;
}

Result<model::VectorValue> decode_rows(const JsonValue& value) {
    if (first_is_array(value)) return decode_multi(value);
    model::DenseVector dense;
    QD_TRY(value.append_floats(dense));
    return model::VectorValue(std::move(dense));
}

Result<model::VectorValue> decode_vector(const JsonValue& value) {
    if (value.is(Kind::kArray)) {
        QD_ASSIGN(auto rows, decode_rows(value));
        if (const auto* dense = std::get_if<model::DenseVector>(&rows); dense && dense->empty()) {
            value.issue("dense vector must not be empty");
        }
        return rows;
    }
    if (!value.is(Kind::kObject)) {
        return value.wrong_type("a list of numbers, a list of such lists, or a sparse vector");
    }
    if (is_inference_object(value)) return inference_error();
    QD_ASSIGN(auto sparse, decode_sparse(value));
    return model::VectorValue(std::move(sparse));
}

Result<model::NamedVectors> decode_point_vectors(const JsonValue& value) {
    model::NamedVectors vectors;
    if (value.is(Kind::kArray)) {
        QD_ASSIGN(auto unnamed, decode_vector(value));
        vectors.push_back({"", std::move(unnamed)});
        return vectors;
    }
    if (!value.is(Kind::kObject)) {
        return value.wrong_type("a vector, a list of vectors, or a map of named vectors");
    }
    if (is_inference_object(value)) return inference_error();
    std::string_view name;
    JsonValue entry;
    for (JsonObject entries(value, true); entries.next(name, entry);) {
        QD_ASSIGN(auto vector, decode_vector(entry));
        const auto same = std::find_if(vectors.begin(), vectors.end(),
                                       [&](const auto& other) { return other.name == name; });
        if (same != vectors.end()) {
            same->value = std::move(vector);
        } else {
            vectors.push_back({std::string(name), std::move(vector)});
        }
    }
    return vectors;
}

}  // namespace qdrantd::rest
