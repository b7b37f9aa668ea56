// SPDX-License-Identifier: Apache-2.0
// The scratch memory of one search or insert: visited marks, candidate containers, encoded queries.
// Lent by a pool, so that a running system allocates nothing per query. Thread safety: the pool's
// methods; a context belongs to its borrower.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "index/hnsw/candidates.hpp"
#include "index/hnsw/row_coder.hpp"

namespace qdrantd::index::hnsw {

/// One byte per slot holds the number of the walk that saw it last; wiped every 255 walks.
class VisitedMarks {
  public:
    /// Starts a walk over slots below `bound`; others count as visited.
    void start(Slot bound) {
        if (marks_.size() < bound) marks_.resize(std::size_t{bound} + bound / 4, 0);
        bound_ = bound;
        if (++epoch_ == 0) {
            std::fill(marks_.begin(), marks_.end(), std::uint8_t{0});
            epoch_ = 1;
        }
    }
    /// Marks `slot`; true when it was not marked.
    bool visit(Slot slot) {
        if (slot >= bound_ || marks_[slot] == epoch_) return false;
        marks_[slot] = epoch_;
        return true;
    }
    [[nodiscard]] std::size_t bytes() const { return marks_.size(); }

  private:
    std::vector<std::uint8_t> marks_;
    Slot bound_ = 0;
    std::uint8_t epoch_ = 0;
};

struct SearchContext {
    VisitedMarks visited;
    BeamPool beam;
    BoundedHeap results;
    std::vector<Candidate> queue;
    std::vector<Candidate> chosen;
    std::vector<Slot> fresh;  // neighbours collected before scoring
    std::vector<float> scores;
    QueryCode query_code;
    QueryCode row_code;
};

class ContextPool {
  public:
    class Lease {
      public:
        Lease(ContextPool& pool, std::unique_ptr<SearchContext> context)
            : pool_(pool), context_(std::move(context)) {}
        ~Lease() { pool_.give_back(std::move(context_)); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        SearchContext& operator*() const { return *context_; }
        SearchContext* operator->() const { return context_.get(); }

      private:
        ContextPool& pool_;
        std::unique_ptr<SearchContext> context_;
    };

    [[nodiscard]] Lease borrow() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return {*this, std::make_unique<SearchContext>()};
        auto context = std::move(idle_.back());
        idle_.pop_back();
        return {*this, std::move(context)};
    }

  private:
    static constexpr std::size_t kMaxIdle = 16;

    void give_back(std::unique_ptr<SearchContext> context) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < kMaxIdle) idle_.push_back(std::move(context));
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<SearchContext>> idle_;
};

}  // namespace qdrantd::index::hnsw
