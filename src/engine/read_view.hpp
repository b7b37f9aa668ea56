// SPDX-License-Identifier: Apache-2.0
// Which slots a read sees: those published when it began and not ended by then.
// How to use: take() a ReadView per read and ask sees(slot); the writer calls publish() after all
// columns and indexes are ready, and asks oldest() for what no reader can see any more. Thread
// safety: ViewTracker: all methods; a ReadView belongs to one thread. Ownership: a view borrows the
// tracker. Invariants: published sequence numbers and slot counts never fall.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

#include <qdrantd/common/ids.hpp>

#include "engine/slot_columns.hpp"

namespace qdrantd::engine {

/// One state of a segment as readers may see it.
struct Published {
    OpSeq seq;
    Slot slots = 0;          // taken so far
    std::uint64_t live = 0;  // points
};

class ViewTracker;

class ReadView {
  public:
    ReadView(ReadView&& other) noexcept
        : tracker_(std::exchange(other.tracker_, nullptr)), state_(other.state_) {}
    ReadView& operator=(ReadView&&) = delete;
    ~ReadView();

    [[nodiscard]] OpSeq seq() const { return state_.seq; }
    [[nodiscard]] Slot slots() const { return state_.slots; }
    [[nodiscard]] std::uint64_t live() const { return state_.live; }
    [[nodiscard]] bool sees(const SlotColumns& columns, Slot slot) const noexcept {
        if (slot >= state_.slots) return false;
        const auto ended = columns.ended.load(slot);
        return ended == 0 || ended > state_.seq.value;
    }

  private:
    friend class ViewTracker;
    ReadView(ViewTracker* tracker, Published state) : tracker_(tracker), state_(state) {}
    ViewTracker* tracker_;
    Published state_;
};

class ViewTracker {
  public:
    [[nodiscard]] ReadView take();
    void publish(Published state);
    [[nodiscard]] Published current() const;
    /// No view in use, and none taken later, is older than this.
    [[nodiscard]] OpSeq oldest() const;

  private:
    friend class ReadView;
    void release(OpSeq seq);

    struct Count {
        std::uint64_t seq;
        std::size_t views;
    };
    mutable std::mutex mutex_;
    Published current_;
    std::deque<Count> in_use_;  // ascending
};

}  // namespace qdrantd::engine
