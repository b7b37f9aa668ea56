// SPDX-License-Identifier: Apache-2.0
#include "raft/conf_history.hpp"

#include <algorithm>

#include <qdrantd/common/assert.hpp>

namespace qdrantd::raft {

bool ConfHistory::knows(PeerId peer) const {
    return std::any_of(placed_.begin(), placed_.end(),
                       [&](const PlacedConf& placed) { return placed.conf.contains(peer); });
}

void ConfHistory::reset(Index index, ConfState conf) {
    placed_.clear();
    placed_.push_back({index, std::move(conf)});
}

void ConfHistory::append(Index index, ConfState conf) {
    QD_ASSERT(index > latest().index);
    placed_.push_back({index, std::move(conf)});
}

bool ConfHistory::truncate_from(Index index) {
    QD_ASSERT(committed().index < index);
    bool changed = false;
    while (placed_.back().index >= index) {
        placed_.pop_back();
        changed = true;
    }
    return changed;
}

void ConfHistory::commit_to(Index index) {
    while (placed_.size() > 1 && placed_[1].index <= index)
        placed_.pop_front();
}

}  // namespace qdrantd::raft
