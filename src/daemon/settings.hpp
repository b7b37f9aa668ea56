// SPDX-License-Identifier: Apache-2.0
// What an operator can set, as plain values. Only the daemon reads it; modules get their own
// Options, made from it by the wiring. Names and defaults are those of the public configuration
// (docs: config/config.yaml); fields that are ours alone say so.
//
// load_settings() joins, weakest first: the defaults below, config/config, config/$RUN_MODE,
// config/local, the file of
// --config-path, the variables QDRANT__…; then the flags.
//
// Thread safety: values. Errors: one error that lists every mistake, a line each. Units: in the
// names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/result.hpp>

#include "daemon/command_line.hpp"
#include "daemon/config_tree.hpp"

namespace qdrantd {

enum class LogFormat : std::uint8_t { kText, kJson };
enum class ColorMode : std::uint8_t { kAuto, kAlways, kNever };
/// When an acknowledged write is on the disk: before the answer, within an interval, or when the
/// system likes (ours).
enum class DurabilityMode : std::uint8_t { kDisk, kInterval, kOs };
enum class NodeType : std::uint8_t { kNormal, kListener };

struct LogFileSettings {
    bool enabled = false;
    std::optional<std::string> log_file;
    std::string log_level = "INFO";
    LogFormat format = LogFormat::kText;
    std::uint64_t buffer_size_bytes = 8192;
    bool operator==(const LogFileSettings&) const = default;
};

struct LoggerSettings {
    std::string log_level = "INFO";  // of `logger.log_level`, or else of the top-level `log_level`
    LogFormat format = LogFormat::kText;
    ColorMode color = ColorMode::kAuto;
    LogFileSettings on_disk;
    bool operator==(const LoggerSettings&) const = default;
};

struct PerformanceSettings {
    std::uint32_t max_search_threads = 0;                // 0: one for each CPU
    std::uint32_t max_optimization_runtime_threads = 0;  // 0: as the CPU budget allows
    std::int32_t optimizer_cpu_budget = 0;  // 0: by the number of CPUs; below 0: CPUs minus n
    std::optional<std::uint32_t> update_rate_limit;
    std::optional<std::uint32_t> search_timeout_sec;  // none: 60
    std::uint32_t max_concurrent_collection_loads = 1;
    std::uint32_t max_concurrent_shard_loads = 1;
    bool operator==(const PerformanceSettings&) const = default;
};

struct OptimizerSettings {
    double deleted_threshold = 0.2;
    std::uint64_t vacuum_min_vector_number = 1000;
    std::uint32_t default_segment_number = 0;
    std::optional<std::uint64_t> max_segment_size_kb;
    std::uint64_t indexing_threshold_kb = 10000;
    std::optional<std::uint64_t> memmap_threshold_kb;
    std::uint64_t flush_interval_sec = 5;
    std::optional<std::uint32_t> max_optimization_threads;
    std::optional<bool> prevent_unoptimized;
    bool operator==(const OptimizerSettings&) const = default;
};

struct HnswSettings {
    std::uint32_t m = 16;
    std::uint32_t ef_construct = 100;
    std::uint64_t full_scan_threshold_kb = 10000;
    std::uint32_t max_indexing_threads = 0;
    bool on_disk = false;
    std::optional<std::uint32_t> payload_m;
    bool operator==(const HnswSettings&) const = default;
};

/// Defaults of collections created without them.
struct CollectionSettings {
    std::uint32_t replication_factor = 1;
    std::uint32_t write_consistency_factor = 1;
    std::optional<std::uint32_t> shard_number;
    std::optional<std::uint32_t> shard_number_per_node;
    std::optional<bool> vectors_on_disk;
    bool operator==(const CollectionSettings&) const = default;
};

struct StorageSettings {
    std::string storage_path = "./storage";
    std::string snapshots_path = "./snapshots";
    std::optional<std::string> temp_path;
    bool on_disk_payload = true;
    std::optional<std::uint32_t> update_concurrency;
    std::optional<std::uint32_t> update_queue_size;  // none: 200
    bool handle_collection_load_errors = false;
    std::optional<std::string> recovery_mode;
    NodeType node_type = NodeType::kNormal;
    std::optional<std::uint64_t> max_collections;
    bool quotas_enabled = false;
    std::uint32_t wal_capacity_mb = 32;
    DurabilityMode durability = DurabilityMode::kDisk;  // ours
    std::uint32_t wal_sync_interval_ms = 100;           // ours; for `durability: interval`
    PerformanceSettings performance;
    OptimizerSettings optimizers;
    HnswSettings hnsw_index;
    CollectionSettings collection;
    bool operator==(const StorageSettings&) const = default;
};

struct ServiceSettings {
    std::string host = "0.0.0.0";
    std::uint16_t http_port = 6333;
    std::optional<std::uint16_t> grpc_port = 6334;
    std::optional<std::uint16_t> metrics_port;
    std::uint64_t max_request_size_mb = 32;
    std::optional<std::uint32_t> max_workers =
        0;  // 0: CPUs minus one; none: as many as search threads
    std::uint64_t http_keep_alive_timeout_sec = 5;
    std::uint64_t http_client_request_timeout_sec = 5;
    std::uint64_t http_client_disconnect_timeout_sec = 5;
    bool enable_cors = true;
    bool enable_tls = false;
    bool verify_https_client_certificate = false;
    std::optional<std::string> api_key;
    std::optional<std::string> alt_api_key;
    std::optional<std::string> read_only_api_key;
    std::optional<bool> jwt_rbac;
    std::optional<double> slow_query_secs;  // none: 1.2
    std::optional<bool> hardware_reporting;
    std::optional<std::string> metrics_prefix;
    bool operator==(const ServiceSettings&) const = default;
};

struct ConsensusSettings {
    std::uint32_t max_message_queue_size = 100;
    std::uint64_t tick_period_ms = 100;
    std::uint64_t bootstrap_timeout_sec = 15;
    std::uint64_t message_timeout_ticks = 10;
    std::uint64_t compact_wal_entries = 128;  // 0: never
    bool operator==(const ConsensusSettings&) const = default;
};

struct ClusterSettings {
    bool enabled = false;
    std::optional<std::uint64_t> peer_id;  // none: drawn when the peer is first initialised
    std::uint64_t grpc_timeout_ms = 60000;
    std::uint64_t connection_timeout_ms = 2000;
    std::uint16_t p2p_port = 6335;
    std::uint32_t p2p_connection_pool_size = 2;
    bool p2p_enable_tls = false;
    ConsensusSettings consensus;
    bool resharding_enabled = false;
    std::optional<std::string> uri;        // --uri, QDRANT_URI
    std::optional<std::string> bootstrap;  // --bootstrap, QDRANT_BOOTSTRAP
    bool reinit = false;                   // --reinit
    bool operator==(const ClusterSettings&) const = default;
};

struct Settings {
    LoggerSettings logger;
    StorageSettings storage;
    ServiceSettings service;
    ClusterSettings cluster;
    bool telemetry_disabled = false;
    bool audit_enabled = false;
    bool operator==(const Settings&) const = default;
};

/// A line about the configuration that is logged once the log is set up.
struct SettingsNote {
    bool error = false;  // ERROR instead of WARN
    std::string text;
    bool operator==(const SettingsNote&) const = default;
};

struct LoadedSettings {
    Settings settings;
    std::vector<SettingsNote> notes;
};

/// Joins all sources; relative paths start at `directory`. A value out of its range gives a note
/// and the nearest allowed value; a value of the wrong type, a malformed file or a setting this
/// build cannot honour is an error.
Result<LoadedSettings> load_settings(const CommandLine& command_line,
                                     const Environment& environment,
                                     const std::filesystem::path& directory);

/// Every key that has a meaning, in the dotted form of messages; for tests and documents.
std::vector<std::string> known_setting_keys();

}  // namespace qdrantd
