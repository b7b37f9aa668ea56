// SPDX-License-Identifier: Apache-2.0
// A shard's operations in order: rows of the store's log family, numbered without gaps. Logging and
// application are apart: what is in the log may be applied in the same batch (one replica) or
// later, when it is confirmed (replication.md §2). How to use: append() any number into a batch,
// write the batch, then publish(), or discard() when the write failed. Thread safety:
// append/publish/discard/cut_* by one writer; the rest by any thread. Ownership: borrows the store
// and the clock. Errors: kChecksum and kFormat for damaged records, kNotFound for records that were
// cut. Invariants: sequence numbers have no gaps; epochs never fall; the record of the last applied
// operation is never cut; the epoch history and the table of operation ids outlive the cutting of
// the log.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include <qdrantd/common/clock.hpp>
#include <qdrantd/store/kv_store.hpp>

#include "shard/log_record.hpp"
#include "shard/recent_operations.hpp"

namespace qdrantd::shard {

/// An epoch and the sequence number of its first operation.
struct EpochStart {
    Epoch epoch;
    OpSeq first;
    constexpr auto operator<=>(const EpochStart&) const = default;
};

class OperationLog {
  public:
    /// Reads and verifies what is there. `identity` is the shard's; `applied` what its state has
    /// reached.
    static Result<std::unique_ptr<OperationLog>> open(store::KvStore& store, std::uint64_t identity,
                                                      OpSeq applied,
                                                      const Clock& clock = SystemClock::instance());

    // --- writer ---
    /// Puts the next record into `batch`. REQUIRES: position.seq follows the last one (staged ones
    /// included), its epoch is not lower.
    void append(LogPosition position, OperationId id, std::string_view effect,
                store::WriteBatch& batch);
    /// The batch was written.
    void publish();
    void discard();
    /// Tells how far the shard's state has come, behind which cut_after() may not reach.
    void set_applied(OpSeq applied);
    /// Cuts what was logged behind `seq`, durably; their ids are forgotten. REQUIRES: seq is not
    /// below applied, nothing is staged.
    Status cut_after(OpSeq seq);
    /// Cuts records in front of `seq` (the last applied one stays), durably; their ids and epochs
    /// are kept.
    Status cut_before(OpSeq seq);

    // --- any thread ---
    /// Records from `first` on, in order: at least one where there is one, then up to `bytes_max`.
    [[nodiscard]] Result<std::vector<LogRecord>> read_from(OpSeq first,
                                                           std::size_t bytes_max) const;
    /// The last published record; {0, 0} for an empty log.
    [[nodiscard]] LogPosition last() const;
    /// Number of the first record still there; last + 1 for an empty log.
    [[nodiscard]] OpSeq first() const;
    [[nodiscard]] std::vector<EpochStart> epoch_history() const;
    /// The operation that was logged under this id, where it is still known.
    [[nodiscard]] std::optional<OpSeq> find(OperationId id) const;
    /// Bytes of records behind `seq`, to within a quarter of a MiB.
    [[nodiscard]] std::uint64_t bytes_behind(OpSeq seq) const;
    /// The lowest number whose record and followers take no more than `bytes`, to within a quarter
    /// of a MiB.
    [[nodiscard]] OpSeq start_of_tail(std::uint64_t bytes) const;

  private:
    /// Cumulative size of the log at some records.
    struct SizeMark {
        OpSeq seq;
        std::uint64_t bytes_until = 0;  // of records up to and including seq
    };
    struct Staged {
        LogPosition position;
        OperationId id;
        std::size_t bytes = 0;
    };
    struct State {
        LogPosition last;
        OpSeq first{1};
        OpSeq applied;
        std::vector<EpochStart> epochs;
        std::uint64_t bytes = 0;      // counted since opening
        std::uint64_t bytes_cut = 0;  // of those, in front of `first`
        std::deque<SizeMark> sizes;
        RecentOperations recent;
        explicit State(const Clock& clock) : recent(clock) {}
        void count(LogPosition position, OperationId id, std::size_t size);
    };

    OperationLog(store::KvStore& store, std::uint64_t identity, const Clock& clock);
    Status load();
    Status load_ids();
    void keep_ids_of_cut(OpSeq seq, store::WriteBatch& batch) const;

    store::KvStore& store_;
    const std::uint64_t identity_;
    mutable std::mutex mutex_;
    State state_;
    // The writer's own.
    std::vector<Staged> staged_;
    std::string scratch_;
};

}  // namespace qdrantd::shard
