// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/cluster/node.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include <qdrantd/common/log.hpp>

#include "cluster/local_collection_service.hpp"
#include "cluster/local_point_service.hpp"

namespace qdrantd::cluster {

namespace {

/// Keeps a second process off the same data, for as long as it lives.
class FolderLock {
  public:
    static Result<std::unique_ptr<FolderLock>> take(const std::string& folder) {
        const auto path = folder + "/.lock";
        const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
        if (file < 0)
            return Error{ErrorCode::kIo,
                         fmt::format("cannot open {}: {}", path, std::strerror(errno))};
        auto lock = std::unique_ptr<FolderLock>(new FolderLock(file));
        if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
            return Error{ErrorCode::kIo,
                         fmt::format("the storage folder {} is in use by another process", folder)};
        }
        return lock;
    }
    ~FolderLock() { ::close(file_); }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    explicit FolderLock(int file) : file_(file) {}
    const int file_;
};

class StandaloneNode final : public Node {
  public:
    static Result<std::unique_ptr<Node>> open(const NodeOptions& options) {
        std::error_code error;
        std::filesystem::create_directories(options.storage_path, error);
        if (error) {
            return Error{ErrorCode::kIo, fmt::format("cannot use the storage folder {}: {}",
                                                     options.storage_path, error.message())};
        }
        QD_ASSIGN(auto lock, FolderLock::take(options.storage_path));
        auto node = std::unique_ptr<StandaloneNode>(new StandaloneNode(options, std::move(lock)));
        QD_ASSIGN(auto catalog, Catalog::open(options.storage_path, node->shared_));
        node->collections_ = std::make_unique<LocalCollectionService>(
            options,
            LocalCollectionService::Parts{std::move(catalog), &node->registry_, &node->control_,
                                          &node->searchers_, node->shard_options()});
        QD_TRY(node->collections_->load());
        return std::unique_ptr<Node>(std::move(node));
    }

    ~StandaloneNode() override { stop(); }

    PointService& points() override { return points_; }
    CollectionService& collections() override { return *collections_; }
    void start() override { collections_->open_all(); }

    void stop() override {
        if (stopped_) return;
        stopped_ = true;
        if (collections_) collections_->refuse();
        control_.stop();
        if (collections_) collections_->stop();
        searchers_.stop();
        writers_.stop();
        background_.stop();
    }

  private:
    StandaloneNode(const NodeOptions& options, std::unique_ptr<FolderLock> lock)
        : options_(options),
          lock_(std::move(lock)),
          shared_({options.block_cache_bytes, options.write_buffer_bytes, nullptr}),
          control_({.name = "control", .threads = 1, .queue_capacity = 1000}),
          searchers_({.name = "search",
                      .threads = options.search_threads,
                      .queue_capacity = options.search_queue_max}),
          writers_({.name = "write", .threads = options.write_threads, .queue_capacity = 100000}),
          background_({.name = "background",
                       .threads = options.background_threads,
                       .queue_capacity = 100000,
                       .nice = 19}),
          points_(registry_, options.read_timeout) {}

    shard::ShardOptions shard_options() {
        shard::ShardOptions shard;
        shard.durability = options_.durability;
        shard.sync_interval_ms = options_.sync_interval_ms;
        shard.queue_operations_max = options_.update_queue_max;
        shard.writers = &writers_;
        shard.background = &background_;
        shard.shared = &shared_;
        return shard;
    }

    const NodeOptions options_;
    const std::unique_ptr<FolderLock> lock_;
    store::SharedResources shared_;
    ThreadPool control_;
    ThreadPool searchers_;
    ThreadPool writers_;
    ThreadPool background_;
    Registry registry_;
    LocalPointService points_;
    std::unique_ptr<LocalCollectionService> collections_;
    bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Node>> Node::open(NodeOptions options) {
    return StandaloneNode::open(options);
}

}  // namespace qdrantd::cluster
