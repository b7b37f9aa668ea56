// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_common.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

Result<model::PointId> decode_point_id(const JsonValue& value) {
    if (value.is(Kind::kInteger)) {
        if (auto number = value.u64(); number.ok()) return model::PointId(*number);
    } else if (value.is(Kind::kString)) {
        QD_ASSIGN(const auto text, value.string());
        if (auto id = model::PointId::parse_uuid(text); id.ok()) return *id;
    }
    std::string text;
    value.append_text(text);
    constexpr std::size_t kShown = 128;
    if (text.size() > kShown) text.resize(kShown);
    return value.fail("value " + text +
                      " is not a valid point ID, valid values are either an unsigned integer or a "
                      "UUID");
}

Result<std::vector<model::PointId>> decode_point_ids(const JsonValue& value) {
    if (!value.is(Kind::kArray)) return value.wrong_type("a list of point ids");
    std::vector<model::PointId> ids;
    ids.reserve(value.size());
    JsonValue element;
    for (JsonArray array(value); array.next(element);) {
        QD_ASSIGN(const auto id, decode_point_id(element));
        ids.push_back(id);
    }
    return ids;
}

Result<model::JsonPath> decode_path(const JsonValue& value) {
    QD_ASSIGN(const auto text, value.string());
    auto path = model::JsonPath::parse(text);
    if (!path.ok()) return value.fail(path.error().message);
    return path;
}

Result<std::vector<model::JsonPath>> decode_paths(const JsonValue& value) {
    if (!value.is(Kind::kArray)) return value.wrong_type("a list of paths");
    std::vector<model::JsonPath> paths;
    JsonValue element;
    for (JsonArray array(value); array.next(element);) {
        QD_ASSIGN(auto path, decode_path(element));
        paths.push_back(std::move(path));
    }
    return paths;
}

Result<model::Payload> decode_payload(const JsonValue& value) {
    if (!value.is(Kind::kObject)) return value.wrong_type("a map");
    std::string text;
    value.append_text(text);
    auto payload = model::Payload::parse(text);
    if (!payload.ok()) return value.fail(payload.error().message);
    return payload;
}

Result<model::PayloadSelector> decode_payload_selector(const JsonValue& value) {
    using model::PayloadSelector;
    if (value.is(Kind::kBool)) {
        QD_ASSIGN(const bool all, value.boolean());
        return all ? PayloadSelector::all() : PayloadSelector::none();
    }
    if (value.is(Kind::kArray)) {
        QD_ASSIGN(auto paths, decode_paths(value));
        return PayloadSelector{PayloadSelector::Kind::kInclude, std::move(paths)};
    }
    if (!value.is(Kind::kObject)) {
        return value.wrong_type(
            "a boolean, a list of paths, or an object with `include` or "
            "`exclude`");
    }
    QD_ASSIGN(const auto fields,
              read_fields(value, std::array<Field, 2>{{{"include"}, {"exclude"}}},
                          "payload selector", UnknownFields::kReject));
    if ((fields.given(0) == nullptr) == (fields.given(1) == nullptr)) {
        return value.fail("expected exactly one of `include` and `exclude`");
    }
    const bool include = fields.given(0) != nullptr;
    QD_ASSIGN(auto paths, decode_paths(*fields.given(include ? 0 : 1)));
    return PayloadSelector{
        include ? PayloadSelector::Kind::kInclude : PayloadSelector::Kind::kExclude,
        std::move(paths)};
}

Result<model::VectorSelector> decode_vector_selector(const JsonValue& value) {
    using model::VectorSelector;
    if (value.is(Kind::kBool)) {
        QD_ASSIGN(const bool all, value.boolean());
        return all ? VectorSelector::all() : VectorSelector{};
    }
    if (!value.is(Kind::kArray)) return value.wrong_type("a boolean or a list of vector names");
    VectorSelector selector{VectorSelector::Kind::kNames, {}};
    JsonValue element;
    for (JsonArray array(value); array.next(element);) {
        QD_ASSIGN(auto name, decode_string(element));
        selector.names.push_back(std::move(name));
    }
    return selector;
}

Result<std::string> decode_string(const JsonValue& value) {
    QD_ASSIGN(const auto text, value.string());
    return std::string(text);
}

Result<std::optional<bool>> optional_bool(const JsonValue* value) {
    if (value == nullptr) return std::optional<bool>();
    QD_ASSIGN(const bool flag, value->boolean());
    return std::optional<bool>(flag);
}

Result<std::optional<std::uint64_t>> optional_u64(const JsonValue* value) {
    return optional_u64_from(value, 0);
}

Result<std::optional<std::uint64_t>> optional_u64_from(const JsonValue* value,
                                                       std::uint64_t least) {
    if (value == nullptr) return std::optional<std::uint64_t>();
    QD_ASSIGN(const auto number, value->u64());
    if (number < least) {
        value->issue(fmt::format("value {} invalid, must be {} or larger", number, least));
    }
    return std::optional<std::uint64_t>(number);
}

Result<std::optional<double>> optional_number(const JsonValue* value) {
    if (value == nullptr) return std::optional<double>();
    QD_ASSIGN(const auto number, value->number());
    return std::optional<double>(number);
}

Error missing_field(const JsonValue& object, std::string_view name) {
    return object.fail(fmt::format("missing field `{}`", name));
}

Error unsupported(std::string_view what) {
    return {ErrorCode::kUnsupported, fmt::format("{} is not supported by this version", what)};
}

Status refuse_shard_key(const JsonValue* value) {
    if (value == nullptr) return {};
    return unsupported("`shard_key` (custom sharding)");
}

}  // namespace qdrantd::rest
