// SPDX-License-Identifier: Apache-2.0
#include "engine/read_view.hpp"

#include <algorithm>

#include <qdrantd/common/assert.hpp>

namespace qdrantd::engine {

ReadView::~ReadView() {
    if (tracker_ != nullptr) tracker_->release(state_.seq);
}

ReadView ViewTracker::take() {
    const std::lock_guard lock(mutex_);
    const auto seq = current_.seq.value;
    if (in_use_.empty() || in_use_.back().seq != seq) in_use_.push_back({seq, 0});
    ++in_use_.back().views;
    return {this, current_};
}

void ViewTracker::publish(Published state) {
    const std::lock_guard lock(mutex_);
    QD_ASSERT(state.seq >= current_.seq);
    QD_ASSERT(state.slots >= current_.slots);
    // Two states under one number would be told apart by nothing, so slots may only come with a
    // new number; the first state (after opening) is the exception.
    current_ = state;
}

Published ViewTracker::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

OpSeq ViewTracker::oldest() const {
    const std::lock_guard lock(mutex_);
    return in_use_.empty() ? current_.seq : OpSeq(in_use_.front().seq);
}

void ViewTracker::release(OpSeq seq) {
    const std::lock_guard lock(mutex_);
    const auto at = std::lower_bound(in_use_.begin(), in_use_.end(), seq.value,
                                     [](const Count& c, std::uint64_t s) { return c.seq < s; });
    QD_ASSERT(at != in_use_.end() && at->seq == seq.value && at->views > 0);
    --at->views;
    while (!in_use_.empty() && in_use_.front().views == 0)
        in_use_.pop_front();
    while (!in_use_.empty() && in_use_.back().views == 0)
        in_use_.pop_back();
}

}  // namespace qdrantd::engine
