// SPDX-License-Identifier: Apache-2.0
#include "daemon/wiring.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <qdrantd/api/rest/server.hpp>
#include <qdrantd/common/log.hpp>

#include "daemon/log_setup.hpp"
#include "daemon/version.hpp"

namespace qdrantd {

namespace {

/// Background CPUs by the optimizer budget: n, or all but n, at least one.
std::size_t background_threads(std::int32_t budget, std::size_t processors) {
    if (budget > 0) return static_cast<std::size_t>(budget);
    const auto spared = static_cast<std::size_t>(-static_cast<std::int64_t>(budget));
    return processors > spared ? processors - spared : 1;
}

shard::Durability to_durability(DurabilityMode mode) {
    switch (mode) {
        case DurabilityMode::kDisk:
            return shard::Durability::kDisk;
        case DurabilityMode::kInterval:
            return shard::Durability::kInterval;
        case DurabilityMode::kOs:
            return shard::Durability::kOs;
    }
    return shard::Durability::kDisk;
}

cluster::CollectionDefaults to_defaults(const StorageSettings& storage) {
    cluster::CollectionDefaults defaults;
    const auto& optimizers = storage.optimizers;
    defaults.optimizers.deleted_threshold = optimizers.deleted_threshold;
    defaults.optimizers.vacuum_min_vector_number = optimizers.vacuum_min_vector_number;
    defaults.optimizers.default_segment_number = optimizers.default_segment_number;
    defaults.optimizers.max_segment_size = optimizers.max_segment_size_kb;
    defaults.optimizers.memmap_threshold = optimizers.memmap_threshold_kb;
    defaults.optimizers.indexing_threshold = optimizers.indexing_threshold_kb;
    defaults.optimizers.flush_interval_sec = optimizers.flush_interval_sec;
    if (optimizers.max_optimization_threads) {
        defaults.optimizers.max_optimization_threads = *optimizers.max_optimization_threads;
    }
    defaults.optimizers.prevent_unoptimized = optimizers.prevent_unoptimized;
    const auto& hnsw = storage.hnsw_index;
    defaults.hnsw.m = hnsw.m;
    defaults.hnsw.ef_construct = hnsw.ef_construct;
    defaults.hnsw.full_scan_threshold = hnsw.full_scan_threshold_kb;
    defaults.hnsw.max_indexing_threads = hnsw.max_indexing_threads;
    defaults.hnsw.on_disk = hnsw.on_disk;
    if (hnsw.payload_m) defaults.hnsw.payload_m = *hnsw.payload_m;
    defaults.wal.wal_capacity_mb = storage.wal_capacity_mb;
    const auto& collection = storage.collection;
    defaults.shard_number =
        collection.shard_number.value_or(collection.shard_number_per_node.value_or(1));
    defaults.replication_factor = collection.replication_factor;
    defaults.write_consistency_factor = collection.write_consistency_factor;
    defaults.on_disk_payload = storage.on_disk_payload;
    return defaults;
}

rest::Options to_server_options(const ServiceSettings& service, std::size_t processors) {
    rest::Options options;
    options.host = service.host;
    options.port = service.http_port;
    const std::size_t workers = service.max_workers.value_or(0);
    options.threads = workers != 0 ? workers : std::max<std::size_t>(1, processors - 1);
    options.max_request_bytes = service.max_request_size_mb << 20;
    options.keep_alive_timeout = std::chrono::seconds(service.http_keep_alive_timeout_sec);
    options.head_timeout = std::chrono::seconds(service.http_client_request_timeout_sec);
    options.disconnect_timeout = std::chrono::seconds(service.http_client_disconnect_timeout_sec);
    options.enable_cors = service.enable_cors;
    return options;
}

std::size_t processor_count() {
    if (const char* given = std::getenv("QDRANT_NUM_CPUS")) {
        const auto count = std::strtoul(given, nullptr, 10);
        if (count > 0) return count;
    }
    return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

sigset_t ending_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGQUIT);
    return signals;
}

int refuse(const Error& error) {
    flush_log();
    std::fprintf(stderr, "Error: %s\n", error.message.c_str());
    return 1;
}

}  // namespace

cluster::NodeOptions to_node_options(const Settings& settings, std::size_t processors) {
    const auto& storage = settings.storage;
    cluster::NodeOptions options;
    options.storage_path = storage.storage_path;
    const std::size_t searchers = storage.performance.max_search_threads;
    options.search_threads = searchers != 0 ? searchers : processors;
    options.write_threads = std::max<std::size_t>(4, processors);
    options.background_threads =
        background_threads(storage.performance.optimizer_cpu_budget, processors);
    options.max_collections = static_cast<std::uint32_t>(storage.max_collections.value_or(0));
    options.durability = to_durability(storage.durability);
    options.sync_interval_ms = storage.wal_sync_interval_ms;
    options.update_queue_max = storage.update_queue_size.value_or(200);
    options.read_timeout =
        std::chrono::seconds(storage.performance.search_timeout_sec.value_or(60));
    options.defaults = to_defaults(storage);
    return options;
}

int serve(const LoadedSettings& loaded) {
    const auto& settings = loaded.settings;
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    std::fputs(banner(settings.service, terminal).c_str(), stdout);
    std::fflush(stdout);
    configure_log(to_log_options(settings.logger, terminal));
    for (const auto& note : loaded.notes) {
        log_at(note.error ? LogLevel::kError : LogLevel::kWarn, "daemon", note.text, "");
    }
    // Blocked before any thread starts, so that only sigwait below takes them. A broken connection
    // is an error of its write.
    const auto signals = ending_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);

    const auto processors = processor_count();
    auto node = cluster::Node::open(to_node_options(settings, processors));
    if (!node.ok()) return refuse(node.error());
    rest::Server server(to_server_options(settings.service, processors), (*node)->points(),
                        (*node)->collections());
    if (const auto started = server.start(); !started.ok()) return refuse(started.error());
    (*node)->start();
    log_info("daemon", "Distributed mode disabled", "");
    log_info("daemon", fmt::format("Qdrant HTTP listening on {}", server.port()), "");

    int signal_number = 0;
    sigwait(&signals, &signal_number);
    log_info("daemon", "stopping", "signal={}", signal_number);
    // A second signal ends the process at once.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    server.stop();
    (*node)->stop();
    log_info("daemon", "stopped", "");
    flush_log();
    return 0;
}

}  // namespace qdrantd
