// SPDX-License-Identifier: Apache-2.0
#include "api/rest/encode_collection.hpp"

#include <qdrantd/model/collection_config_json.hpp>

#include "api/rest/json_text.hpp"

namespace qdrantd::rest {

namespace {

std::string_view status_word(cluster::CollectionStatus status) {
    switch (status) {
        case cluster::CollectionStatus::kGreen:
            return "green";
        case cluster::CollectionStatus::kYellow:
            return "yellow";
        case cluster::CollectionStatus::kGrey:
            return "grey";
        case cluster::CollectionStatus::kRed:
            return "red";
    }
    return "red";
}

void append_field(std::string& out, const cluster::CollectionInfo::FieldInfo& field) {
    out += R"({"data_type":")";
    out += model::field_type_name(field.schema.type);
    out.push_back('"');
    if (field.schema.object_form) {
        out += R"(,"params":)";
        out += model::encode_field_schema(field.schema);
    }
    out += R"(,"points":)";
    append_int(out, field.points);
    out.push_back('}');
}

}  // namespace

void append_collection_info(std::string& out, const cluster::CollectionInfo& info) {
    out += R"({"status":")";
    out += status_word(info.status);
    out += R"(","optimizer_status":)";
    if (info.optimizer_error.empty()) {
        out += R"("ok")";
    } else {
        out += R"({"error":)";
        append_json_string(out, info.optimizer_error);
        out.push_back('}');
    }
    out += R"(,"indexed_vectors_count":)";
    append_int(out, info.indexed_vectors_count);
    out += R"(,"points_count":)";
    append_int(out, info.points_count);
    out += R"(,"segments_count":)";
    append_int(out, info.segments_count);
    out += R"(,"config":)";
    out += model::encode_collection_config(info.config);
    out += R"(,"payload_schema":{)";
    bool first = true;
    for (const auto& [path, field] : info.payload_schema) {
        if (!first) out.push_back(',');
        first = false;
        append_json_string(out, path.to_string());
        out.push_back(':');
        append_field(out, field);
    }
    out += R"(},"update_queue":{"length":)";
    append_int(out, info.update_queue_length);
    out += "}}";
}

void append_collection_list(std::string& out, const std::vector<std::string>& names) {
    out += R"({"collections":[)";
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += i > 0 ? R"(,{"name":)" : R"({"name":)";
        append_json_string(out, names[i]);
        out.push_back('}');
    }
    out += "]}";
}

void append_aliases(std::string& out, const std::vector<cluster::AliasInfo>& aliases) {
    out += R"({"aliases":[)";
    for (std::size_t i = 0; i < aliases.size(); ++i) {
        out += i > 0 ? R"(,{"alias_name":)" : R"({"alias_name":)";
        append_json_string(out, aliases[i].alias_name);
        out += R"(,"collection_name":)";
        append_json_string(out, aliases[i].collection_name);
        out.push_back('}');
    }
    out += "]}";
}

}  // namespace qdrantd::rest
