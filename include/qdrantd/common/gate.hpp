// SPDX-License-Identifier: Apache-2.0
// Counts work in flight so that an owner can stop: close() refuses new work and waits for what
// runs. Thread safety: all methods. Invariants: empty and closed, or never entered, when destroyed.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace qdrantd {

class Gate {
  public:
    /// Leaves the gate when destroyed. False when the gate was closed.
    class Pass {
      public:
        Pass() = default;
        explicit Pass(Gate* gate) : gate_(gate) {}
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Pass& operator=(Pass&& other) noexcept {
            std::swap(gate_, other.gate_);
            return *this;
        }
        ~Pass();
        explicit operator bool() const { return gate_ != nullptr; }

      private:
        Gate* gate_ = nullptr;
    };

    Gate() = default;
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    ~Gate();

    [[nodiscard]] Pass enter();
    /// Refuses new passes and waits until all are returned. May be called more than once.
    void close();
    [[nodiscard]] bool closed() const;

  private:
    void leave();

    mutable std::mutex mutex_;
    std::condition_variable empty_;
    std::size_t inside_ = 0;
    bool closed_ = false;
};

}  // namespace qdrantd
