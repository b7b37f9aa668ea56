// SPDX-License-Identifier: Apache-2.0
#include "engine/vector_graph.hpp"

#include <algorithm>

namespace qdrantd::engine {
namespace {

/// Slots claimed at once: few, so that a pause is granted within milliseconds.
constexpr std::size_t kClaimMax = 32;

}  // namespace

VectorGraph::VectorGraph(index::HnswOptions options, const vec::VectorRows& rows)
    : options_(options), index_(std::make_unique<index::HnswIndex>(options, rows)) {}

VectorGraph::VectorGraph(index::HnswOptions options, std::unique_ptr<index::HnswIndex> index,
                         Slot floor)
    : options_(options), index_(std::move(index)), next_(floor) {}

Slot VectorGraph::floor() const {
    const std::lock_guard lock(mutex_);
    return in_flight_.empty() ? next_ : *in_flight_.begin();
}

VectorGraph::Claim VectorGraph::claim(std::size_t limit, Slot end) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return pauses_ == 0; });
    if (next_ >= end) return {};
    const auto n = static_cast<Slot>(std::min<std::size_t>({limit, kClaimMax, end - next_}));
    const Claim claim{next_, next_ + n};
    next_ = claim.end;
    if (n > 0) in_flight_.insert(claim.begin);
    return claim;
}

void VectorGraph::finish(Claim claim) {
    const std::lock_guard lock(mutex_);
    in_flight_.erase(claim.begin);
    changed_.notify_all();
}

std::size_t VectorGraph::link(std::size_t limit, Slot end,
                              const std::function<bool(Slot)>& wanted) {
    std::size_t done = 0;
    while (done < limit) {
        const auto mine = claim(limit - done, end);
        if (mine.begin == mine.end) break;
        for (auto slot = mine.begin; slot < mine.end; ++slot) {
            if (wanted(slot)) index_->insert(slot);
        }
        finish(mine);
        done += mine.end - mine.begin;
    }
    return done;
}

VectorGraph::Pause::Pause(VectorGraph& graph) : graph_(graph) {
    std::unique_lock lock(graph_.mutex_);
    ++graph_.pauses_;
    graph_.changed_.wait(lock, [&] { return graph_.in_flight_.empty(); });
}

VectorGraph::Pause::~Pause() {
    const std::lock_guard lock(graph_.mutex_);
    --graph_.pauses_;
    graph_.changed_.notify_all();
}

}  // namespace qdrantd::engine
