// SPDX-License-Identifier: Apache-2.0
#include "raft/progress.hpp"

#include <algorithm>

#include "raft/mutant.hpp"

namespace qdrantd::raft {

bool Progress::paused() const {
    switch (state_) {
        case ProgressState::kProbe:
            return probe_sent_;
        case ProgressState::kReplicate:
            return inflights_.full() && !mutant(Mutant::kInflightsUnbounded);
        case ProgressState::kSnapshot:
            return true;
    }
    return true;
}

void Progress::become_probe() {
    // After a snapshot the follower has at least what the snapshot covered, if it arrived.
    const Index from = state_ == ProgressState::kSnapshot ? pending_snapshot_ : match_;
    next_ = std::max(match_, from) + 1;
    state_ = ProgressState::kProbe;
    probe_sent_ = false;
    pending_snapshot_ = 0;
    inflights_.clear();
}

void Progress::become_replicate() {
    state_ = ProgressState::kReplicate;
    next_ = match_ + 1;
    probe_sent_ = false;
    pending_snapshot_ = 0;
    inflights_.clear();
}

void Progress::become_snapshot(Index index) {
    state_ = ProgressState::kSnapshot;
    pending_snapshot_ = index;
    snapshot_ticks_ = 0;
    inflights_.clear();
}

void Progress::abort_snapshot() {
    pending_snapshot_ = 0;
    become_probe();
}

void Progress::sent_entries(std::size_t count, std::size_t bytes) {
    if (state_ == ProgressState::kProbe) {
        probe_sent_ = true;
        return;
    }
    if (count == 0) return;
    next_ += count;
    inflights_.add(next_ - 1, bytes);
}

bool Progress::acknowledged(Index index) {
    probe_sent_ = false;
    inflights_.free_to(index);
    if (index <= match_) return false;
    match_ = index;
    next_ = std::max(next_, index + 1);
    return true;
}

bool Progress::refused(Index refused, Index hint) {
    if (state_ == ProgressState::kSnapshot) return false;
    if (state_ == ProgressState::kReplicate) {
        if (refused <= match_) return false;  // an old answer: that much is known to match
        become_probe();
        return true;
    }
    if (next_ - 1 != refused) return false;  // not the answer to the probe under way
    next_ = std::max(std::min(refused, hint + 1), match_ + 1);
    probe_sent_ = false;
    return true;
}

void Progress::regress(Index hint) {
    match_ = 0;
    become_probe();
    next_ = hint + 1;
}

bool Progress::snapshot_timed_out(std::uint32_t limit) {
    return state_ == ProgressState::kSnapshot && ++snapshot_ticks_ >= limit;
}

}  // namespace qdrantd::raft
