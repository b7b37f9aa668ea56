// SPDX-License-Identifier: Apache-2.0
// The end of the log that is not durable yet, and a snapshot that is not installed yet.
// Invariant: entries_[i].index == offset_ + i; everything below offset_ is durable or in the
// snapshot.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <qdrantd/raft/message.hpp>

namespace qdrantd::raft {

class UnstableLog {
  public:
    explicit UnstableLog(Index offset) : offset_(offset) {}

    Index offset() const { return offset_; }
    const std::vector<Entry>& entries() const { return entries_; }
    const std::shared_ptr<const Snapshot>& snapshot() const { return snapshot_; }

    std::optional<Index> last_index() const;
    std::optional<Term> term(Index index) const;

    /// Appends; whatever stood at or behind the first entry is forgotten, also what was durable.
    void append(const std::vector<Entry>& entries);
    void restore(std::shared_ptr<const Snapshot> snapshot);

    /// The log up to (index, term) is durable. Without effect if that entry has been replaced
    /// meanwhile.
    void stable_to(Index index, Term term);
    void snapshot_stable_to(Index index);

  private:
    Index offset_;
    std::vector<Entry> entries_;
    std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace qdrantd::raft
