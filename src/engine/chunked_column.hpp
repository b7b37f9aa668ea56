// SPDX-License-Identifier: Apache-2.0
// One column of a segment, addressed by slot, in chunks that never move: readers need no lock.
// Chunk k holds 1024 * 2^k values, so the table of chunks is tiny and an empty segment costs
// nothing. How to use: one writer calls reserve(slot), then writes; it publishes by its own means.
// Thread safety: one writer; any number of readers of slots published to them. Ownership: owns the
// chunks. Invariants: new values are all zero bytes.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/ids.hpp>

namespace qdrantd::engine {

template <typename T>
class ChunkedColumn {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  public:
    ChunkedColumn() = default;
    ChunkedColumn(const ChunkedColumn&) = delete;
    ChunkedColumn& operator=(const ChunkedColumn&) = delete;
    ~ChunkedColumn() {
        for (auto& chunk : chunks_)
            std::free(chunk.load(std::memory_order_relaxed));
    }

    /// Makes sure that `slot` and all below it have memory.
    void reserve(Slot slot) {
        const auto last = place(slot).chunk;
        for (; chunk_count_ <= last; ++chunk_count_) {
            // calloc: pages are zero and cost nothing until they are touched.
            auto* chunk = static_cast<T*>(std::calloc(kFirst << chunk_count_, sizeof(T)));
            QD_ASSERT(chunk != nullptr);
            chunks_[chunk_count_].store(chunk, std::memory_order_release);
        }
    }
    /// REQUIRES: reserve(slot) was called.
    T& operator[](Slot slot) noexcept { return *address(slot); }
    const T& operator[](Slot slot) const noexcept { return *address(slot); }

    /// For values that readers may look at while they change.
    [[nodiscard]] T load(Slot slot) const noexcept {
        return std::atomic_ref<T>(*address(slot)).load(std::memory_order_acquire);
    }
    void store(Slot slot, T value) noexcept {
        std::atomic_ref<T>(*address(slot)).store(value, std::memory_order_release);
    }

  private:
    static constexpr std::size_t kFirst = 1024;
    static constexpr unsigned kFirstBits = 11;  // bit_width(kFirst)
    static constexpr std::size_t kChunks = 23;  // enough for every 32-bit slot

    struct Place {
        std::size_t chunk;
        std::size_t at;
    };
    static Place place(Slot slot) noexcept {
        const std::uint64_t n = std::uint64_t{slot} + kFirst;
        const auto chunk = static_cast<std::size_t>(std::bit_width(n)) - kFirstBits;
        return {chunk, n - (kFirst << chunk)};
    }
    T* address(Slot slot) const noexcept {
        const auto where = place(slot);
        return chunks_[where.chunk].load(std::memory_order_acquire) + where.at;
    }

    std::array<std::atomic<T*>, kChunks> chunks_{};
    std::size_t chunk_count_ = 0;
};

}  // namespace qdrantd::engine
