// SPDX-License-Identifier: Apache-2.0
// The whole log as the protocol sees it: what is durable (LogReader), what is not yet
// (UnstableLog), and how far it is committed and handed out for application. Invariant:
// first_index() - 1 <= applied <= committed <= last_index().
#pragma once

#include <qdrantd/common/result.hpp>
#include <qdrantd/raft/log_reader.hpp>

#include "raft/unstable_log.hpp"

namespace qdrantd::raft {

/// Place and term of one entry.
struct LogPosition {
    Index index = 0;
    Term term = 0;
    bool operator==(const LogPosition&) const = default;
};

class RaftLog {
  public:
    /// REQUIRES: applied <= committed <= log.last_index().
    RaftLog(const LogReader& log, Index committed, Index applied);

    Index first_index() const;
    Index last_index() const;
    Term last_term() const;
    /// Last index below which everything is durable.
    Index stable_index() const { return unstable_.offset() - 1; }
    Index committed() const { return committed_; }
    Index applied() const { return applied_; }
    const UnstableLog& unstable() const { return unstable_; }

    /// Nothing below first_index() - 1 (compacted) and behind last_index().
    std::optional<Term> term(Index index) const;
    bool matches(LogPosition position) const { return term(position.index) == position.term; }
    /// A candidate whose log ends at `last` may win this peer's vote.
    bool up_to_date(LogPosition last) const;

    /// Entries from `low` on, at most up to `last`, cut off at `max_bytes` but never empty if there
    /// are any.
    Result<std::vector<Entry>> entries(Index low, Index last, std::size_t max_bytes) const;
    Result<std::shared_ptr<const Snapshot>> snapshot() const;

    /// First entry of `entries` that is not in the log, or 0 if all are.
    Index find_conflict(const std::vector<Entry>& entries) const;
    /// The last place at or below `index` whose term is at most `term`: where the logs may still
    /// agree.
    LogPosition last_at_or_below(Index index, Term term) const;

    /// REQUIRES: the first entry is above committed() and leaves no gap.
    void append(const std::vector<Entry>& entries);
    /// REQUIRES: index <= last_index(). False if nothing moved.
    bool commit_to(Index index);
    void applied_to(Index index);
    void stable_to(LogPosition position) { unstable_.stable_to(position.index, position.term); }
    void snapshot_stable_to(Index index) { unstable_.snapshot_stable_to(index); }
    void restore(std::shared_ptr<const Snapshot> snapshot);
    /// Planted bug only: installs without dropping what follows.
    void restore_keeping_tail(const std::shared_ptr<const Snapshot>& snapshot);

  private:
    const LogReader* log_;
    UnstableLog unstable_;
    Index committed_;
    Index applied_;
};

}  // namespace qdrantd::raft
