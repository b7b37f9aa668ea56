// SPDX-License-Identifier: Apache-2.0
// The memberships in the log: the newest committed one, and the ones behind it that may still be
// cut off. A membership holds from the moment its entry is in the log; when the entry is cut off,
// the one before holds again. Invariant: indexes grow strictly; the first one is committed.
#pragma once

#include <deque>

#include <qdrantd/raft/message.hpp>

namespace qdrantd::raft {

struct PlacedConf {
    Index index = 0;
    ConfState conf;
};

class ConfHistory {
  public:
    ConfHistory(Index index, ConfState conf) { reset(index, std::move(conf)); }

    const PlacedConf& latest() const { return placed_.back(); }
    /// The newest one known to be committed.
    const PlacedConf& committed() const { return placed_.front(); }
    bool latest_is_committed() const { return placed_.size() == 1; }
    /// Member of any membership that may come to hold.
    bool knows(PeerId peer) const;

    void reset(Index index, ConfState conf);
    /// REQUIRES: index > latest().index.
    void append(Index index, ConfState conf);
    /// The log was cut off from `index` on. False if no membership went with it.
    bool truncate_from(Index index);
    /// Everything up to `index` is committed.
    void commit_to(Index index);

  private:
    std::deque<PlacedConf> placed_;
};

}  // namespace qdrantd::raft
