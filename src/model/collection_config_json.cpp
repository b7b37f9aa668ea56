// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/collection_config_json.hpp>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <qdrantd/common/assert.hpp>

namespace qdrantd::model {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<Memory, std::string_view>, 3> kMemoryNames{
    {{Memory::kCold, "cold"}, {Memory::kCached, "cached"}, {Memory::kPinned, "pinned"}}};
constexpr std::array<std::pair<Datatype, std::string_view>, 4> kDatatypeNames{
    {{Datatype::kFloat32, "float32"},
     {Datatype::kFloat16, "float16"},
     {Datatype::kUint8, "uint8"},
     {Datatype::kTurbo4, "turbo4"}}};
constexpr std::array<std::pair<Distance, std::string_view>, 4> kDistanceNames{
    {{Distance::kCosine, "Cosine"},
     {Distance::kEuclid, "Euclid"},
     {Distance::kDot, "Dot"},
     {Distance::kManhattan, "Manhattan"}}};
constexpr std::array<std::pair<FieldType, std::string_view>, 4> kFieldTypeNames{
    {{FieldType::kKeyword, "keyword"},
     {FieldType::kInteger, "integer"},
     {FieldType::kFloat, "float"},
     {FieldType::kBool, "bool"}}};

template <typename E, std::size_t N>
std::string_view name_of(const std::array<std::pair<E, std::string_view>, N>& names, E value) {
    for (const auto& [candidate, name] : names) {
        if (candidate == value) return name;
    }
    QD_ASSERT(false);
    return {};
}

/// Thrown inside this file only; decode() turns it into an Error.
struct Undecodable {
    std::string what;
};

template <typename E, std::size_t N>
E value_of(const std::array<std::pair<E, std::string_view>, N>& names, const Json& json) {
    const auto text = json.get<std::string>();
    for (const auto& [candidate, name] : names) {
        if (name == text) return candidate;
    }
    throw Undecodable{fmt::format("unknown word '{}'", text)};
}

template <typename T>
void put_given(Json& json, const char* key, const std::optional<T>& value) {
    if (value) json[key] = *value;
}
template <typename T>
void put_nullable(Json& json, const char* key, const std::optional<T>& value) {
    if (value) {
        json[key] = *value;
    } else {
        json[key] = nullptr;
    }
}
void put_memory(Json& json, const char* key, const std::optional<Memory>& value) {
    if (value) json[key] = name_of(kMemoryNames, *value);
}

template <typename T>
void take(const Json& json, const char* key, T& out) {
    if (const auto found = json.find(key); found != json.end() && !found->is_null())
        out = found->get<T>();
}
template <typename T>
void take_optional(const Json& json, const char* key, std::optional<T>& out) {
    if (const auto found = json.find(key); found != json.end() && !found->is_null())
        out = found->get<T>();
}
void take_memory(const Json& json, const char* key, std::optional<Memory>& out) {
    if (const auto found = json.find(key); found != json.end())
        out = value_of(kMemoryNames, *found);
}

Json encode_hnsw_diff(const HnswConfigDiff& diff) {
    auto json = Json::object();
    put_given(json, "m", diff.m);
    put_given(json, "ef_construct", diff.ef_construct);
    put_given(json, "full_scan_threshold", diff.full_scan_threshold);
    put_given(json, "max_indexing_threads", diff.max_indexing_threads);
    put_given(json, "on_disk", diff.on_disk);
    put_memory(json, "memory", diff.memory);
    put_given(json, "payload_m", diff.payload_m);
    put_given(json, "inline_storage", diff.inline_storage);
    return json;
}

HnswConfigDiff decode_hnsw_diff(const Json& json) {
    HnswConfigDiff diff;
    take_optional(json, "m", diff.m);
    take_optional(json, "ef_construct", diff.ef_construct);
    take_optional(json, "full_scan_threshold", diff.full_scan_threshold);
    take_optional(json, "max_indexing_threads", diff.max_indexing_threads);
    take_optional(json, "on_disk", diff.on_disk);
    take_memory(json, "memory", diff.memory);
    take_optional(json, "payload_m", diff.payload_m);
    take_optional(json, "inline_storage", diff.inline_storage);
    return diff;
}

Json encode_vector(const VectorParams& params) {
    Json json;
    json["size"] = params.size;
    json["distance"] = name_of(kDistanceNames, params.distance);
    if (params.hnsw_config) json["hnsw_config"] = encode_hnsw_diff(*params.hnsw_config);
    put_given(json, "on_disk", params.on_disk);
    put_memory(json, "memory", params.memory);
    if (params.datatype) json["datatype"] = name_of(kDatatypeNames, *params.datatype);
    return json;
}

VectorParams decode_vector(const Json& json) {
    VectorParams params;
    params.size = json.at("size").get<std::uint32_t>();
    params.distance = value_of(kDistanceNames, json.at("distance"));
    if (const auto found = json.find("hnsw_config"); found != json.end())
        params.hnsw_config = decode_hnsw_diff(*found);
    take_optional(json, "on_disk", params.on_disk);
    take_memory(json, "memory", params.memory);
    if (const auto found = json.find("datatype"); found != json.end()) {
        params.datatype = value_of(kDatatypeNames, *found);
    }
    return params;
}

Json encode_vectors(const VectorsConfig& vectors) {
    if (vectors.single) return encode_vector(vectors.by_name.at(""));
    auto json = Json::object();
    for (const auto& [name, params] : vectors.by_name)
        json[name] = encode_vector(params);
    return json;
}

VectorsConfig decode_vectors(const Json& json) {
    VectorsConfig vectors;
    const auto size = json.find("size");
    vectors.single = size != json.end() && size->is_number();
    if (vectors.single) {
        vectors.by_name[""] = decode_vector(json);
        return vectors;
    }
    for (const auto& [name, params] : json.items())
        vectors.by_name[name] = decode_vector(params);
    return vectors;
}

Json encode_params(const CollectionParams& params) {
    Json json;
    json["vectors"] = encode_vectors(params.vectors);
    json["shard_number"] = params.shard_number;
    json["replication_factor"] = params.replication_factor;
    json["write_consistency_factor"] = params.write_consistency_factor;
    put_given(json, "read_fan_out_factor", params.read_fan_out_factor);
    put_given(json, "read_fan_out_delay_ms", params.read_fan_out_delay_ms);
    json["on_disk_payload"] = params.on_disk_payload;
    if (params.payload_memory)
        json["payload"] = Json{{"memory", name_of(kMemoryNames, *params.payload_memory)}};
    return json;
}

CollectionParams decode_params(const Json& json) {
    CollectionParams params;
    params.vectors = decode_vectors(json.at("vectors"));
    take(json, "shard_number", params.shard_number);
    take(json, "replication_factor", params.replication_factor);
    take(json, "write_consistency_factor", params.write_consistency_factor);
    take_optional(json, "read_fan_out_factor", params.read_fan_out_factor);
    take_optional(json, "read_fan_out_delay_ms", params.read_fan_out_delay_ms);
    take(json, "on_disk_payload", params.on_disk_payload);
    if (const auto found = json.find("payload"); found != json.end()) {
        take_memory(*found, "memory", params.payload_memory);
    }
    return params;
}

Json encode_hnsw(const HnswConfig& hnsw) {
    Json json;
    json["m"] = hnsw.m;
    json["ef_construct"] = hnsw.ef_construct;
    json["full_scan_threshold"] = hnsw.full_scan_threshold;
    json["max_indexing_threads"] = hnsw.max_indexing_threads;
    json["on_disk"] = hnsw.on_disk;
    put_memory(json, "memory", hnsw.memory);
    put_given(json, "payload_m", hnsw.payload_m);
    put_given(json, "inline_storage", hnsw.inline_storage);
    return json;
}

Json encode_optimizers(const OptimizersConfig& config) {
    Json json;
    json["deleted_threshold"] = config.deleted_threshold;
    json["vacuum_min_vector_number"] = config.vacuum_min_vector_number;
    json["default_segment_number"] = config.default_segment_number;
    put_nullable(json, "max_segment_size", config.max_segment_size);
    put_nullable(json, "memmap_threshold", config.memmap_threshold);
    json["indexing_threshold"] = config.indexing_threshold;
    json["flush_interval_sec"] = config.flush_interval_sec;
    put_nullable(json, "max_optimization_threads", config.max_optimization_threads);
    put_nullable(json, "prevent_unoptimized", config.prevent_unoptimized);
    return json;
}

OptimizersConfig decode_optimizers(const Json& json) {
    OptimizersConfig config;
    take(json, "deleted_threshold", config.deleted_threshold);
    take(json, "vacuum_min_vector_number", config.vacuum_min_vector_number);
    take(json, "default_segment_number", config.default_segment_number);
    take_optional(json, "max_segment_size", config.max_segment_size);
    take_optional(json, "memmap_threshold", config.memmap_threshold);
    take(json, "indexing_threshold", config.indexing_threshold);
    take(json, "flush_interval_sec", config.flush_interval_sec);
    take_optional(json, "max_optimization_threads", config.max_optimization_threads);
    take_optional(json, "prevent_unoptimized", config.prevent_unoptimized);
    return config;
}

template <typename T, typename Decode>
Result<T> decode_guarded(std::string_view text, Decode decode) {
    try {
        return decode(Json::parse(text));
    } catch (const Undecodable& error) {
        return Error{ErrorCode::kFormat, error.what};
    } catch (const Json::exception& error) {
        return Error{ErrorCode::kFormat, error.what()};
    }
}

/// Merges the top level of `patch` into `base`; a null removes the key when `null_removes`, else is
/// passed over.
std::string merge_objects(const std::string& base, const std::string& patch, bool null_removes) {
    auto merged = base.empty() ? Json::object() : Json::parse(base);
    const auto changes = Json::parse(patch);
    for (const auto& [key, value] : changes.items()) {
        if (!value.is_null()) {
            merged[key] = value;
        } else if (null_removes) {
            merged.erase(key);
        }
    }
    return merged.empty() ? std::string() : merged.dump();
}

}  // namespace

