// SPDX-License-Identifier: Apache-2.0
#include "raft/inflights.hpp"

#include <qdrantd/common/assert.hpp>

namespace qdrantd::raft {

void Inflights::add(Index last, std::size_t bytes) {
    QD_ASSERT(window_.empty() || window_.back().last < last);
    window_.push_back({last, bytes});
    bytes_ += bytes;
}

void Inflights::free_to(Index last) {
    while (!window_.empty() && window_.front().last <= last) {
        bytes_ -= window_.front().bytes;
        window_.pop_front();
    }
}

void Inflights::clear() {
    window_.clear();
    bytes_ = 0;
}

}  // namespace qdrantd::raft
