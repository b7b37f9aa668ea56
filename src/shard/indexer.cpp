// SPDX-License-Identifier: Apache-2.0
#include "shard/indexer.hpp"

namespace qdrantd::shard {

namespace {

constexpr std::size_t kSlice = 128;  // vectors; some ten milliseconds
/// From here on a second thread is worth it.
constexpr std::size_t kManyLeft = 4 * kSlice;
constexpr Duration kRetryPause = std::chrono::milliseconds(100);

}  // namespace

void Indexer::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        if (workers_ > 0) return;
        ++workers_;
    }
    start_worker();
}

void Indexer::start_worker() {
    if (options_.background->post([this] { work(); }).ok()) return;
    // after() tries until there is room.
    options_.background->after(kRetryPause, [this] { work(); });
}

void Indexer::work() {
    bool another = false;
    bool again = false;
    bool done = false;
    std::size_t left = 0;
    {
        const std::lock_guard lock(mutex_);
        woken_ = false;
    }
    // The data is let go before the next slice, so that a failed shard can be closed.
    if (const auto data = options_.data()) left = data->segment()->index_some(kSlice);
    {
        const std::lock_guard lock(mutex_);
        if (left > 0) {
            linking_ = true;
            again = true;
            if (left > kManyLeft && workers_ < options_.workers_max) {
                ++workers_;
                another = true;
            }
        } else if (woken_) {
            again = true;
        } else {
            --workers_;
            done = workers_ == 0 && linking_;
            if (done) linking_ = false;
        }
    }
    if (another) start_worker();
    if (again) start_worker();
    if (done) options_.on_done();
}

bool Indexer::optimizing() const {
    const std::lock_guard lock(mutex_);
    return linking_;
}

}  // namespace qdrantd::shard