std::string encode_collection_config(const CollectionConfig& config) {
    Json json;
    json["params"] = encode_params(config.params);
    json["hnsw_config"] = encode_hnsw(config.hnsw);
    json["optimizer_config"] = encode_optimizers(config.optimizers);
    json["wal_config"] = Json{{"wal_capacity_mb", config.wal.wal_capacity_mb},
                              {"wal_segments_ahead", config.wal.wal_segments_ahead},
                              {"wal_retain_closed", config.wal.wal_retain_closed}};
    json["quantization_config"] = nullptr;
    if (!config.strict_mode_json.empty())
        json["strict_mode_config"] = Json::parse(config.strict_mode_json);
    if (!config.metadata_json.empty()) json["metadata"] = Json::parse(config.metadata_json);
    return json.dump();
}

Result<CollectionConfig> decode_collection_config(std::string_view text) {
    return decode_guarded<CollectionConfig>(text, [](const Json& json) {
        CollectionConfig config;
        config.params = decode_params(json.at("params"));
        config.hnsw = decode_hnsw_diff(json.at("hnsw_config")).over(HnswConfig{});
        config.optimizers = decode_optimizers(json.at("optimizer_config"));
        const auto& wal = json.at("wal_config");
        take(wal, "wal_capacity_mb", config.wal.wal_capacity_mb);
        take(wal, "wal_segments_ahead", config.wal.wal_segments_ahead);
        take(wal, "wal_retain_closed", config.wal.wal_retain_closed);
        if (json.contains("strict_mode_config"))
            config.strict_mode_json = json["strict_mode_config"].dump();
        if (json.contains("metadata")) config.metadata_json = json["metadata"].dump();
        return config;
    });
}

