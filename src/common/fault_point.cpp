// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/fault_point.hpp>

#include <mutex>

namespace qdrantd {

namespace {
std::mutex handler_mutex;
FaultHandler handler_installed;
}  // namespace

namespace detail {
std::atomic<bool> faults_armed{false};

bool fault_point_slow(std::string_view name) {
    FaultHandler handler;
    {
        const std::lock_guard lock(handler_mutex);
        handler = handler_installed;
    }
    return handler && handler(name);
}
}  // namespace detail

void install_fault_handler(FaultHandler handler) {
    const std::lock_guard lock(handler_mutex);
    handler_installed = std::move(handler);
    detail::faults_armed.store(static_cast<bool>(handler_installed), std::memory_order_relaxed);
}

}  // namespace qdrantd
