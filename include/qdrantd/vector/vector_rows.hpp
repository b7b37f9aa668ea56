// SPDX-License-Identifier: Apache-2.0
// The rows of one dense vector field, addressed by slot: append-only, in chunks that never move, so
// readers need no lock. A row is `stride()` floats: the vector, then zeros up to a multiple of 64
// bytes, so kernels need no tail code. How to use: one writer calls reserve(slot) then fills
// mutable_row(slot); it publishes the slot to readers by its own means. Thread safety: one writer;
// any number of readers of rows published to them. Ownership: chunks belong to the ChunkSource
// (anonymous huge pages by default, mapped files for vectors on disk).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/vector/page_arena.hpp>

namespace qdrantd::vec {

/// Hands out the memory of chunk 0, 1, 2, …; each stays valid and in place as long as the source
/// lives.
class ChunkSource {
  public:
    virtual ~ChunkSource() = default;
    /// `size` bytes, 64-byte aligned, zero-filled if new. Errors: kIo, kInsufficientStorage.
    virtual Result<std::span<std::byte>> chunk(std::size_t index, std::size_t size) = 0;
};

/// Anonymous memory, with 2 MiB pages once a field has outgrown its first chunks (page_arena.hpp).
std::unique_ptr<ChunkSource> make_anonymous_chunks();

class VectorRows {
  public:
    static constexpr std::size_t kMaxChunks = 65536;

    /// Rows per chunk: the power of two that makes a chunk about 4 MiB, at least 64. A function of
    /// the dimension only (it is part of the disk format).
    static std::size_t rows_per_chunk(std::uint32_t dimension);

    /// REQUIRES: dimension > 0.
    VectorRows(std::uint32_t dimension, std::unique_ptr<ChunkSource> source);
    ~VectorRows();
    VectorRows(const VectorRows&) = delete;
    VectorRows& operator=(const VectorRows&) = delete;

    [[nodiscard]] std::uint32_t dimension() const { return dimension_; }
    /// Floats from one row to the next.
    [[nodiscard]] std::size_t stride() const { return stride_; }
    /// Makes sure that the chunk of `slot` is there.
    Status reserve(Slot slot);
    /// REQUIRES: reserve(slot) succeeded; the caller is the writer.
    [[nodiscard]] float* mutable_row(Slot slot) noexcept { return const_cast<float*>(row(slot)); }
    [[nodiscard]] const float* row(Slot slot) const noexcept {
        return chunks_[slot >> shift_].load(std::memory_order_acquire) + (slot & mask_) * stride_;
    }
    /// Memory of the chunks in use.
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::size_t chunk_count() const {
        return chunk_count_.load(std::memory_order_relaxed);
    }
    /// Whether reserve(slot) has succeeded for this slot or one of its chunk.
    [[nodiscard]] bool has_chunk(Slot slot) const noexcept {
        return (slot >> shift_) < kMaxChunks &&
               chunks_[slot >> shift_].load(std::memory_order_acquire) != nullptr;
    }

  private:
    const std::uint32_t dimension_;
    const std::size_t stride_;
    const std::uint32_t shift_;
    const std::uint32_t mask_;
    const std::unique_ptr<ChunkSource> source_;
    std::atomic<std::size_t> chunk_count_{0};
    PageArena table_memory_;  // of chunks_: untouched entries cost nothing
    std::atomic<float*>* chunks_ = nullptr;
};

}  // namespace qdrantd::vec
