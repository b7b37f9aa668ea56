// SPDX-License-Identifier: Apache-2.0
// The memory of one HNSW graph: for every slot its level, its links on level 0 (a fixed row of 2m,
// ended by kNoSlot when shorter) and on the levels above (rows of m), a lock byte, and the int8
// code of its vector with the code's scale. Addressed by slot, in blocks that never move.
//
// Thread safety: any number of readers at any time. A slot's own rows are written by the thread
// that adds it until it is published (a link to it, or entry, stored with release order); after
// that, under its NodeLock. Readers may see a row while it is rewritten: a mixture of old and new
// links, each of them valid. Ownership: one arena, freed with the graph.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/vector/page_arena.hpp>

namespace qdrantd::index::hnsw {

using Link = std::atomic<Slot>;

/// How to read the code of a row: similarity = product of scales * integer product + both biases.
struct CodeScale {
    float scale = 0;
    float bias = 0;
};

/// Where searches start, and on which level.
struct Entry {
    Slot slot = kNoSlot;
    std::uint32_t level = 0;
};

class Graph {
  public:
    static constexpr std::uint32_t kBlockShift = 10;
    static constexpr std::uint32_t kBlockSlots = 1U << kBlockShift;
    static constexpr Slot kMaxSlots = 1U << 31;
    static constexpr std::uint32_t kMaxLevel = 15;

    /// `code_stride` bytes per code, a multiple of 64; 0 for none.
    Graph(std::uint32_t m, std::size_t code_stride);
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    [[nodiscard]] std::uint32_t m() const { return m_; }
    [[nodiscard]] std::uint32_t width(std::uint32_t level) const {
        return level == 0 ? 2 * m_ : m_;
    }

    /// Prepares empty rows for a new node. REQUIRES: slot < kMaxSlots, not added before. Throws
    /// std::bad_alloc.
    void add(Slot slot, std::uint32_t level);
    [[nodiscard]] bool contains(Slot slot) const;
    /// REQUIRES: contains(slot).
    [[nodiscard]] std::uint32_t level(Slot slot) const;
    /// Marks a node whose rows are complete as present.
    void publish(Slot slot);

    /// The links of an added node; `width(level)` long.
    [[nodiscard]] Link* links(Slot slot, std::uint32_t level) const {
        return level == 0 ? links0(slot) : upper_links(slot, level);
    }
    [[nodiscard]] Link* links0(Slot slot) const {
        return reinterpret_cast<Link*>(block(slot)) + std::size_t{offset(slot)} * 2 * m_;
    }
    [[nodiscard]] std::uint8_t* code(Slot slot) const {
        return reinterpret_cast<std::uint8_t*>(block(slot)) + codes_at_ +
               offset(slot) * code_stride_;
    }
    [[nodiscard]] CodeScale& scale(Slot slot) const {
        return reinterpret_cast<CodeScale*>(block(slot) + scales_at_)[offset(slot)];
    }

    [[nodiscard]] Entry entry() const;
    void set_entry(Entry entry);
    /// Number of published nodes.
    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_acquire); }
    /// One more than the largest slot added; links read afterwards may exceed an older value.
    [[nodiscard]] Slot slot_bound() const { return slot_bound_.load(std::memory_order_acquire); }
    [[nodiscard]] std::size_t bytes(bool with_codes) const;

  private:
    friend class NodeLock;

    static std::uint32_t offset(Slot slot) { return slot & (kBlockSlots - 1); }
    [[nodiscard]] std::byte* block(Slot slot) const {
        return blocks_[slot >> kBlockShift].load(std::memory_order_acquire);
    }
    [[nodiscard]] std::atomic<std::uint8_t>& state(Slot slot) const {
        return reinterpret_cast<std::atomic<std::uint8_t>*>(block(slot) + states_at_)[offset(slot)];
    }
    [[nodiscard]] std::atomic<std::uint8_t>& lock_byte(Slot slot) const {
        return reinterpret_cast<std::atomic<std::uint8_t>*>(block(slot) + locks_at_)[offset(slot)];
    }
    [[nodiscard]] std::uint32_t& upper_index(Slot slot) const {
        return reinterpret_cast<std::uint32_t*>(block(slot) + uppers_at_)[offset(slot)];
    }
    [[nodiscard]] Link* upper_links(Slot slot, std::uint32_t level) const;
    static std::byte* allocate(vec::PageArena& arena, std::size_t size);
    std::uint32_t allocate_upper(std::uint32_t rows);

    // Constant.
    const std::uint32_t m_;
    const std::size_t code_stride_;
    std::size_t codes_at_ = 0;
    std::size_t scales_at_ = 0;
    std::size_t uppers_at_ = 0;
    std::size_t states_at_ = 0;
    std::size_t locks_at_ = 0;
    std::size_t block_bytes_ = 0;
    // Self-synchronized.
    vec::PageArena tables_;  // of blocks_ and upper_blocks_: large, and touched where used only
    vec::PageArena arena_;
    std::atomic<std::byte*>* blocks_ = nullptr;
    std::atomic<std::byte*>* upper_blocks_ = nullptr;
    std::atomic<std::uint64_t> entry_{kNoSlot};
    std::atomic<std::size_t> size_{0};
    std::atomic<Slot> slot_bound_{0};
    std::atomic<std::uint32_t> upper_used_{0};
    std::mutex grow_mutex_;  // guards the growth of blocks_ and upper_blocks_
};

/// Holds the lock byte of one node. Two are never held at once by a thread.
class NodeLock {
  public:
    NodeLock(const Graph& graph, Slot slot);
    ~NodeLock() { byte_.store(0, std::memory_order_release); }
    NodeLock(const NodeLock&) = delete;
    NodeLock& operator=(const NodeLock&) = delete;

  private:
    std::atomic<std::uint8_t>& byte_;
};

}  // namespace qdrantd::index::hnsw
