// SPDX-License-Identifier: Apache-2.0
// The only sources of time. Components that decide by time take a Clock; pure ones take none.
// Thread safety: all methods may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace qdrantd {

using Duration = std::chrono::nanoseconds;
/// Monotonic; meaningless across processes.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// Microseconds since the Unix epoch, by the wall clock. For people and expiry only.
    [[nodiscard]] virtual std::int64_t wall_micros() const = 0;
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override;
    [[nodiscard]] std::int64_t wall_micros() const override;
    static const SystemClock& instance();
};

/// Stands still until told to move; for tests.
class ManualClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return TimePoint(Duration(nanos_.load())); }
    [[nodiscard]] std::int64_t wall_micros() const override { return nanos_.load() / 1000; }
    void advance(Duration by) { nanos_.fetch_add(by.count()); }

  private:
    std::atomic<std::int64_t> nanos_{1'000'000'000};
};

}  // namespace qdrantd
