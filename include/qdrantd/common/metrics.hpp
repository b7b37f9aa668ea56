// SPDX-License-Identifier: Apache-2.0
// Process-wide counters and gauges by name, written out in the Prometheus text format. Names:
// qdrantd_<module>_<noun>_<unit>. Thread safety: all methods. Ownership: the registry keeps every
// metric until the process ends; references stay valid.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace qdrantd {

class Counter {
  public:
    void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
  public:
    void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
    void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> value_{0};
};

/// Finds or makes the metric of that name. `help` is taken from the first call.
Counter& counter(std::string_view name, std::string_view help);
Gauge& gauge(std::string_view name, std::string_view help);
/// All metrics, sorted by name.
std::string render_metrics(std::string_view prefix = "");

}  // namespace qdrantd