std::string encode_field_schema(const FieldSchema& schema) {
    if (!schema.object_form) return fmt::format("\"{}\"", field_type_name(schema.type));
    Json json;
    json["type"] = field_type_name(schema.type);
    put_given(json, "is_tenant", schema.is_tenant);
    put_given(json, "is_principal", schema.is_principal);
    put_given(json, "on_disk", schema.on_disk);
    put_given(json, "enable_hnsw", schema.enable_hnsw);
    put_given(json, "lookup", schema.lookup);
    put_given(json, "range", schema.range);
    put_given(json, "prefix", schema.prefix);
    put_memory(json, "memory", schema.memory);
    return json.dump();
}

Result<FieldSchema> decode_field_schema(std::string_view text) {
    return decode_guarded<FieldSchema>(text, [](const Json& json) {
        FieldSchema schema;
        schema.object_form = json.is_object();
        schema.type = value_of(kFieldTypeNames, schema.object_form ? json.at("type") : json);
        if (!schema.object_form) return schema;
        take_optional(json, "is_tenant", schema.is_tenant);
        take_optional(json, "is_principal", schema.is_principal);
        take_optional(json, "on_disk", schema.on_disk);
        take_optional(json, "enable_hnsw", schema.enable_hnsw);
        take_optional(json, "lookup", schema.lookup);
        take_optional(json, "range", schema.range);
        take_optional(json, "prefix", schema.prefix);
        take_memory(json, "memory", schema.memory);
        return schema;
    });
}

