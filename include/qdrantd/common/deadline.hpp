// SPDX-License-Identifier: Apache-2.0
// The instant by which a request must be answered. Made once at the door, passed by value to every
// hop. Thread safety: value.
#pragma once

#include <optional>

#include <qdrantd/common/clock.hpp>

namespace qdrantd {

class Deadline {
  public:
    static Deadline never() { return Deadline(TimePoint::max()); }
    static Deadline at(TimePoint when) { return Deadline(when); }
    static Deadline after(Duration time, const Clock& clock = SystemClock::instance()) {
        return Deadline(clock.now() + time);
    }

    [[nodiscard]] bool is_never() const { return when_ == TimePoint::max(); }
    [[nodiscard]] TimePoint when() const { return when_; }
    [[nodiscard]] bool passed(const Clock& clock = SystemClock::instance()) const {
        return !is_never() && clock.now() >= when_;
    }
    /// Time left, never negative. A year when there is no deadline.
    [[nodiscard]] Duration left(const Clock& clock = SystemClock::instance()) const {
        if (is_never()) return std::chrono::hours(24 * 365);
        const auto now = clock.now();
        return now >= when_ ? Duration::zero() : when_ - now;
    }

  private:
    explicit Deadline(TimePoint when) : when_(when) {}
    TimePoint when_;
};

}  // namespace qdrantd
