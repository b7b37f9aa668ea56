// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_common.hpp"
#include "api/rest/decode_filter.hpp"
#include "api/rest/decode_points.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

/// `points` wins over `filter`; `refusal` is the error when there is neither.
Result<model::PointSelector> decode_selector(const JsonValue& object, const JsonValue* points,
                                             const JsonValue* filter, std::string_view refusal) {
    if (points != nullptr) {
        QD_ASSIGN(auto ids, decode_point_ids(*points));
        return model::PointSelector(std::move(ids));
    }
    if (filter != nullptr) {
        QD_ASSIGN(auto decoded, decode_filter(*filter));
        return model::PointSelector(std::move(decoded));
    }
    return object.fail(refusal);
}

/// The whole body is a selector.
Result<model::PointSelector> decode_selector_object(const JsonValue& value) {
    constexpr std::array<Field, 3> kFields{{{"points"}, {"filter"}, {"shard_key"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "a points selector"));
    QD_TRY(refuse_shard_key(fields[2]));
    return decode_selector(value, fields[0], fields[1],
                           "expected a list of point ids (`points`) or a filter (`filter`)");
}

constexpr std::string_view kNoSelector = "Either list of point ids or filter must be provided";

struct PayloadChange {
    model::Payload payload;
    model::PointSelector selector;
    std::optional<model::JsonPath> key;
};

Result<PayloadChange> decode_payload_change(const JsonValue& value) {
    constexpr std::array<Field, 5> kFields{
        {{"payload"}, {"points"}, {"filter"}, {"key"}, {"shard_key"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "struct SetPayload"));
    QD_TRY(refuse_shard_key(fields[4]));
    if (fields.given(0) == nullptr) return missing_field(value, "payload");
    PayloadChange change;
    QD_ASSIGN(change.payload, decode_payload(*fields.given(0)));
    QD_ASSIGN(change.selector, decode_selector(value, fields[1], fields[2], kNoSelector));
    if (fields[3] != nullptr) {
        QD_ASSIGN(change.key, decode_path(*fields[3]));
    }
    return change;
}

Result<model::UpdateOperation> decode_operation(std::string_view name, const JsonValue& value) {
    if (name == "upsert") return decode_upsert(value);
    if (name == "delete") return decode_delete_points(value);
    if (name == "set_payload") return decode_set_payload(value);
    if (name == "overwrite_payload") return decode_overwrite_payload(value);
    if (name == "delete_payload") return decode_delete_payload(value);
    if (name == "clear_payload") return decode_clear_payload(value);
    if (name == "update_vectors") return decode_update_vectors(value);
    return decode_delete_vectors(value);
}

}  // namespace

Result<model::UpdateOperation> decode_delete_points(const JsonValue& value) {
    QD_ASSIGN(auto selector, decode_selector_object(value));
    return model::UpdateOperation(model::DeletePoints{std::move(selector)});
}

Result<model::UpdateOperation> decode_clear_payload(const JsonValue& value) {
    QD_ASSIGN(auto selector, decode_selector_object(value));
    return model::UpdateOperation(model::ClearPayload{std::move(selector)});
}

Result<model::UpdateOperation> decode_update_vectors(const JsonValue& value) {
    constexpr std::array<Field, 3> kFields{{{"points"}, {"update_filter"}, {"shard_key"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "struct UpdateVectors"));
    QD_TRY(refuse_shard_key(fields[2]));
    if (fields[0] == nullptr) return missing_field(value, "points");
    if (!fields[0]->is(Kind::kArray)) return fields[0]->wrong_type("a list of points");
    model::UpdateVectors update;
    update.points.reserve(fields[0]->size());
    constexpr std::array<Field, 2> kPoint{{{"id"}, {"vector", "vectors"}}};
    JsonValue element;
    for (JsonArray array(*fields[0]); array.next(element);) {
        QD_ASSIGN(const auto point, read_fields(element, kPoint, "struct PointVectors"));
        if (point.given(0) == nullptr) return missing_field(element, "id");
        if (point.given(1) == nullptr) return missing_field(element, "vector");
        model::PointVectors vectors;
        QD_ASSIGN(vectors.id, decode_point_id(*point.given(0)));
        QD_ASSIGN(vectors.vectors, decode_point_vectors(*point.given(1)));
        if (vectors.vectors.empty()) {
            point.given(1)->issue("must specify vectors to update for point");
        }
        update.points.push_back(std::move(vectors));
    }
    QD_ASSIGN(update.update_filter, optional_filter(fields[1]));
    return model::UpdateOperation(std::move(update));
}

Result<model::UpdateOperation> decode_delete_vectors(const JsonValue& value) {
    constexpr std::array<Field, 4> kFields{
        {{"vector", "vectors"}, {"points"}, {"filter"}, {"shard_key"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "struct DeleteVectors"));
    QD_TRY(refuse_shard_key(fields[3]));
    if (fields[0] == nullptr) return missing_field(value, "vector");
    if (!fields[0]->is(Kind::kArray)) return fields[0]->wrong_type("a list of vector names");
    model::DeleteVectors removal;
    JsonValue element;
    for (JsonArray array(*fields[0]); array.next(element);) {
        QD_ASSIGN(auto name, decode_string(element));
        removal.names.push_back(std::move(name));
    }
    if (removal.names.empty()) fields[0]->issue("must specify vector names to delete");
    if (fields[1] != nullptr) {
        QD_ASSIGN(removal.ids, decode_point_ids(*fields[1]));
    }
    QD_ASSIGN(removal.filter, optional_filter(fields[2]));
    if (!removal.ids && !removal.filter) {
        return Error{ErrorCode::kBadRequest, "No filter or points provided"};
    }
    return model::UpdateOperation(std::move(removal));
}

Result<model::UpdateOperation> decode_set_payload(const JsonValue& value) {
    QD_ASSIGN(auto change, decode_payload_change(value));
    return model::UpdateOperation(model::SetPayload{
        std::move(change.payload), std::move(change.selector), std::move(change.key)});
}

Result<model::UpdateOperation> decode_overwrite_payload(const JsonValue& value) {
    QD_ASSIGN(auto change, decode_payload_change(value));
    return model::UpdateOperation(
        model::OverwritePayload{std::move(change.payload), std::move(change.selector)});
}

Result<model::UpdateOperation> decode_delete_payload(const JsonValue& value) {
    constexpr std::array<Field, 4> kFields{{{"keys"}, {"points"}, {"filter"}, {"shard_key"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "struct DeletePayload"));
    QD_TRY(refuse_shard_key(fields[3]));
    if (fields[0] == nullptr) return missing_field(value, "keys");
    model::DeletePayload removal;
    QD_ASSIGN(removal.keys, decode_paths(*fields[0]));
    QD_ASSIGN(removal.selector, decode_selector(value, fields[1], fields[2], kNoSelector));
    return model::UpdateOperation(std::move(removal));
}

Result<std::vector<model::UpdateOperation>> decode_update_batch(const JsonValue& value) {
    QD_ASSIGN(const auto fields, read_fields(value, std::array<Field, 1>{{{"operations"}}},
                                             "struct UpdateOperations"));
    if (fields[0] == nullptr) return missing_field(value, "operations");
    if (!fields[0]->is(Kind::kArray)) return fields[0]->wrong_type("a list of operations");
    constexpr std::array<Field, 8> kForms{{{"upsert"},
                                           {"delete"},
                                           {"set_payload"},
                                           {"overwrite_payload"},
                                           {"delete_payload"},
                                           {"clear_payload"},
                                           {"update_vectors"},
                                           {"delete_vectors"}}};
    std::vector<model::UpdateOperation> operations;
    JsonValue element;
    for (JsonArray array(*fields[0]); array.next(element);) {
        QD_ASSIGN(const auto forms, read_fields(element, kForms, "an update operation"));
        const JsonValue* body = nullptr;
        std::string_view name;
        for (std::size_t i = 0; i < kForms.size(); ++i) {
            if (forms[i] == nullptr) continue;
            if (body != nullptr) return element.fail("expected one operation, found several");
            body = forms[i];
            name = kForms[i].name;
        }
        if (body == nullptr) {
            return element.fail("data did not match any variant of untagged enum UpdateOperation");
        }
        QD_ASSIGN(auto operation, decode_operation(name, *body));
        operations.push_back(std::move(operation));
    }
    return operations;
}

}  // namespace qdrantd::rest
