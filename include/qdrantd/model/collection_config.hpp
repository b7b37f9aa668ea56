// SPDX-License-Identifier: Apache-2.0
// Configuration of a collection: what a create request sets, what is stored, and what the
// collection info echoes (spec data.md §2.2-2.6). An absent option was not given and is not echoed.
// Thread safety: values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <qdrantd/model/json_path.hpp>

namespace qdrantd::model {

enum class Distance : std::uint8_t { kCosine, kEuclid, kDot, kManhattan };
enum class Datatype : std::uint8_t { kFloat32, kFloat16, kUint8, kTurbo4 };
enum class Memory : std::uint8_t { kCold, kCached, kPinned };

struct HnswConfig {
    std::uint64_t m = 16;
    std::uint64_t ef_construct = 100;
    std::uint64_t full_scan_threshold = 10000;  // KiB of raw vectors
    std::uint64_t max_indexing_threads = 0;
    bool on_disk = false;
    std::optional<Memory> memory;
    std::optional<std::uint64_t> payload_m;
    std::optional<bool> inline_storage;
    bool operator==(const HnswConfig&) const = default;
};

/// Fields of an HNSW section that were given: of a request or of one vector.
struct HnswConfigDiff {
    std::optional<std::uint64_t> m, ef_construct, full_scan_threshold, max_indexing_threads;
    std::optional<bool> on_disk;
    std::optional<Memory> memory;
    std::optional<std::uint64_t> payload_m;
    std::optional<bool> inline_storage;
    bool operator==(const HnswConfigDiff&) const = default;
    /// `base` with the given fields replaced.
    [[nodiscard]] HnswConfig over(HnswConfig base) const;
    /// Fields given in `later` replace these.
    void merge(const HnswConfigDiff& later);
};

struct OptimizersConfig {
    double deleted_threshold = 0.2;
    std::uint64_t vacuum_min_vector_number = 1000;
    std::uint64_t default_segment_number = 0;
    std::optional<std::uint64_t> max_segment_size;
    std::optional<std::uint64_t> memmap_threshold;
    std::uint64_t indexing_threshold = 10000;  // KiB of raw vectors; 0 = never index
    std::uint64_t flush_interval_sec = 5;
    std::optional<std::uint64_t> max_optimization_threads;
    std::optional<bool> prevent_unoptimized;
    bool operator==(const OptimizersConfig&) const = default;
};

struct OptimizersConfigDiff {
    std::optional<double> deleted_threshold;
    std::optional<std::uint64_t> vacuum_min_vector_number, default_segment_number, max_segment_size,
        memmap_threshold, indexing_threshold, flush_interval_sec;
    /// Outer: given. Inner: a number, or "auto", which unsets it.
    std::optional<std::optional<std::uint64_t>> max_optimization_threads;
    std::optional<bool> prevent_unoptimized;
    void apply_to(OptimizersConfig& config) const;
};

struct WalConfig {
    std::uint64_t wal_capacity_mb = 32;
    std::uint64_t wal_segments_ahead = 0;
    std::uint64_t wal_retain_closed = 1;
    bool operator==(const WalConfig&) const = default;
};

struct VectorParams {
    std::uint32_t size = 0;
    Distance distance = Distance::kCosine;
    std::optional<Datatype> datatype;  // float32 when absent
    std::optional<HnswConfigDiff> hnsw_config;
    std::optional<bool> on_disk;
    std::optional<Memory> memory;
    bool operator==(const VectorParams&) const = default;
};

/// A single unnamed vector answers as an object, a map answers as a map; name "" is the unnamed
/// slot.
struct VectorsConfig {
    bool single = false;
    std::map<std::string, VectorParams> by_name;
    bool operator==(const VectorsConfig&) const = default;
};

struct CollectionParams {
    VectorsConfig vectors;
    std::uint32_t shard_number = 1;
    std::uint32_t replication_factor = 1;
    std::uint32_t write_consistency_factor = 1;
    std::optional<std::uint32_t> read_fan_out_factor;
    std::optional<std::uint64_t> read_fan_out_delay_ms;
    bool on_disk_payload = true;
    std::optional<Memory> payload_memory;
    bool operator==(const CollectionParams&) const = default;
};

enum class FieldType : std::uint8_t { kKeyword, kInteger, kFloat, kBool };

/// Definition of a payload index. `object_form` says how it was given and so how it is echoed.
struct FieldSchema {
    FieldType type = FieldType::kKeyword;
    bool object_form = false;
    std::optional<bool> is_tenant, is_principal, on_disk, enable_hnsw, lookup, range, prefix;
    std::optional<Memory> memory;
    bool operator==(const FieldSchema&) const = default;
};

struct CollectionConfig {
    CollectionParams params;
    HnswConfig hnsw;
    OptimizersConfig optimizers;
    WalConfig wal;
    /// Strict-mode settings and metadata as JSON objects (empty = not set); strict mode is kept and
    /// echoed.
    std::string strict_mode_json;
    std::string metadata_json;
    bool operator==(const CollectionConfig&) const = default;
};

/// What a create request may say (spec data.md §2.2); absent fields take the server's defaults.
struct CreateCollection {
    VectorsConfig vectors;
    std::optional<std::uint32_t> shard_number, replication_factor, write_consistency_factor;
    std::optional<bool> on_disk_payload;
    std::optional<Memory> payload_memory;
    HnswConfigDiff hnsw;
    OptimizersConfigDiff optimizers;
    std::optional<std::uint64_t> wal_capacity_mb, wal_segments_ahead, wal_retain_closed;
    std::string strict_mode_json, metadata_json;  // JSON objects; empty = not given
};

/// What a PATCH may change (spec data.md §2.5).
struct CollectionPatch {
    struct VectorPatch {
        std::optional<HnswConfigDiff> hnsw_config;
        std::optional<bool> on_disk;
        std::optional<Memory> memory;
    };
    std::map<std::string, VectorPatch> vectors;
    std::optional<std::uint32_t> replication_factor, write_consistency_factor, read_fan_out_factor;
    std::optional<std::uint64_t> read_fan_out_delay_ms;
    std::optional<bool> on_disk_payload;
    std::optional<Memory> payload_memory;
    HnswConfigDiff hnsw;
    OptimizersConfigDiff optimizers;
    std::string strict_mode_json;  // merged field by field; empty = not given
    std::string metadata_json;     // merged at top level, null removes; empty = not given
};

}  // namespace qdrantd::model
