// SPDX-License-Identifier: Apache-2.0
// Candidates of a search, kept in order. A candidate is one 64-bit number: the similarity, mapped
// so that closer is smaller, then the slot, then whether it was expanded; so comparing numbers
// orders candidates. Two containers: BeamPool, one sorted array that is both the queue and the
// result of an unfiltered search (the linear pool known from glass), and BoundedHeap for results
// where they differ from the queue. Thread safety: none; one user each.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <qdrantd/common/ids.hpp>

namespace qdrantd::index::hnsw {

using Candidate = std::uint64_t;

/// `salt` (31 bits) changes the order of equally similar slots, see Linker.
inline Candidate make_candidate(float similarity, Slot slot, Slot salt = 0) {
    const auto bits = std::bit_cast<std::uint32_t>(similarity);
    const std::uint32_t falling = (bits & 0x80000000U) != 0 ? bits : bits ^ 0x7fffffffU;
    return std::uint64_t{falling} << 32 | std::uint64_t{(slot ^ salt) << 1};
}
inline float candidate_similarity(Candidate candidate) {
    const auto falling = static_cast<std::uint32_t>(candidate >> 32);
    return std::bit_cast<float>((falling & 0x80000000U) != 0 ? falling : falling ^ 0x7fffffffU);
}
inline Slot candidate_slot(Candidate candidate, Slot salt = 0) {
    return (static_cast<std::uint32_t>(candidate) >> 1) ^ salt;
}

class BeamPool {
  public:
    void reset(std::size_t capacity) {
        capacity_ = capacity;
        size_ = 0;
        cursor_ = 0;
        if (entries_.size() < capacity + 1) entries_.resize(capacity + 1);
    }

    void insert(Candidate candidate) {
        Candidate* entries = entries_.data();
        if (size_ == capacity_) {
            if (candidate >= entries[size_ - 1]) return;
        } else {
            ++size_;
        }
        // Without branches on the data: the compiler makes conditional moves of it.
        std::size_t low = 0;
        for (std::size_t length = size_ - 1; length > 0;) {
            const std::size_t half = length / 2;
            const bool right = entries[low + half] < candidate;
            low = right ? low + half + 1 : low;
            length = right ? length - half - 1 : half;
        }
        std::memmove(entries + low + 1, entries + low, (size_ - 1 - low) * sizeof(Candidate));
        entries[low] = candidate;
        cursor_ = std::min(cursor_, low);
    }

    /// Takes the closest candidate not expanded yet; false when there is none.
    bool expand_next(Candidate& out) {
        while (cursor_ < size_ && (entries_[cursor_] & 1) != 0)
            ++cursor_;
        if (cursor_ == size_) return false;
        out = entries_[cursor_];
        entries_[cursor_++] |= 1;
        return true;
    }

    /// Closest first.
    [[nodiscard]] const Candidate* begin() const { return entries_.data(); }
    [[nodiscard]] const Candidate* end() const { return entries_.data() + size_; }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    std::vector<Candidate> entries_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    std::size_t cursor_ = 0;  // every entry before it is expanded
};

/// The best `capacity` candidates, the worst of them on top.
class BoundedHeap {
  public:
    void reset(std::size_t capacity) {
        capacity_ = capacity;
        entries_.clear();
    }
    [[nodiscard]] bool full() const { return entries_.size() >= capacity_; }
    [[nodiscard]] bool would_take(Candidate candidate) const {
        return !full() || candidate < entries_.front();
    }
    void insert(Candidate candidate) {
        if (!would_take(candidate)) return;
        if (full()) {
            std::pop_heap(entries_.begin(), entries_.end());
            entries_.pop_back();
        }
        entries_.push_back(candidate);
        std::push_heap(entries_.begin(), entries_.end());
    }
    /// REQUIRES: not empty.
    [[nodiscard]] Candidate worst() const { return entries_.front(); }
    /// Closest first; the heap order is gone afterwards.
    std::vector<Candidate>& sorted() {
        std::sort_heap(entries_.begin(), entries_.end());
        return entries_;
    }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    std::vector<Candidate> entries_;
    std::size_t capacity_ = 0;
};

}  // namespace qdrantd::index::hnsw
