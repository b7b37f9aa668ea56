// SPDX-License-Identifier: Apache-2.0
// What the core may ask of the durable log. Implemented by the driver; never written through.
// Use: implement over the log store; it shows what the last Ready that was advanced made durable.
// Thread safety: called only from within RawNode's functions, on the caller's thread.
// Ownership: borrowed by RawNode for its whole life. Entries are copies; the core keeps none that
// is durable. Errors: kNotFound for compacted indexes, kIo or kChecksum from the disk, kUnavailable
// from snapshot(). Invariants: the log is gapless from first_index() to last_index(). It changes
// only between the taking of a Ready and its advance() (as that Ready says), and by compaction,
// which may happen between any two calls.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <qdrantd/common/result.hpp>
#include <qdrantd/raft/message.hpp>

namespace qdrantd::raft {

struct InitialState {
    HardState hard_state;
    /// The membership at `conf_index`, which is at least first_index() - 1 and at most
    /// hard_state.commit. A first peer starts with itself as the only voter at index 0; a peer that
    /// joins, with nothing. It may join under an id that was a member before, once the removal of
    /// that member is committed, and messages to it and leaders of its time are gone (two election
    /// timeouts).
    ConfState conf;
    Index conf_index = 0;
    /// Last entry the state machine has applied; committed entries are handed out from the next one
    /// on. At least first_index() - 1: a snapshot that was written before a crash is installed
    /// before the start.
    Index applied = 0;
};

class LogReader {
  public:
    virtual ~LogReader() = default;

    /// Called once, by RawNode::create.
    virtual InitialState initial_state() const = 0;

    /// First entry that is kept: one past the last compacted index or the last snapshot's; 1 when
    /// empty.
    virtual Index first_index() const = 0;
    /// Last entry that is kept; first_index() - 1 when there is none.
    virtual Index last_index() const = 0;
    /// Known, without the disk, for every index in [first_index() - 1, last_index()]; 0 for index
    /// 0.
    virtual std::optional<Term> term(Index index) const = 0;
    /// Entries of [low, high), cut off at `max_bytes` (by entry_bytes) but never empty.
    /// REQUIRES: first_index() <= low < high <= last_index() + 1.
    virtual Result<std::vector<Entry>> entries(Index low, Index high,
                                               std::size_t max_bytes) const = 0;
    /// The newest snapshot; its index is at least first_index() - 1. kUnavailable while it is being
    /// made: the core asks again later.
    virtual Result<std::shared_ptr<const Snapshot>> snapshot() const = 0;
};

}  // namespace qdrantd::raft
