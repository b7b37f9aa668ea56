// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_common.hpp"
#include "api/rest/decode_filter.hpp"
#include "api/rest/decode_points.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

Result<model::Payload> payload_or_empty(const JsonValue* value) {
    if (value == nullptr) return model::Payload();
    return decode_payload(*value);
}

Result<model::Point> decode_point(const JsonValue& value) {
    constexpr std::array<Field, 3> kFields{{{"id"}, {"vector", "vectors"}, {"payload"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "a point"));
    if (fields.given(0) == nullptr) return missing_field(value, "id");
    if (fields.given(1) == nullptr) return missing_field(value, "vector");
    model::Point point;
    QD_ASSIGN(point.id, decode_point_id(*fields.given(0)));
    QD_ASSIGN(point.vectors, decode_point_vectors(*fields.given(1)));
    QD_ASSIGN(point.payload, payload_or_empty(fields[2]));
    return point;
}

Status decode_point_list(const JsonValue& value, std::vector<model::Point>& points) {
    if (!value.is(Kind::kArray)) return value.wrong_type("a list of points");
    points.reserve(value.size());
    JsonValue element;
    for (JsonArray array(value); array.next(element);) {
        QD_ASSIGN(auto point, decode_point(element));
        points.push_back(std::move(point));
    }
    return {};
}

/// One list of vectors of the columnar form, one vector for each point.
Status decode_column(const JsonValue& batch, const JsonValue& column, std::string_view name,
                     std::vector<model::Point>& points) {
    if (!column.is(Kind::kArray)) return column.wrong_type("a list of vectors");
    if (column.size() != points.size()) {
        batch.issue(fmt::format("number of ids and vectors must be equal ({} != {})", points.size(),
                                column.size()));
        return {};
    }
    JsonValue element;
    std::size_t at = 0;
    for (JsonArray array(column); array.next(element); ++at) {
        QD_ASSIGN(auto vector, decode_vector(element));
        points[at].vectors.push_back({std::string(name), std::move(vector)});
    }
    return {};
}

Status decode_columns(const JsonValue& batch, const JsonValue& vectors,
                      std::vector<model::Point>& points) {
    if (vectors.is(Kind::kArray)) return decode_column(batch, vectors, "", points);
    if (!vectors.is(Kind::kObject)) {
        return vectors.wrong_type("a list of vectors or a map of such lists");
    }
    std::string_view name;
    JsonValue column;
    for (JsonObject entries(vectors, true); entries.next(name, column);) {
        QD_TRY(decode_column(batch, column, name, points));
    }
    return {};
}

Status decode_batch(const JsonValue& batch, std::vector<model::Point>& points) {
    constexpr std::array<Field, 3> kFields{{{"ids"}, {"vectors"}, {"payloads"}}};
    QD_ASSIGN(const auto fields, read_fields(batch, kFields, "a batch"));
    if (fields[0] == nullptr) return missing_field(batch, "ids");
    if (fields[1] == nullptr) return missing_field(batch, "vectors");
    QD_ASSIGN(const auto ids, decode_point_ids(*fields[0]));
    points.resize(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
        points[i].id = ids[i];
    QD_TRY(decode_columns(batch, *fields[1], points));
    const auto* payloads = fields[2];
    if (payloads == nullptr) return {};
    if (!payloads->is(Kind::kArray)) return payloads->wrong_type("a list of payloads");
    if (payloads->size() != points.size()) {
        batch.issue(fmt::format("number of ids and payloads must be equal ({} != {})",
                                points.size(), payloads->size()));
        return {};
    }
    JsonValue element;
    std::size_t at = 0;
    for (JsonArray array(*payloads); array.next(element); ++at) {
        QD_ASSIGN(points[at].payload, payload_or_empty(element.is_null() ? nullptr : &element));
    }
    return {};
}

Result<model::UpdateMode> decode_mode(const JsonValue* value) {
    if (value == nullptr) return model::UpdateMode::kUpsert;
    QD_ASSIGN(const auto word, value->string());
    if (word == "upsert") return model::UpdateMode::kUpsert;
    if (word == "insert_only") return model::UpdateMode::kInsertOnly;
    if (word == "update_only") return model::UpdateMode::kUpdateOnly;
    return value->fail(fmt::format(
        "unknown variant `{}`, expected one of `upsert`, `insert_only`, `update_only`", word));
}

}  // namespace

Result<model::UpdateOperation> decode_upsert(const JsonValue& value) {
    constexpr std::array<Field, 5> kFields{
        {{"points"}, {"batch"}, {"shard_key"}, {"update_filter"}, {"update_mode"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "PointInsertOperations"));
    QD_TRY(refuse_shard_key(fields[2]));
    model::UpsertPoints upsert;
    if (fields.given(1) != nullptr) {
        QD_TRY(decode_batch(*fields.given(1), upsert.points));
    } else if (fields.given(0) != nullptr) {
        QD_TRY(decode_point_list(*fields.given(0), upsert.points));
    } else {
        return value.fail("Invalid PointInsertOperations format");
    }
    QD_ASSIGN(upsert.update_filter, optional_filter(fields[3]));
    QD_ASSIGN(upsert.mode, decode_mode(fields[4]));
    return model::UpdateOperation(std::move(upsert));
}

}  // namespace qdrantd::rest
