// SPDX-License-Identifier: Apache-2.0
// The ids of a shard's latest operations, so that a retried one is recognised: at least the last
// 65,536 and the last ten minutes, and never more than a million (replication.md §2). Thread
// safety: none. Ownership: borrows the clock.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>

#include <qdrantd/common/clock.hpp>
#include <qdrantd/common/ids.hpp>

namespace qdrantd::shard {

class RecentOperations {
  public:
    static constexpr std::size_t kKept = 65'536;
    static constexpr std::size_t kKeptMax = 1'048'576;
    static constexpr Duration kKeptFor = std::chrono::minutes(10);

    explicit RecentOperations(const Clock& clock) : clock_(clock) {}

    /// REQUIRES: greater than every number added before. Ids of origin 0 name no operation and are
    /// not kept.
    void add(OpSeq seq, OperationId id);
    [[nodiscard]] std::optional<OpSeq> find(OperationId id) const;
    /// Forgets operations behind `seq`.
    void cut_after(OpSeq seq);
    /// Number of the oldest one kept; OpSeq(0) when there is none.
    [[nodiscard]] OpSeq oldest() const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

    struct Entry {
        OperationId id;
        OpSeq seq;
        TimePoint added;
    };
    [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }

  private:
    struct Hash {
        std::size_t operator()(const OperationId& id) const noexcept {
            return static_cast<std::size_t>(id.origin * 0x9E3779B97F4A7C15ULL ^ id.counter);
        }
    };
    void drop_oldest();

    const Clock& clock_;
    std::deque<Entry> entries_;
    std::unordered_map<OperationId, OpSeq, Hash> by_id_;
};

}  // namespace qdrantd::shard
