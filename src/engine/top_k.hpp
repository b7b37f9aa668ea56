// SPDX-License-Identifier: Apache-2.0
// The best k of a stream of scored slots. Ties go to the larger id where larger scores are better
// and to the smaller id elsewhere (spec search.md §1.4), so that equal requests get equal answers.
// Thread safety: none. Ownership: borrows the columns.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <qdrantd/index/hnsw_index.hpp>
#include <qdrantd/vector/distance.hpp>

#include "engine/slot_columns.hpp"

namespace qdrantd::engine {

using Hit = index::ScoredSlot;

/// Strict order of hits, best first.
class BetterHit {
  public:
    BetterHit(const SlotColumns& columns, model::Distance distance)
        : columns_(&columns), larger_id_first_(vec::larger_is_better(distance)) {}
    bool operator()(const Hit& a, const Hit& b) const noexcept {
        if (a.raw != b.raw) return a.raw > b.raw;
        const auto& left = columns_->id[a.slot];
        const auto& right = columns_->id[b.slot];
        return larger_id_first_ ? left > right : left < right;
    }

  private:
    const SlotColumns* columns_;
    bool larger_id_first_;
};

class TopK {
  public:
    TopK(std::size_t k, BetterHit better) : k_(k), better_(better) {}

    void push(Hit hit) {
        if (hits_.size() < k_) {
            hits_.push_back(hit);
            std::push_heap(hits_.begin(), hits_.end(), better_);
        } else if (k_ > 0 && hit.raw >= hits_.front().raw && better_(hit, hits_.front())) {
            std::pop_heap(hits_.begin(), hits_.end(), better_);
            hits_.back() = hit;
            std::push_heap(hits_.begin(), hits_.end(), better_);
        }
    }
    [[nodiscard]] std::size_t size() const { return hits_.size(); }
    /// Best first; leaves nothing behind.
    std::vector<Hit> take() {
        std::sort_heap(hits_.begin(), hits_.end(), better_);
        return std::exchange(hits_, {});
    }

  private:
    const std::size_t k_;
    const BetterHit better_;
    std::vector<Hit> hits_;  // a heap, the worst in front
};

}  // namespace qdrantd::engine
