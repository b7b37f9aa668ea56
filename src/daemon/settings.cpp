// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.hpp"

#include <system_error>

#include <fmt/format.h>

#include "daemon/log_setup.hpp"
#include "daemon/settings_reader.hpp"

namespace qdrantd {

namespace {

constexpr std::uint64_t kMostPeerId = (std::uint64_t{1} << 53U) - 1;
constexpr auto kAtLeastOne = std::uint64_t{1};
constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();
constexpr auto kNoLimit32 = std::numeric_limits<std::uint32_t>::max();

void read_logger(SettingsReader& in, LoggerSettings& out) {
    in.read("log_level", out.log_level);
    std::string_view level_key = "log_level";
    std::optional<std::string> level;
    in.read("logger.log_level", level);
    if (level) {
        if (in.tree().find("log_level") != nullptr) {
            in.notes().push_back({false, "logger.log_level is used, log_level is not"});
        }
        out.log_level = *level;
        level_key = "logger.log_level";
    }
    in.read_word("logger.format", out.format,
                 {{"text", LogFormat::kText}, {"json", LogFormat::kJson}});
    in.read_word(
        "logger.color", out.color,
        {{"auto", ColorMode::kAuto}, {"true", ColorMode::kAlways}, {"false", ColorMode::kNever}});
    in.read("logger.on_disk.enabled", out.on_disk.enabled);
    in.read("logger.on_disk.log_file", out.on_disk.log_file);
    in.read("logger.on_disk.log_level", out.on_disk.log_level);
    in.read_word("logger.on_disk.format", out.on_disk.format,
                 {{"text", LogFormat::kText}, {"json", LogFormat::kJson}});
    in.read("logger.on_disk.buffer_size_bytes", out.on_disk.buffer_size_bytes);
    const auto check_level = [&in](std::string_view key, const std::string& text) {
        if (parse_log_level(text)) return;
        in.mistake(
            key,
            fmt::format("expected a level such as INFO or debug,target=trace, found '{}'", text));
    };
    check_level(level_key, out.log_level);
    check_level("logger.on_disk.log_level", out.on_disk.log_level);
    if (out.on_disk.enabled && out.on_disk.log_file.value_or("").empty()) {
        in.mistake("logger.on_disk.log_file", "needed when logger.on_disk.enabled is true");
    }
}

void read_performance(SettingsReader& in, PerformanceSettings& out) {
    in.read("storage.performance.max_search_threads", out.max_search_threads);
    in.read("storage.performance.max_optimization_runtime_threads",
            out.max_optimization_runtime_threads);
    in.read("storage.performance.optimizer_cpu_budget", out.optimizer_cpu_budget);
    in.read("storage.performance.update_rate_limit", out.update_rate_limit);
    in.read("storage.performance.search_timeout_sec", out.search_timeout_sec);
    in.read("storage.performance.max_concurrent_collection_loads",
            out.max_concurrent_collection_loads, 1U, kNoLimit32);
    in.read("storage.performance.max_concurrent_shard_loads", out.max_concurrent_shard_loads, 1U,
            kNoLimit32);
}

void read_optimizers(SettingsReader& in, OptimizerSettings& out) {
    in.read("storage.optimizers.deleted_threshold", out.deleted_threshold, 0.0, 1.0);
    in.read("storage.optimizers.vacuum_min_vector_number", out.vacuum_min_vector_number,
            std::uint64_t{100}, kNoLimit);
    in.read("storage.optimizers.default_segment_number", out.default_segment_number);
    in.read("storage.optimizers.max_segment_size_kb", out.max_segment_size_kb, kAtLeastOne,
            kNoLimit);
    in.read("storage.optimizers.indexing_threshold_kb", out.indexing_threshold_kb);
    in.read("storage.optimizers.memmap_threshold_kb", out.memmap_threshold_kb);
    in.read("storage.optimizers.flush_interval_sec", out.flush_interval_sec);
    in.read("storage.optimizers.max_optimization_threads", out.max_optimization_threads);
    in.read("storage.optimizers.prevent_unoptimized", out.prevent_unoptimized);
}

void read_collection_defaults(SettingsReader& in, StorageSettings& out) {
    in.read("storage.hnsw_index.m", out.hnsw_index.m);
    in.read("storage.hnsw_index.ef_construct", out.hnsw_index.ef_construct, 4U, kNoLimit32);
    in.read("storage.hnsw_index.full_scan_threshold_kb", out.hnsw_index.full_scan_threshold_kb);
    in.read("storage.hnsw_index.max_indexing_threads", out.hnsw_index.max_indexing_threads);
    in.read("storage.hnsw_index.on_disk", out.hnsw_index.on_disk);
    in.read("storage.hnsw_index.payload_m", out.hnsw_index.payload_m);
    in.read("storage.collection.replication_factor", out.collection.replication_factor, 1U,
            kNoLimit32);
    in.read("storage.collection.write_consistency_factor", out.collection.write_consistency_factor,
            1U, kNoLimit32);
    in.read("storage.collection.shard_number", out.collection.shard_number, 1U, kNoLimit32);
    in.read("storage.collection.shard_number_per_node", out.collection.shard_number_per_node, 1U,
            kNoLimit32);
    in.read("storage.collection.vectors.on_disk", out.collection.vectors_on_disk);
}

void read_storage(SettingsReader& in, StorageSettings& out) {
    in.read("storage.storage_path", out.storage_path);
    in.read("storage.snapshots_path", out.snapshots_path);
    in.read("storage.temp_path", out.temp_path);
    if (out.storage_path.empty()) in.mistake("storage.storage_path", "must not be empty");
    if (out.snapshots_path.empty()) in.mistake("storage.snapshots_path", "must not be empty");
    in.read("storage.on_disk_payload", out.on_disk_payload);
    in.read("storage.update_concurrency", out.update_concurrency, 1U, kNoLimit32);
    in.read("storage.update_queue_size", out.update_queue_size);
    in.read("storage.handle_collection_load_errors", out.handle_collection_load_errors);
    in.read("storage.recovery_mode", out.recovery_mode);
    in.read_word("storage.node_type", out.node_type,
                 {{"Normal", NodeType::kNormal}, {"Listener", NodeType::kListener}});
    in.read("storage.max_collections", out.max_collections);
    in.read("storage.quotas.enabled", out.quotas_enabled);
    in.read("storage.wal.wal_capacity_mb", out.wal_capacity_mb, 1U, kNoLimit32);
    in.read_word("storage.durability", out.durability,
                 {{"disk", DurabilityMode::kDisk},
                  {"interval", DurabilityMode::kInterval},
                  {"os", DurabilityMode::kOs}});
    in.read("storage.wal_sync_interval_ms", out.wal_sync_interval_ms, 1U, 60'000U);
    read_performance(in, out.performance);
    read_optimizers(in, out.optimizers);
    read_collection_defaults(in, out);
}

void read_service(SettingsReader& in, ServiceSettings& out) {
    in.read("service.host", out.host);
    if (out.host.empty()) in.mistake("service.host", "must not be empty");
    in.read("service.http_port", out.http_port);
    in.read("service.grpc_port", out.grpc_port);
    in.read("service.metrics_port", out.metrics_port);
    in.read("service.max_request_size_mb", out.max_request_size_mb);
    in.read("service.max_workers", out.max_workers);
    in.read("service.http_keep_alive_timeout_sec", out.http_keep_alive_timeout_sec, kAtLeastOne,
            kNoLimit);
    in.read("service.http_client_request_timeout_sec", out.http_client_request_timeout_sec,
            kAtLeastOne, kNoLimit);
    in.read("service.http_client_disconnect_timeout_sec", out.http_client_disconnect_timeout_sec,
            kAtLeastOne, kNoLimit);
    in.read("service.enable_cors", out.enable_cors);
    in.read("service.enable_tls", out.enable_tls);
    in.read("service.verify_https_client_certificate", out.verify_https_client_certificate);
    in.read("service.api_key", out.api_key);
    in.read("service.alt_api_key", out.alt_api_key);
    in.read("service.read_only_api_key", out.read_only_api_key);
    in.read("service.jwt_rbac", out.jwt_rbac);
    in.read("service.slow_query_secs", out.slow_query_secs, 0.0, 1e9);
    in.read("service.hardware_reporting", out.hardware_reporting);
    in.read("service.metrics_prefix", out.metrics_prefix);
}

void read_cluster(SettingsReader& in, ClusterSettings& out) {
    in.read("cluster.enabled", out.enabled);
    in.read("cluster.peer_id", out.peer_id, kAtLeastOne, kMostPeerId);
    in.read("cluster.grpc_timeout_ms", out.grpc_timeout_ms, kAtLeastOne, kNoLimit);
    in.read("cluster.connection_timeout_ms", out.connection_timeout_ms, kAtLeastOne, kNoLimit);
    in.read("cluster.p2p.port", out.p2p_port);
    in.read("cluster.p2p.connection_pool_size", out.p2p_connection_pool_size, 1U, kNoLimit32);
    in.read("cluster.p2p.enable_tls", out.p2p_enable_tls);
    in.read("cluster.consensus.max_message_queue_size", out.consensus.max_message_queue_size);
    in.read("cluster.consensus.tick_period_ms", out.consensus.tick_period_ms, kAtLeastOne,
            kNoLimit);
    in.read("cluster.consensus.bootstrap_timeout_sec", out.consensus.bootstrap_timeout_sec,
            kAtLeastOne, kNoLimit);
    in.read("cluster.consensus.message_timeout_ticks", out.consensus.message_timeout_ticks,
            kAtLeastOne, kNoLimit);
    in.read("cluster.consensus.compact_wal_entries", out.consensus.compact_wal_entries);
    in.read("cluster.resharding_enabled", out.resharding_enabled);
}

/// Starting without what these ask for would leave data open, or mislead its owner.
void refuse_unsupported(SettingsReader& in, const Settings& settings) {
    const auto refuse = [&in](bool asked, std::string_view key, std::string_view what) {
        if (asked) in.mistake(key, fmt::format("this version has no {}", what));
    };
    const auto set = [](const std::optional<std::string>& text) {
        return !text.value_or("").empty();
    };
    const auto& service = settings.service;
    refuse(settings.cluster.enabled, "cluster.enabled", "cluster mode");
    refuse(service.enable_tls, "service.enable_tls", "TLS");
    refuse(service.verify_https_client_certificate, "service.verify_https_client_certificate",
           "TLS");
    refuse(set(service.api_key), "service.api_key", "authentication");
    refuse(set(service.alt_api_key), "service.alt_api_key", "authentication");
    refuse(set(service.read_only_api_key), "service.read_only_api_key", "authentication");
    refuse(service.jwt_rbac.value_or(false), "service.jwt_rbac", "authentication");
    refuse(settings.audit_enabled, "audit.enabled", "audit log");
    refuse(settings.storage.recovery_mode.has_value(), "storage.recovery_mode", "recovery mode");
    refuse(settings.storage.node_type == NodeType::kListener, "storage.node_type",
           "node type Listener");
    refuse(settings.storage.quotas_enabled, "storage.quotas.enabled", "quotas");
}

Settings read_all(SettingsReader& in) {
    Settings settings;
    read_logger(in, settings.logger);
    read_storage(in, settings.storage);
    read_service(in, settings.service);
    read_cluster(in, settings.cluster);
    in.read("telemetry_disabled", settings.telemetry_disabled);
    in.read("audit.enabled", settings.audit_enabled);
    return settings;
}

void apply_flags(const CommandLine& flags, Settings& settings, std::vector<SettingsNote>& notes) {
    settings.telemetry_disabled = settings.telemetry_disabled || flags.disable_telemetry;
    settings.cluster.uri = flags.uri;
    settings.cluster.bootstrap = flags.bootstrap;
    settings.cluster.reinit = flags.reinit;
    if (flags.bootstrap && flags.bootstrap == flags.uri) {
        notes.push_back({false, "--bootstrap names this peer itself, which is taken as the first"});
        settings.cluster.bootstrap.reset();
    }
}

/// Joins the files, weakest first.
class FileLayers {
  public:
    explicit FileLayers(std::filesystem::path directory) : directory_(std::move(directory)) {}

    /// Reads `name`, or `name`.yaml, or `name`.yml. False when none is there.
    bool add(const std::string& name) {
        for (const auto* suffix : {"", ".yaml", ".yml"}) {
            if (*suffix == '\0' && !std::filesystem::path(name).has_extension()) continue;
            const auto label = name + suffix;
            const auto path = directory_ / label;
            std::error_code ignored;
            if (!std::filesystem::is_regular_file(path, ignored)) continue;
            auto file = read_yaml_file(path.string(), label);
            if (file.ok()) {
                tree_.merge(*file);
            } else {
                mistakes_.push_back(file.error().message);
            }
            return true;
        }
        return false;
    }

    ConfigTree& tree() { return tree_; }
    std::vector<std::string>& mistakes() { return mistakes_; }

  private:
    const std::filesystem::path directory_;
    ConfigTree tree_;
    std::vector<std::string> mistakes_;
};

}  // namespace

Result<LoadedSettings> load_settings(const CommandLine& command_line,
                                     const Environment& environment,
                                     const std::filesystem::path& directory) {
    std::vector<SettingsNote> notes;
    FileLayers layers(directory);
    const auto* run_mode = find_variable(environment, "RUN_MODE");
    const auto mode_file =
        "config/" + (run_mode == nullptr || run_mode->empty() ? "development" : *run_mode);
    for (const auto& name : {std::string("config/config"), mode_file}) {
        if (!layers.add(name)) notes.push_back({false, "Config file not found: " + name});
    }
    layers.add("config/local");
    if (command_line.config_path && !layers.add(*command_line.config_path)) {
        notes.push_back({true, "Config file not found: " + *command_line.config_path});
    }
    layers.tree().merge(environment_tree(environment));

    SettingsReader reader(layers.tree());
    LoadedSettings loaded;
    loaded.settings = read_all(reader);
    refuse_unsupported(reader, loaded.settings);

    auto mistakes = std::move(layers.mistakes());
    mistakes.insert(mistakes.end(), reader.mistakes().begin(), reader.mistakes().end());
    if (!mistakes.empty()) {
        return Error{ErrorCode::kFormat,
                     fmt::format("the configuration has {} mistake{}:\n  {}", mistakes.size(),
                                 mistakes.size() == 1 ? "" : "s", fmt::join(mistakes, "\n  "))};
    }
    notes.insert(notes.end(), reader.notes().begin(), reader.notes().end());
    apply_flags(command_line, loaded.settings, notes);
    loaded.notes = std::move(notes);
    return loaded;
}

std::vector<std::string> known_setting_keys() {
    const ConfigTree empty;
    SettingsReader reader(empty);
    static_cast<void>(read_all(reader));
    return reader.known();
}

}  // namespace qdrantd
