// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_collection.hpp"
#include "api/rest/decode_common.hpp"
#include "api/rest/decode_config.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

Result<std::string> required_string(const JsonValue& object, const JsonValue* value,
                                    std::string_view name) {
    if (value == nullptr) return missing_field(object, name);
    return decode_string(*value);
}

Result<cluster::AliasAction> decode_action(const JsonValue& value) {
    constexpr std::array<Field, 3> kForms{{{"create_alias"}, {"delete_alias"}, {"rename_alias"}}};
    QD_ASSIGN(const auto forms, read_fields(value, kForms, "an alias operation"));
    constexpr std::array<Field, 4> kNames{
        {{"collection_name"}, {"alias_name"}, {"old_alias_name"}, {"new_alias_name"}}};
    if (forms[0] != nullptr) {
        QD_ASSIGN(const auto names, read_fields(*forms[0], kNames, "struct CreateAlias"));
        cluster::CreateAlias action;
        QD_ASSIGN(action.collection_name, required_string(*forms[0], names[0], kNames[0].name));
        QD_ASSIGN(action.alias_name, required_string(*forms[0], names[1], kNames[1].name));
        return cluster::AliasAction(std::move(action));
    }
    if (forms[1] != nullptr) {
        QD_ASSIGN(const auto names, read_fields(*forms[1], kNames, "struct DeleteAlias"));
        cluster::DeleteAlias action;
        QD_ASSIGN(action.alias_name, required_string(*forms[1], names[1], kNames[1].name));
        return cluster::AliasAction(std::move(action));
    }
    if (forms[2] != nullptr) {
        QD_ASSIGN(const auto names, read_fields(*forms[2], kNames, "struct RenameAlias"));
        cluster::RenameAlias action;
        QD_ASSIGN(action.old_alias_name, required_string(*forms[2], names[2], kNames[2].name));
        QD_ASSIGN(action.new_alias_name, required_string(*forms[2], names[3], kNames[3].name));
        return cluster::AliasAction(std::move(action));
    }
    return value.fail("data did not match any variant of untagged enum AliasOperations");
}

Result<model::FieldType> decode_type(const JsonValue& value) {
    QD_ASSIGN(const auto word, value.string());
    if (word == "keyword") return model::FieldType::kKeyword;
    if (word == "integer") return model::FieldType::kInteger;
    if (word == "float") return model::FieldType::kFloat;
    if (word == "bool") return model::FieldType::kBool;
    if (word == "geo" || word == "text" || word == "datetime" || word == "uuid") {
        return unsupported(fmt::format("payload index of type `{}`", word));
    }
    return value.fail(
        fmt::format("unknown variant `{}`, expected one of `keyword`, `integer`, "
                    "`float`, `geo`, `text`, `bool`, `datetime`, `uuid`",
                    word));
}

Result<model::FieldSchema> decode_schema(const JsonValue& value) {
    model::FieldSchema schema;
    if (!value.is(Kind::kObject)) {
        QD_ASSIGN(schema.type, decode_type(value));
        return schema;
    }
    schema.object_form = true;
    constexpr std::array<Field, 9> kFields{{{"type"},
                                            {"is_tenant"},
                                            {"is_principal"},
                                            {"on_disk"},
                                            {"enable_hnsw"},
                                            {"lookup"},
                                            {"range"},
                                            {"prefix"},
                                            {"memory"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "field schema"));
    if (fields[0] == nullptr) return missing_field(value, "type");
    using enum model::FieldType;
    QD_ASSIGN(schema.type, decode_type(*fields[0]));
    // Parameters of other types are unknown fields, and ignored as such.
    if (schema.type == kKeyword) {
        QD_ASSIGN(schema.is_tenant, optional_bool(fields[1]));
        QD_ASSIGN(schema.prefix, optional_bool(fields[7]));
    }
    if (schema.type == kInteger || schema.type == kFloat) {
        QD_ASSIGN(schema.is_principal, optional_bool(fields[2]));
    }
    if (schema.type == kInteger) {
        QD_ASSIGN(schema.lookup, optional_bool(fields[5]));
        QD_ASSIGN(schema.range, optional_bool(fields[6]));
        if (!schema.lookup.value_or(true) && !schema.range.value_or(true)) {
            value.issue("the 'lookup' and 'range' capabilities can't be both disabled");
        }
    }
    QD_ASSIGN(schema.on_disk, optional_bool(fields[3]));
    QD_ASSIGN(schema.enable_hnsw, optional_bool(fields[4]));
    QD_ASSIGN(schema.memory, optional_memory(fields[8]));
    return schema;
}

}  // namespace

Result<std::vector<cluster::AliasAction>> decode_alias_actions(const JsonValue& value) {
    QD_ASSIGN(const auto fields, read_fields(value, std::array<Field, 1>{{{"actions"}}},
                                             "struct ChangeAliasesOperation"));
    if (fields[0] == nullptr) return missing_field(value, "actions");
    if (!fields[0]->is(Kind::kArray)) return fields[0]->wrong_type("a list of alias operations");
    std::vector<cluster::AliasAction> actions;
    JsonValue element;
    for (JsonArray array(*fields[0]); array.next(element);) {
        QD_ASSIGN(auto action, decode_action(element));
        actions.push_back(std::move(action));
    }
    return actions;
}

Result<FieldIndexRequest> decode_field_index(const JsonValue& value) {
    constexpr std::array<Field, 2> kFields{{{"field_name"}, {"field_schema", "field_type"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "struct CreateFieldIndex"));
    if (fields[0] == nullptr) return missing_field(value, "field_name");
    FieldIndexRequest request;
    QD_ASSIGN(request.path, decode_path(*fields[0]));
    if (fields[1] == nullptr) {
        return Error{ErrorCode::kBadRequest,
                     "Can't auto-detect field type, please specify `field_schema` in the request"};
    }
    QD_ASSIGN(request.schema, decode_schema(*fields[1]));
    return request;
}

}  // namespace qdrantd::rest
