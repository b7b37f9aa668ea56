// SPDX-License-Identifier: Apache-2.0
#include "index/hnsw/graph.hpp"

#include <emmintrin.h>

#include <new>
#include <thread>

#include <qdrantd/common/assert.hpp>

namespace qdrantd::index::hnsw {
namespace {

constexpr std::size_t kMaxBlocks = std::size_t{Graph::kMaxSlots} >> Graph::kBlockShift;
constexpr std::uint32_t kUpperShift = 9;
constexpr std::uint32_t kUpperRows = 1U << kUpperShift;
// One node in m is above level 0; m >= 2 keeps the sum of upper rows below the number of slots.
constexpr std::size_t kMaxUpperBlocks = std::size_t{Graph::kMaxSlots} >> kUpperShift;

std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

Graph::Graph(std::uint32_t m, std::size_t code_stride) : m_(m), code_stride_(code_stride) {
    QD_ASSERT(m >= 2);
    QD_ASSERT(code_stride % 64 == 0);
    const std::size_t slots = kBlockSlots;
    codes_at_ = aligned(slots * 2 * m * sizeof(Link));
    scales_at_ = codes_at_ + slots * code_stride;
    uppers_at_ = scales_at_ + slots * (code_stride > 0 ? sizeof(CodeScale) : 0);
    states_at_ = uppers_at_ + slots * sizeof(std::uint32_t);
    locks_at_ = states_at_ + slots;
    block_bytes_ = locks_at_ + slots;
    // Zero bytes are null pointers. One piece, so that it lies in the first region, of small pages.
    blocks_ = reinterpret_cast<std::atomic<std::byte*>*>(
        allocate(tables_, (kMaxBlocks + kMaxUpperBlocks) * sizeof(std::byte*)));
    upper_blocks_ = blocks_ + kMaxBlocks;
}

std::byte* Graph::allocate(vec::PageArena& arena, std::size_t size) {
    auto memory = arena.allocate(size);
    if (!memory.ok()) throw std::bad_alloc();
    return memory->data();
}

std::uint32_t Graph::allocate_upper(std::uint32_t rows) {
    const std::uint32_t first = upper_used_.fetch_add(rows, std::memory_order_relaxed);
    for (std::uint32_t index = first >> kUpperShift; index <= (first + rows - 1) >> kUpperShift;
         ++index) {
        if (upper_blocks_[index].load(std::memory_order_acquire) != nullptr) continue;
        const std::lock_guard lock(grow_mutex_);
        if (upper_blocks_[index].load(std::memory_order_relaxed) == nullptr) {
            upper_blocks_[index].store(
                allocate(arena_, std::size_t{kUpperRows} * m_ * sizeof(Link)),
                std::memory_order_release);
        }
    }
    return first;
}

Link* Graph::upper_links(Slot slot, std::uint32_t level) const {
    const std::uint32_t row = upper_index(slot) + level - 1;
    std::byte* base = upper_blocks_[row >> kUpperShift].load(std::memory_order_acquire);
    return reinterpret_cast<Link*>(base) + std::size_t{row & (kUpperRows - 1)} * m_;
}

void Graph::add(Slot slot, std::uint32_t level) {
    QD_ASSERT(slot < kMaxSlots);
    QD_ASSERT(level <= kMaxLevel);
    std::atomic<std::byte*>& block = blocks_[slot >> kBlockShift];
    if (block.load(std::memory_order_acquire) == nullptr) {
        const std::lock_guard lock(grow_mutex_);
        if (block.load(std::memory_order_relaxed) == nullptr)
            block.store(allocate(arena_, block_bytes_), std::memory_order_release);
    }
    QD_ASSERT(state(slot).load(std::memory_order_relaxed) == 0);
    if (level > 0) upper_index(slot) = allocate_upper(level);
    for (std::uint32_t l = 0; l <= level; ++l) {
        Link* row = links(slot, l);
        for (std::uint32_t i = 0; i < width(l); ++i)
            row[i].store(kNoSlot, std::memory_order_relaxed);
    }
    // Bit 7: published. The level tells that the rows exist.
    state(slot).store(static_cast<std::uint8_t>(level + 1), std::memory_order_release);
    Slot bound = slot_bound_.load(std::memory_order_relaxed);
    while (bound <= slot &&
           !slot_bound_.compare_exchange_weak(bound, slot + 1, std::memory_order_acq_rel)) {
    }
}

void Graph::publish(Slot slot) {
    state(slot).fetch_or(0x80, std::memory_order_release);
    size_.fetch_add(1, std::memory_order_acq_rel);
}

bool Graph::contains(Slot slot) const {
    if (slot >= kMaxSlots || block(slot) == nullptr) return false;
    return (state(slot).load(std::memory_order_acquire) & 0x80) != 0;
}

std::uint32_t Graph::level(Slot slot) const {
    return (state(slot).load(std::memory_order_relaxed) & 0x7fU) - 1;
}

Entry Graph::entry() const {
    const std::uint64_t packed = entry_.load(std::memory_order_acquire);
    return {static_cast<Slot>(packed), static_cast<std::uint32_t>(packed >> 32)};
}

void Graph::set_entry(Entry entry) {
    entry_.store(std::uint64_t{entry.level} << 32 | entry.slot, std::memory_order_release);
}

std::size_t Graph::bytes(bool with_codes) const {
    const std::size_t node = 2 * m_ * sizeof(Link) + sizeof(std::uint32_t) + 2 +
                             (with_codes ? code_stride_ + sizeof(CodeScale) : 0);
    return size() * node +
           std::size_t{upper_used_.load(std::memory_order_relaxed)} * m_ * sizeof(Link);
}

NodeLock::NodeLock(const Graph& graph, Slot slot) : byte_(graph.lock_byte(slot)) {
    // Held for microseconds; the holder may have lost its core, so give way after a while.
    for (std::uint32_t tries = 0; byte_.exchange(1, std::memory_order_acquire) != 0; ++tries) {
        if (tries < 64) {
            _mm_pause();
        } else {
            std::this_thread::yield();
        }
    }
}

}  // namespace qdrantd::index::hnsw
