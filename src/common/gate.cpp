// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/gate.hpp>

#include <qdrantd/common/assert.hpp>

namespace qdrantd {

Gate::Pass::~Pass() {
    if (gate_) gate_->leave();
}

Gate::~Gate() { QD_ASSERT(inside_ == 0); }

Gate::Pass Gate::enter() {
    const std::lock_guard lock(mutex_);
    if (closed_) return Pass();
    ++inside_;
    return Pass(this);
}

void Gate::leave() {
    const std::lock_guard lock(mutex_);
    QD_ASSERT(inside_ > 0);
    if (--inside_ == 0) empty_.notify_all();
}

void Gate::close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    empty_.wait(lock, [this] { return inside_ == 0; });
}

bool Gate::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

}  // namespace qdrantd
