// SPDX-License-Identifier: Apache-2.0
// The floor behind the doors of one process: collections, their catalog and the pools that serve
// them. How to use: Node::open(), hand points() and collections() to the doors, start(), stop().
// Thread safety: all methods. Ownership: owns the pools, the catalog and all collections.
// Errors: open() fails when the storage folder or the catalog cannot be used; a damaged shard fails
// alone.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <qdrantd/cluster/collection_service.hpp>
#include <qdrantd/cluster/point_service.hpp>
#include <qdrantd/shard/shard.hpp>

namespace qdrantd::cluster {

/// Defaults for what a create request leaves open.
struct CollectionDefaults {
    model::HnswConfig hnsw;
    model::OptimizersConfig optimizers;
    model::WalConfig wal;
    std::uint32_t shard_number = 1;
    std::uint32_t replication_factor = 1;
    std::uint32_t write_consistency_factor = 1;
    bool on_disk_payload = true;
};

struct NodeOptions {
    std::string storage_path;
    std::size_t search_threads = 2;
    std::size_t search_queue_max = 10000;  // waiting reads; beyond it kUnavailable
    std::size_t write_threads = 4;         // writers block on the disk, so a few more than cores
    std::size_t background_threads = 2;
    std::uint32_t max_collections = 0;  // 0 = no limit
    shard::Durability durability = shard::Durability::kDisk;
    std::uint32_t sync_interval_ms = 5000;
    std::size_t update_queue_max = 200;  // waiting updates per shard
    std::size_t block_cache_bytes = 64UL << 20;
    std::size_t write_buffer_bytes = 128UL << 20;
    Duration read_timeout = std::chrono::seconds(60);  // where the request says none
    CollectionDefaults defaults;
};

class Node {
  public:
    static Result<std::unique_ptr<Node>> open(NodeOptions options);
    virtual ~Node() = default;

    virtual PointService& points() = 0;
    virtual CollectionService& collections() = 0;
    /// Opens all collections in the background; CollectionService::ready() turns true when done.
    virtual void start() = 0;
    /// Refuses new work, finishes what runs, flushes and closes. May be called more than once.
    virtual void stop() = 0;
};

}  // namespace qdrantd::cluster
