// SPDX-License-Identifier: Apache-2.0
// Named places where a test may fail, stall or kill the process. Off unless a handler is installed:
// one relaxed load. Thread safety: fault_point from any thread; install before threads start.
#pragma once

#include <atomic>
#include <functional>
#include <string_view>

namespace qdrantd {

/// Returns true when the place shall fail; may also kill the process or wait.
using FaultHandler = std::function<bool(std::string_view name)>;

void install_fault_handler(FaultHandler handler);

namespace detail {
extern std::atomic<bool> faults_armed;
bool fault_point_slow(std::string_view name);
}  // namespace detail

/// True when a test wants the named place to fail.
inline bool fault_point(std::string_view name) {
    return detail::faults_armed.load(std::memory_order_relaxed) && detail::fault_point_slow(name);
}

}  // namespace qdrantd
