// SPDX-License-Identifier: Apache-2.0
#include "raft/unstable_log.hpp"

#include <qdrantd/common/assert.hpp>

namespace qdrantd::raft {

std::optional<Index> UnstableLog::last_index() const {
    if (!entries_.empty()) return entries_.back().index;
    if (snapshot_) return snapshot_->index;
    return std::nullopt;
}

std::optional<Term> UnstableLog::term(Index index) const {
    if (index >= offset_) {
        const auto place = index - offset_;
        if (place < entries_.size()) return entries_[place].term;
        return std::nullopt;
    }
    if (snapshot_ && snapshot_->index == index) return snapshot_->term;
    return std::nullopt;
}

void UnstableLog::append(const std::vector<Entry>& entries) {
    if (entries.empty()) return;
    const Index first = entries.front().index;
    QD_ASSERT(!snapshot_ || first > snapshot_->index);
    if (first <= offset_) {
        // Also cuts off durable entries: the log now continues from the durable ones below `first`.
        offset_ = first;
        entries_ = entries;
        return;
    }
    QD_ASSERT(first <= offset_ + entries_.size());
    entries_.resize(first - offset_);
    entries_.insert(entries_.end(), entries.begin(), entries.end());
}

void UnstableLog::restore(std::shared_ptr<const Snapshot> snapshot) {
    offset_ = snapshot->index + 1;
    entries_.clear();
    snapshot_ = std::move(snapshot);
}

void UnstableLog::stable_to(Index index, Term stable_term) {
    // The entry may have been replaced, or covered by a snapshot, while it was being written. If it
    // went and came back (same index and term), what was written is what is here, by log matching.
    if (index < offset_ || term(index) != stable_term) return;
    const auto count = static_cast<std::ptrdiff_t>(index + 1 - offset_);
    entries_.erase(entries_.begin(), entries_.begin() + count);
    offset_ = index + 1;
}

void UnstableLog::snapshot_stable_to(Index index) {
    if (snapshot_ && snapshot_->index == index) snapshot_.reset();
}

}  // namespace qdrantd::raft
