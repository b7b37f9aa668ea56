// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_read.hpp"

#include <qdrantd/model/datetime.hpp>

#include "api/rest/decode_common.hpp"
#include "api/rest/decode_filter.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

Result<std::variant<std::int64_t, double>> decode_start(const JsonValue& value) {
    using Start = std::variant<std::int64_t, double>;
    if (value.is(Kind::kString)) {
        QD_ASSIGN(const auto text, value.string());
        const auto micros = model::parse_filter_datetime(text);
        if (!micros.ok()) return value.fail(micros.error().message);
        return Start(*micros);
    }
    if (value.is(Kind::kInteger)) {
        QD_ASSIGN(const auto number, value.i64());
        return Start(number);
    }
    QD_ASSIGN(const auto number, value.number());
    return Start(number);
}

Result<model::OrderBy> decode_order_by(const JsonValue& value) {
    model::OrderBy order;
    if (value.is(Kind::kString)) {
        QD_ASSIGN(order.key, decode_path(value));
        return order;
    }
    constexpr std::array<Field, 3> kFields{{{"key"}, {"direction"}, {"start_from"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "a path or an order object"));
    if (fields[0] == nullptr) return missing_field(value, "key");
    QD_ASSIGN(order.key, decode_path(*fields[0]));
    if (fields[1] != nullptr) {
        QD_ASSIGN(const auto word, fields[1]->string());
        if (word != "asc" && word != "desc") {
            return fields[1]->fail(
                fmt::format("unknown variant `{}`, expected `asc` or `desc`", word));
        }
        order.descending = word == "desc";
    }
    if (fields[2] != nullptr) {
        QD_ASSIGN(order.start_from, decode_start(*fields[2]));
    }
    return order;
}

}  // namespace

Result<model::RetrieveRequest> decode_retrieve(const JsonValue& value) {
    constexpr std::array<Field, 4> kFields{
        {{"ids"}, {"with_payload"}, {"with_vector", "with_vectors"}, {"shard_key"}}};
    const auto inner = value.under("point_request");
    QD_ASSIGN(const auto fields, read_fields(inner, kFields, "struct PointRequest"));
    QD_TRY(refuse_shard_key(fields[3]));
    if (fields[0] == nullptr) return missing_field(value, "ids");
    model::RetrieveRequest request;
    QD_ASSIGN(request.ids, decode_point_ids(*fields[0]));
    if (fields[1] != nullptr) {
        QD_ASSIGN(request.with_payload, decode_payload_selector(*fields[1]));
    }
    if (fields[2] != nullptr) {
        QD_ASSIGN(request.with_vector, decode_vector_selector(*fields[2]));
    }
    return request;
}

Result<model::ScrollRequest> decode_scroll(const JsonValue& value) {
    constexpr std::array<Field, 7> kFields{{{"offset"},
                                            {"limit"},
                                            {"filter"},
                                            {"with_payload"},
                                            {"with_vector", "with_vectors"},
                                            {"order_by"},
                                            {"shard_key"}}};
    const auto inner = value.under("scroll_request");
    QD_ASSIGN(const auto fields, read_fields(inner, kFields, "struct ScrollRequest"));
    QD_TRY(refuse_shard_key(fields[6]));
    model::ScrollRequest request;
    if (fields[0] != nullptr) {
        QD_ASSIGN(request.offset, decode_point_id(*fields[0]));
    }
    QD_ASSIGN(const auto limit, optional_u64_from(fields[1], 1));
    request.limit = limit.value_or(request.limit);
    QD_ASSIGN(request.filter, optional_filter(fields[2]));
    if (fields[3] != nullptr) {
        QD_ASSIGN(request.with_payload, decode_payload_selector(*fields[3]));
    }
    if (fields[4] != nullptr) {
        QD_ASSIGN(request.with_vector, decode_vector_selector(*fields[4]));
    }
    if (fields[5] != nullptr) {
        QD_ASSIGN(request.order_by, decode_order_by(*fields[5]));
        if (request.offset) {
            return Error{ErrorCode::kBadRequest,
                         "Cannot use an `offset` when using `order_by`. The alternative for paging "
                         "is to use `order_by.start_from` and a filter to exclude the IDs that "
                         "you've already seen for the `order_by.start_from` value"};
        }
    }
    return request;
}

Result<model::CountRequest> decode_count(const JsonValue& value) {
    constexpr std::array<Field, 3> kFields{{{"filter"}, {"exact"}, {"shard_key"}}};
    const auto inner = value.under("count_request");
    QD_ASSIGN(const auto fields, read_fields(inner, kFields, "struct CountRequest"));
    QD_TRY(refuse_shard_key(fields[2]));
    model::CountRequest request;
    QD_ASSIGN(request.filter, optional_filter(fields[0]));
    QD_ASSIGN(const auto exact, optional_bool(fields[1]));
    request.exact = exact.value_or(true);
    return request;
}

}  // namespace qdrantd::rest
