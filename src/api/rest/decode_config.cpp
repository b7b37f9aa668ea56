// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_config.hpp"

#include "api/rest/decode_common.hpp"

namespace qdrantd::rest {

using Kind = JsonValue::Kind;

Result<model::HnswConfigDiff> decode_hnsw(const JsonValue* value) {
    model::HnswConfigDiff hnsw;
    if (value == nullptr) return hnsw;
    constexpr std::array<Field, 8> kFields{{{"m"},
                                            {"ef_construct"},
                                            {"full_scan_threshold", "full_scan_threshold_kb"},
                                            {"max_indexing_threads"},
                                            {"on_disk"},
                                            {"memory"},
                                            {"payload_m"},
                                            {"inline_storage"}}};
    QD_ASSIGN(const auto fields, read_fields(*value, kFields, "struct HnswConfigDiff"));
    QD_ASSIGN(hnsw.m, optional_u64(fields[0]));
    QD_ASSIGN(hnsw.ef_construct, optional_u64_from(fields[1], 4));
    QD_ASSIGN(hnsw.full_scan_threshold, optional_u64_from(fields[2], 10));
    QD_ASSIGN(hnsw.max_indexing_threads, optional_u64(fields[3]));
    QD_ASSIGN(hnsw.on_disk, optional_bool(fields[4]));
    QD_ASSIGN(hnsw.memory, optional_memory(fields[5]));
    QD_ASSIGN(hnsw.payload_m, optional_u64(fields[6]));
    QD_ASSIGN(hnsw.inline_storage, optional_bool(fields[7]));
    return hnsw;
}

namespace {

/// A number, or "auto", which unsets the limit.
Result<std::optional<std::optional<std::uint64_t>>> decode_threads(const JsonValue* value) {
    using Threads = std::optional<std::optional<std::uint64_t>>;
    if (value == nullptr) return Threads();
    if (value->is(Kind::kString)) {
        QD_ASSIGN(const auto word, value->string());
        if (word != "auto") {
            return value->fail(fmt::format("unknown variant `{}`, expected `auto`", word));
        }
        return Threads(std::in_place, std::nullopt);
    }
    QD_ASSIGN(const auto number, value->u64());
    return Threads(std::in_place, number);
}

}  // namespace

Result<model::OptimizersConfigDiff> decode_optimizers(const JsonValue* value) {
    model::OptimizersConfigDiff optimizers;
    if (value == nullptr) return optimizers;
    constexpr std::array<Field, 9> kFields{{{"deleted_threshold"},
                                            {"vacuum_min_vector_number"},
                                            {"default_segment_number"},
                                            {"max_segment_size", "max_segment_size_kb"},
                                            {"memmap_threshold", "memmap_threshold_kb"},
                                            {"indexing_threshold", "indexing_threshold_kb"},
                                            {"flush_interval_sec"},
                                            {"max_optimization_threads"},
                                            {"prevent_unoptimized"}}};
    QD_ASSIGN(const auto fields, read_fields(*value, kFields, "struct OptimizersConfigDiff"));
    QD_ASSIGN(optimizers.deleted_threshold, optional_number(fields[0]));
    if (const auto threshold = optimizers.deleted_threshold;
        threshold && !(*threshold >= 0.0 && *threshold <= 1.0)) {
        fields[0]->issue(fmt::format("value {} invalid, must be from 0.0 to 1.0", *threshold));
    }
    QD_ASSIGN(optimizers.vacuum_min_vector_number, optional_u64_from(fields[1], 100));
    QD_ASSIGN(optimizers.default_segment_number, optional_u64(fields[2]));
    QD_ASSIGN(optimizers.max_segment_size, optional_u64_from(fields[3], 1));
    QD_ASSIGN(optimizers.memmap_threshold, optional_u64(fields[4]));
    QD_ASSIGN(optimizers.indexing_threshold, optional_u64(fields[5]));
    QD_ASSIGN(optimizers.flush_interval_sec, optional_u64(fields[6]));
    QD_ASSIGN(optimizers.max_optimization_threads, decode_threads(fields[7]));
    QD_ASSIGN(optimizers.prevent_unoptimized, optional_bool(fields[8]));
    return optimizers;
}

Result<std::optional<model::Memory>> optional_memory(const JsonValue* value) {
    using Memory = std::optional<model::Memory>;
    if (value == nullptr) return Memory();
    QD_ASSIGN(const auto word, value->string());
    if (word == "cold") return Memory(model::Memory::kCold);
    if (word == "cached") return Memory(model::Memory::kCached);
    if (word == "pinned") return Memory(model::Memory::kPinned);
    return value->fail(
        fmt::format("unknown variant `{}`, expected one of `cold`, `cached`, `pinned`", word));
}

Result<std::optional<model::Memory>> optional_payload_memory(const JsonValue* value) {
    if (value == nullptr) return std::optional<model::Memory>();
    QD_ASSIGN(const auto fields,
              read_fields(*value, std::array<Field, 1>{{{"memory"}}}, "struct PayloadParams"));
    QD_ASSIGN(const auto memory, optional_memory(fields[0]));
    if (memory == model::Memory::kPinned) {
        fields[0]->issue("`pinned` memory placement is not supported for payload storage");
    }
    return memory;
}

void check_vector_memory(const JsonValue* value, const std::optional<model::Memory>& memory) {
    if (memory == model::Memory::kPinned) {
        value->issue("`pinned` memory placement is not supported for dense vector storage");
    }
}

Result<std::optional<std::uint32_t>> optional_u32_from_one(const JsonValue* value) {
    if (value == nullptr) return std::optional<std::uint32_t>();
    QD_ASSIGN(const auto number, value->u32());
    if (number == 0) value->issue("value 0 invalid, must be 1 or larger");
    return std::optional<std::uint32_t>(number);
}

Result<std::string> optional_object_text(const JsonValue* value) {
    std::string text;
    if (value == nullptr) return text;
    if (!value->is(Kind::kObject)) return value->wrong_type("a map");
    QD_ASSIGN(const auto object, decode_payload(*value));
    return object.json();
}

}  // namespace qdrantd::rest
