// SPDX-License-Identifier: Apache-2.0
// Anonymous memory for large arrays that are read at random: handed out piece by piece,
// zero-filled, 64-byte aligned, given back only as a whole. The first region uses pages of 4 KiB,
// so that a small owner costs only what it touches; later regions of 64 MiB use 2 MiB pages (Linux
// madvise(2), MADV_HUGEPAGE), which make random reads cheaper. Thread safety: all methods.
// Ownership: pieces live as long as the arena. Errors: kInsufficientStorage when the system gives
// no memory.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include <qdrantd/common/result.hpp>

namespace qdrantd::vec {

class PageArena {
  public:
    PageArena() = default;
    ~PageArena();
    PageArena(const PageArena&) = delete;
    PageArena& operator=(const PageArena&) = delete;

    Result<std::span<std::byte>> allocate(std::size_t size);
    /// Bytes handed out; untouched ones cost no memory yet.
    [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

  private:
    struct Region {
        std::byte* base = nullptr;
        std::size_t size = 0;
    };

    Status open_region(std::size_t at_least);

    std::mutex mutex_;  // guards regions_ and used_
    std::vector<Region> regions_;
    std::size_t used_ = 0;  // of the last region
    std::atomic<std::size_t> bytes_{0};
};

}  // namespace qdrantd::vec
