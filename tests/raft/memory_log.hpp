// SPDX-License-Identifier: Apache-2.0
// A log store in memory, as the driver of a raft core would keep it on disk. For tests.
// Use: hand it to RawNode::create; save(ready) is step 2 of ready.hpp. Copy it to model what a disk
// holds. Thread safety: none.
#pragma once

#include <qdrantd/common/assert.hpp>
#include <qdrantd/raft/conf_change.hpp>
#include <qdrantd/raft/log_reader.hpp>
#include <qdrantd/raft/ready.hpp>

namespace qdrantd::raft {

class MemoryLog final : public LogReader {
  public:
    MemoryLog() = default;
    explicit MemoryLog(ConfState conf) : conf_(std::move(conf)) {}

    InitialState initial_state() const override {
        return {hard_state_, conf_, conf_index_, applied_};
    }
    Index first_index() const override { return base_ + 1; }
    Index last_index() const override { return base_ + entries_.size(); }

    std::optional<Term> term(Index index) const override {
        if (index == base_) return base_term_;
        if (index < base_ || index > last_index()) return std::nullopt;
        return entries_[index - base_ - 1].term;
    }

    Result<std::vector<Entry>> entries(Index low, Index high,
                                       std::size_t max_bytes) const override {
        if (low <= base_) return Error{ErrorCode::kNotFound, "log is compacted"};
        QD_ASSERT(low < high && high <= last_index() + 1);
        std::vector<Entry> found;
        std::size_t bytes = 0;
        for (Index at = low; at < high; ++at) {
            const auto& entry = entries_[at - base_ - 1];
            bytes += entry_bytes(entry);
            if (bytes > max_bytes && !found.empty()) break;
            found.push_back(entry);
        }
        return found;
    }

    Result<std::shared_ptr<const Snapshot>> snapshot() const override {
        if (!snapshot_) return Error{ErrorCode::kUnavailable, "no snapshot yet"};
        return snapshot_;
    }

    /// Step 2 of ready.hpp: snapshot, entries and hard state as one write.
    void save(const Ready& ready) {
        if (ready.snapshot) {
            snapshot_ = ready.snapshot;
            base_ = snapshot_->index;
            base_term_ = snapshot_->term;
            entries_.clear();
            conf_ = snapshot_->conf;
            conf_index_ = base_;
        }
        if (!ready.entries.empty()) {
            const Index first = ready.entries.front().index;
            QD_ASSERT(first > base_ && first <= last_index() + 1);
            entries_.resize(first - base_ - 1);
            entries_.insert(entries_.end(), ready.entries.begin(), ready.entries.end());
        }
        if (ready.hard_state) hard_state_ = *ready.hard_state;
    }

    /// The state machine has applied up to `index`; the kept membership follows.
    void set_applied(Index index) { applied_ = index; }
    void set_conf(Index index, ConfState conf) {
        conf_index_ = index;
        conf_ = std::move(conf);
    }
    /// Newest membership known to be applied.
    const ConfState& conf() const { return conf_; }
    Index conf_index() const { return conf_index_; }
    Index applied() const { return applied_; }
    const HardState& hard_state() const { return hard_state_; }
    void set_hard_state(const HardState& state) { hard_state_ = state; }

    /// Makes a snapshot of what is applied, with the bytes `data`.
    void take_snapshot(std::string data) {
        snapshot_ = std::make_shared<const Snapshot>(
            Snapshot{applied_, term(applied_).value(), conf_, std::move(data)});
    }
    /// Drops entries up to `index`. REQUIRES: a snapshot covers them, and they are applied.
    void compact(Index index) {
        QD_ASSERT(snapshot_ && index <= snapshot_->index && index <= applied_);
        if (index <= base_) return;
        base_term_ = term(index).value();
        entries_.erase(entries_.begin(),
                       entries_.begin() + static_cast<std::ptrdiff_t>(index - base_));
        base_ = index;
        // What the start needs: a membership at or above the base.
        if (conf_index_ < base_) conf_index_ = base_;
    }

  private:
    HardState hard_state_;
    ConfState conf_;
    Index conf_index_ = 0;
    Index applied_ = 0;
    Index base_ = 0;
    Term base_term_ = 0;
    std::vector<Entry> entries_;
    std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace qdrantd::raft
