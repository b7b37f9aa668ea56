// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/vector/vector_rows.hpp>

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include <fmt/format.h>

#include <qdrantd/common/assert.hpp>

namespace qdrantd::vec {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{4} << 20;
constexpr std::size_t kMinRows = 64;
constexpr std::size_t kFloatsPerLine = 16;

std::size_t padded(std::uint32_t dimension) {
    return (dimension + kFloatsPerLine - 1) / kFloatsPerLine * kFloatsPerLine;
}

class AnonymousChunks final : public ChunkSource {
  public:
    Result<std::span<std::byte>> chunk(std::size_t /*index*/, std::size_t size) override {
        return arena_.allocate(size);
    }

  private:
    PageArena arena_;
};

}  // namespace

std::unique_ptr<ChunkSource> make_anonymous_chunks() { return std::make_unique<AnonymousChunks>(); }

std::size_t VectorRows::rows_per_chunk(std::uint32_t dimension) {
    const std::size_t row_bytes = padded(dimension) * sizeof(float);
    return std::max(kMinRows, std::bit_floor(kChunkBytes / row_bytes));
}

VectorRows::VectorRows(std::uint32_t dimension, std::unique_ptr<ChunkSource> source)
    : dimension_(dimension),
      stride_(padded(dimension)),
      shift_(static_cast<std::uint32_t>(std::countr_zero(rows_per_chunk(dimension)))),
      mask_(static_cast<std::uint32_t>(rows_per_chunk(dimension) - 1)),
      source_(std::move(source)) {
    QD_ASSERT(dimension > 0);
    auto table = table_memory_.allocate(kMaxChunks * sizeof(std::atomic<float*>));
    if (!table.ok()) throw std::bad_alloc();
    // Zero bytes are null pointers; the memory is zero and stays untouched until it is used.
    chunks_ = reinterpret_cast<std::atomic<float*>*>(table->data());
}

VectorRows::~VectorRows() = default;

Status VectorRows::reserve(Slot slot) {
    const std::size_t index = slot >> shift_;
    if (index >= kMaxChunks) {
        return Error{ErrorCode::kInsufficientStorage,
                     fmt::format("slot {} is past the last of {} chunks", slot, kMaxChunks)};
    }
    if (chunks_[index].load(std::memory_order_relaxed) != nullptr) return {};
    QD_ASSIGN(const std::span<std::byte> memory,
              source_->chunk(index, (std::size_t{mask_} + 1) * stride_ * sizeof(float)));
    chunks_[index].store(reinterpret_cast<float*>(memory.data()), std::memory_order_release);
    chunk_count_.fetch_add(1, std::memory_order_relaxed);
    return {};
}

std::size_t VectorRows::bytes() const {
    return chunk_count() * (std::size_t{mask_} + 1) * stride_ * sizeof(float);
}

}  // namespace qdrantd::vec
