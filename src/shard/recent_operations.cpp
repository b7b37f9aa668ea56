// SPDX-License-Identifier: Apache-2.0
#include "shard/recent_operations.hpp"

#include <qdrantd/common/assert.hpp>

namespace qdrantd::shard {

void RecentOperations::add(OpSeq seq, OperationId id) {
    QD_ASSERT(entries_.empty() || entries_.back().seq < seq);
    if (id.origin == 0) return;
    const auto now = clock_.now();
    entries_.push_back({id, seq, now});
    by_id_[id] = seq;
    while (entries_.size() > kKeptMax ||
           (entries_.size() > kKept && now - entries_.front().added > kKeptFor)) {
        drop_oldest();
    }
}

void RecentOperations::drop_oldest() {
    const auto& oldest = entries_.front();
    const auto found = by_id_.find(oldest.id);
    // An id that came twice is remembered for its later operation.
    if (found != by_id_.end() && found->second == oldest.seq) by_id_.erase(found);
    entries_.pop_front();
}

std::optional<OpSeq> RecentOperations::find(OperationId id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return std::nullopt;
    return found->second;
}

void RecentOperations::cut_after(OpSeq seq) {
    while (!entries_.empty() && entries_.back().seq > seq) {
        by_id_.erase(entries_.back().id);
        entries_.pop_back();
    }
}

OpSeq RecentOperations::oldest() const {
    return entries_.empty() ? OpSeq(0) : entries_.front().seq;
}

}  // namespace qdrantd::shard
