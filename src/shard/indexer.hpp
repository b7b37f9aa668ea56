// SPDX-License-Identifier: Apache-2.0
// Links new vectors into the graphs in the background: small slices, up to two at a time, until
// nothing is left. How to use: wake() after each change; optimizing() tells whether it is at work.
// Thread safety: all methods. Ownership: borrows what Options names; nothing runs after the
// background stopped.
#pragma once

#include <functional>
#include <mutex>

#include "shard/background.hpp"
#include "shard/shard_data.hpp"

namespace qdrantd::shard {

class Indexer {
  public:
    struct Options {
        Background* background = nullptr;
        std::function<std::shared_ptr<ShardData>()> data;  // null while the shard is failed
        std::function<void()> on_done;                     // graphs grew and are complete
        std::size_t workers_max = 2;
    };
    explicit Indexer(Options options) : options_(std::move(options)) {}

    void wake();
    [[nodiscard]] bool optimizing() const;

  private:
    void start_worker();
    void work();

    const Options options_;
    mutable std::mutex mutex_;
    std::size_t workers_ = 0;
    bool woken_ = false;
    bool linking_ = false;  // something was left after the last slice
};

}  // namespace qdrantd::shard
