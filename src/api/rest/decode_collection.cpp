// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_collection.hpp"

#include "api/rest/decode_common.hpp"
#include "api/rest/decode_config.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

namespace {

constexpr std::uint64_t kVectorSizeMax = 65536;

Result<model::Distance> decode_distance(const JsonValue& value) {
    QD_ASSIGN(const auto word, value.string());
    if (word == "Cosine") return model::Distance::kCosine;
    if (word == "Euclid") return model::Distance::kEuclid;
    if (word == "Dot") return model::Distance::kDot;
    if (word == "Manhattan") return model::Distance::kManhattan;
    return value.fail(fmt::format(
        "unknown variant `{}`, expected one of `Cosine`, `Euclid`, `Dot`, `Manhattan`", word));
}

Result<std::optional<model::Datatype>> optional_datatype(const JsonValue* value) {
    using Datatype = std::optional<model::Datatype>;
    if (value == nullptr) return Datatype();
    QD_ASSIGN(const auto word, value->string());
    if (word == "float32") return Datatype(model::Datatype::kFloat32);
    if (word == "float16") return Datatype(model::Datatype::kFloat16);
    if (word == "uint8") return Datatype(model::Datatype::kUint8);
    if (word == "turbo4") return Datatype(model::Datatype::kTurbo4);
    return value->fail(fmt::format(
        "unknown variant `{}`, expected one of `float32`, `uint8`, `float16`, `turbo4`", word));
}

Result<model::VectorParams> decode_vector_params(const JsonValue& value) {
    constexpr std::array<Field, 8> kFields{{{"size"},
                                            {"distance"},
                                            {"datatype"},
                                            {"hnsw_config"},
                                            {"on_disk"},
                                            {"memory"},
                                            {"multivector_config"},
                                            {"quantization_config"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "struct VectorParams"));
    if (fields.given(0) == nullptr) return missing_field(value, "size");
    if (fields.given(1) == nullptr) return missing_field(value, "distance");
    if (fields[6] != nullptr) return unsupported("`multivector_config`");
    if (fields[7] != nullptr) return unsupported("`quantization_config`");
    model::VectorParams params;
    QD_ASSIGN(const auto size, fields.given(0)->u64());
    if (size == 0) {
        return fields.given(0)->fail("invalid value: integer `0`, expected a nonzero u64");
    }
    if (size > kVectorSizeMax) {
        fields[0]->issue(
            fmt::format("value {} invalid, must be from 1 to {}", size, kVectorSizeMax));
    }
    params.size = static_cast<std::uint32_t>(std::min(size, kVectorSizeMax));
    QD_ASSIGN(params.distance, decode_distance(*fields.given(1)));
    QD_ASSIGN(params.datatype, optional_datatype(fields[2]));
    if (fields[3] != nullptr) {
        QD_ASSIGN(params.hnsw_config, decode_hnsw(fields[3]));
    }
    QD_ASSIGN(params.on_disk, optional_bool(fields[4]));
    QD_ASSIGN(params.memory, optional_memory(fields[5]));
    check_vector_memory(fields[5], params.memory);
    return params;
}

/// One VectorParams is told from a map of them by its fields, which are no objects.
bool is_single(const JsonValue& value) {
    std::string_view key;
    JsonValue entry;
    for (JsonObject entries(value); entries.next(key, entry);) {
        if ((key == "size" || key == "distance") && !entry.is(Kind::kObject)) return true;
    }
    return false;
}

Result<model::VectorsConfig> decode_vectors(const JsonValue* value) {
    model::VectorsConfig vectors;
    if (value == nullptr) return vectors;
    if (!value->is(Kind::kObject)) {
        return value->wrong_type("vector parameters or a map of named vector parameters");
    }
    if (is_single(*value)) {
        vectors.single = true;
        QD_ASSIGN(vectors.by_name[""], decode_vector_params(*value));
        return vectors;
    }
    std::string_view name;
    JsonValue entry;
    for (JsonObject entries(*value, true); entries.next(name, entry);) {
        QD_ASSIGN(vectors.by_name[std::string(name)], decode_vector_params(entry));
    }
    return vectors;
}

bool is_empty_object(const JsonValue* value) {
    return value == nullptr || (value->is(Kind::kObject) && value->size() == 0);
}

Status decode_wal(const JsonValue* value, model::CreateCollection& request) {
    if (value == nullptr) return {};
    constexpr std::array<Field, 3> kFields{
        {{"wal_capacity_mb"}, {"wal_segments_ahead"}, {"wal_retain_closed"}}};
    QD_ASSIGN(const auto fields, read_fields(*value, kFields, "struct WalConfigDiff"));
    QD_ASSIGN(request.wal_capacity_mb, optional_u64_from(fields[0], 1));
    QD_ASSIGN(request.wal_segments_ahead, optional_u64(fields[1]));
    QD_ASSIGN(request.wal_retain_closed, optional_u64_from(fields[2], 1));
    return {};
}

Status check_sharding_method(const JsonValue* value) {
    if (value == nullptr) return {};
    QD_ASSIGN(const auto word, value->string());
    if (word == "custom") return unsupported("`sharding_method: custom`");
    if (word == "auto") return {};
    return value->fail(fmt::format("unknown variant `{}`, expected `auto` or `custom`", word));
}

Result<std::map<std::string, model::CollectionPatch::VectorPatch>> decode_vector_patches(
    const JsonValue* value) {
    std::map<std::string, model::CollectionPatch::VectorPatch> patches;
    if (value == nullptr) return patches;
    if (!value->is(Kind::kObject)) return value->wrong_type("a map of vector parameters");
    constexpr std::array<Field, 4> kFields{
        {{"hnsw_config"}, {"on_disk"}, {"memory"}, {"quantization_config"}}};
    std::string_view name;
    JsonValue entry;
    for (JsonObject entries(*value, true); entries.next(name, entry);) {
        QD_ASSIGN(const auto fields, read_fields(entry, kFields, "struct VectorParamsDiff"));
        if (fields[3] != nullptr) return unsupported("`quantization_config`");
        model::CollectionPatch::VectorPatch patch;
        if (fields[0] != nullptr) {
            QD_ASSIGN(patch.hnsw_config, decode_hnsw(fields[0]));
        }
        QD_ASSIGN(patch.on_disk, optional_bool(fields[1]));
        QD_ASSIGN(patch.memory, optional_memory(fields[2]));
        check_vector_memory(fields[2], patch.memory);
        patches[std::string(name)] = std::move(patch);
    }
    return patches;
}

Status decode_patch_params(const JsonValue* value, model::CollectionPatch& patch) {
    if (value == nullptr) return {};
    constexpr std::array<Field, 6> kFields{{{"replication_factor"},
                                            {"write_consistency_factor"},
                                            {"read_fan_out_factor"},
                                            {"read_fan_out_delay_ms"},
                                            {"on_disk_payload"},
                                            {"payload"}}};
    QD_ASSIGN(const auto fields, read_fields(*value, kFields, "struct CollectionParamsDiff"));
    QD_ASSIGN(patch.replication_factor, optional_u32_from_one(fields[0]));
    QD_ASSIGN(patch.write_consistency_factor, optional_u32_from_one(fields[1]));
    if (fields[2] != nullptr) {
        QD_ASSIGN(patch.read_fan_out_factor, fields[2]->u32());
    }
    QD_ASSIGN(patch.read_fan_out_delay_ms, optional_u64(fields[3]));
    QD_ASSIGN(patch.on_disk_payload, optional_bool(fields[4]));
    QD_ASSIGN(patch.payload_memory, optional_payload_memory(fields[5]));
    return {};
}

/// Quantization that a patch takes away was never there.
bool is_disabled(const JsonValue* value) {
    if (value == nullptr) return true;
    const auto word = value->string();
    return word.ok() && *word == "Disabled";
}

}  // namespace

Result<model::CreateCollection> decode_create_collection(const JsonValue& value) {
    constexpr std::array<Field, 14> kFields{{{"vectors"},
                                             {"sparse_vectors"},
                                             {"shard_number"},
                                             {"sharding_method"},
                                             {"replication_factor"},
                                             {"write_consistency_factor"},
                                             {"on_disk_payload"},
                                             {"payload"},
                                             {"hnsw_config"},
                                             {"optimizers_config", "optimizer_config"},
                                             {"wal_config"},
                                             {"quantization_config", "quantization"},
                                             {"strict_mode_config"},
                                             {"metadata"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "struct CreateCollection"));
    if (!is_empty_object(fields[1])) return unsupported("`sparse_vectors`");
    if (fields[11] != nullptr) return unsupported("`quantization_config`");
    QD_TRY(check_sharding_method(fields[3]));
    model::CreateCollection request;
    QD_ASSIGN(request.vectors, decode_vectors(fields[0]));
    QD_ASSIGN(request.shard_number, optional_u32_from_one(fields[2]));
    QD_ASSIGN(request.replication_factor, optional_u32_from_one(fields[4]));
    QD_ASSIGN(request.write_consistency_factor, optional_u32_from_one(fields[5]));
    QD_ASSIGN(request.on_disk_payload, optional_bool(fields[6]));
    QD_ASSIGN(request.payload_memory, optional_payload_memory(fields[7]));
    QD_ASSIGN(request.hnsw, decode_hnsw(fields[8]));
    QD_ASSIGN(request.optimizers, decode_optimizers(fields[9]));
    QD_TRY(decode_wal(fields[10], request));
    QD_ASSIGN(request.strict_mode_json, optional_object_text(fields[12]));
    QD_ASSIGN(request.metadata_json, optional_object_text(fields[13]));
    return request;
}

Result<model::CollectionPatch> decode_collection_patch(const JsonValue& value) {
    constexpr std::array<Field, 8> kFields{{{"vectors"},
                                            {"sparse_vectors"},
                                            {"params"},
                                            {"hnsw_config"},
                                            {"optimizers_config", "optimizer_config"},
                                            {"quantization_config"},
                                            {"strict_mode_config"},
                                            {"metadata"}}};
    QD_ASSIGN(const auto fields, read_fields(value, kFields, "struct UpdateCollection"));
    if (!is_empty_object(fields[1])) return unsupported("`sparse_vectors`");
    if (!is_disabled(fields[5])) return unsupported("`quantization_config`");
    model::CollectionPatch patch;
    QD_ASSIGN(patch.vectors, decode_vector_patches(fields[0]));
    QD_TRY(decode_patch_params(fields[2], patch));
    QD_ASSIGN(patch.hnsw, decode_hnsw(fields[3]));
    QD_ASSIGN(patch.optimizers, decode_optimizers(fields[4]));
    QD_ASSIGN(patch.strict_mode_json, optional_object_text(fields[6]));
    QD_ASSIGN(patch.metadata_json, optional_object_text(fields[7]));
    return patch;
}

}  // namespace qdrantd::rest