std::string_view distance_name(Distance distance) { return name_of(kDistanceNames, distance); }
std::string_view field_type_name(FieldType type) { return name_of(kFieldTypeNames, type); }

Result<CollectionConfig> apply_patch(CollectionConfig config, const CollectionPatch& patch) {
    auto& params = config.params;
    for (const auto& [name, change] : patch.vectors) {
        const auto found = params.vectors.by_name.find(name);
        if (found == params.vectors.by_name.end()) {
            return Error{ErrorCode::kBadInput,
                         fmt::format("Not existing vector name error: {}", name)};
        }
        auto& vector = found->second;
        if (change.hnsw_config) {
            if (!vector.hnsw_config) vector.hnsw_config.emplace();
            vector.hnsw_config->merge(*change.hnsw_config);
        }
        if (change.on_disk) vector.on_disk = change.on_disk;
        if (change.memory) vector.memory = change.memory;
    }
    if (patch.replication_factor) params.replication_factor = *patch.replication_factor;
    if (patch.write_consistency_factor)
        params.write_consistency_factor = *patch.write_consistency_factor;
    if (patch.read_fan_out_factor) params.read_fan_out_factor = patch.read_fan_out_factor;
    if (patch.read_fan_out_delay_ms) params.read_fan_out_delay_ms = patch.read_fan_out_delay_ms;
    if (patch.on_disk_payload) params.on_disk_payload = *patch.on_disk_payload;
    if (patch.payload_memory) params.payload_memory = patch.payload_memory;
    config.hnsw = patch.hnsw.over(config.hnsw);
    patch.optimizers.apply_to(config.optimizers);
    try {
        if (!patch.strict_mode_json.empty()) {
            config.strict_mode_json =
                merge_objects(config.strict_mode_json, patch.strict_mode_json, false);
        }
        if (!patch.metadata_json.empty()) {
            config.metadata_json = merge_objects(config.metadata_json, patch.metadata_json, true);
        }
    } catch (const Json::exception& error) {
        return Error{ErrorCode::kFormat, error.what()};
    }
    return config;
}

}  // namespace qdrantd::model
