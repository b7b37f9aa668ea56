// SPDX-License-Identifier: Apache-2.0
// Data reachable only through its lock: `auto access = table.lock(); access->insert(…)`.
// Thread safety: lock() and read() from any thread. No lock is held across I/O, a callback or
// co_await.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace qdrantd {

template <typename T>
class Guarded {
  public:
    template <typename U, typename Lock>
    class Access {
      public:
        Access(U& data, Lock lock) : data_(data), lock_(std::move(lock)) {}
        U* operator->() const { return &data_; }
        U& operator*() const { return data_; }
        /// For condition variables.
        Lock& raw_lock() { return lock_; }

      private:
        U& data_;
        Lock lock_;
    };

    template <typename... Args>
    explicit Guarded(Args&&... args) : data_(std::forward<Args>(args)...) {}

    auto lock() {
        return Access<T, std::unique_lock<std::shared_mutex>>(data_, std::unique_lock(mutex_));
    }
    auto read() const {
        return Access<const T, std::shared_lock<std::shared_mutex>>(data_,
                                                                    std::shared_lock(mutex_));
    }

  private:
    mutable std::shared_mutex mutex_;
    T data_;
};

}  // namespace qdrantd
