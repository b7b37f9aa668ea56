// SPDX-License-Identifier: Apache-2.0
// What goes out, and what is known to be durable when it comes back.
#include <qdrantd/common/assert.hpp>

#include "raft/core.hpp"
#include "raft/mutant.hpp"

namespace qdrantd::raft {

bool Core::has_ready() const {
    if (out_) return false;
    if (!now_.empty() || !after_sync_.empty() || !read_states_.empty() || !lost_reads_.empty())
        return true;
    if (!log_.unstable().entries().empty() || log_.unstable().snapshot()) return true;
    return hard_state() != told_hard_state_ || soft_state() != told_soft_state_ ||
           log_.applied() < log_.committed();
}

Result<Ready> Core::ready() {
    QD_ASSERT(!out_);
    Ready ready;
    Out out;
    const auto& unstable = log_.unstable();
    if (!unstable.snapshot()) {
        // What follows a snapshot is handed out once that is installed.
        QD_ASSIGN(ready.committed,
                  log_.entries(log_.applied() + 1, log_.committed(), config_.max_apply_bytes));
    }
    out.applied = ready.committed.empty() ? log_.applied() : ready.committed.back().index;
    ready.snapshot = unstable.snapshot();
    if (ready.snapshot) out.snapshot = ready.snapshot->index;
    // All of them: acknowledgements in after_sync_ may rest on any.
    ready.entries = unstable.entries();
    if (!ready.entries.empty())
        out.last_entry = {ready.entries.back().index, ready.entries.back().term};

    auto hard = hard_state();
    if (mutant(Mutant::kVoteNotPersisted)) hard.vote = kNoPeer;
    if (mutant(Mutant::kTermNotPersisted) && ready.entries.empty()) {
        hard.term = told_hard_state_.term;
        hard.vote = told_hard_state_.vote;
    }
    ready.must_sync = !ready.entries.empty() || ready.snapshot != nullptr ||
                      hard.term != told_hard_state_.term || hard.vote != told_hard_state_.vote ||
                      hard.joining != told_hard_state_.joining;
    if (hard != told_hard_state_) ready.hard_state = hard;
    told_hard_state_ = hard;
    out.hard_state = hard_state();
    if (soft_state() != told_soft_state_) ready.soft_state = soft_state();
    told_soft_state_ = soft_state();
    ready.messages = std::exchange(now_, {});
    ready.messages_after_sync = std::exchange(after_sync_, {});
    ready.reads = std::exchange(read_states_, {});
    ready.lost_reads = std::exchange(lost_reads_, {});
    out_ = out;
    return ready;
}

void Core::advance() {
    QD_ASSERT(out_);
    const Out out = *std::exchange(out_, std::nullopt);
    if (out.last_entry.index > 0) log_.stable_to(out.last_entry);
    if (out.snapshot > 0) log_.snapshot_stable_to(out.snapshot);
    log_.applied_to(std::max(out.applied, out.snapshot));
    if (own_vote_pending_ && out.hard_state.term == term_ && out.hard_state.vote == id()) {
        own_vote_pending_ = false;
        record_vote(id(), true);
    }
    on_durable();
}

void Core::on_durable() {
    if (role_ != Role::kLeader) return;
    if (auto* own = tracker_.find(id())) own->acknowledged(log_.stable_index());
    const bool committed = maybe_commit();
    if (committed) broadcast_append();
    confirm_reads();
    if (committed) leader_committed();
}

}  // namespace qdrantd::raft
