// SPDX-License-Identifier: Apache-2.0
// A growing HNSW graph and the account of what is linked in it. Threads claim ranges of slots in
// order, link them and hand them back; all slots below floor() are linked, the rest is the tail
// that searches scan. How to use: link() from background threads; a search reads floor() first,
// then searches the graph for slots below it and scans from there. Thread safety: all methods.
// Ownership: owns the graph, borrows the rows.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include <qdrantd/index/hnsw_index.hpp>

namespace qdrantd::engine {

class VectorGraph {
  public:
    VectorGraph(index::HnswOptions options, const vec::VectorRows& rows);
    /// A graph that was loaded and has everything below `floor`.
    VectorGraph(index::HnswOptions options, std::unique_ptr<index::HnswIndex> index, Slot floor);

    [[nodiscard]] const index::HnswOptions& options() const { return options_; }
    [[nodiscard]] const index::HnswIndex& index() const { return *index_; }
    /// Slots below are linked, or need no link.
    [[nodiscard]] Slot floor() const;
    /// Links up to `limit` of the slots below `end` that `wanted` accepts; returns how many slots
    /// it dealt with. Waits while the graph is paused.
    std::size_t link(std::size_t limit, Slot end, const std::function<bool(Slot)>& wanted);

    /// Keeps link() from changing the graph as long as it lives.
    class Pause {
      public:
        explicit Pause(VectorGraph& graph);
        ~Pause();
        Pause(const Pause&) = delete;
        Pause& operator=(const Pause&) = delete;

      private:
        VectorGraph& graph_;
    };

  private:
    struct Claim {
        Slot begin = 0;
        Slot end = 0;
    };
    Claim claim(std::size_t limit, Slot end);
    void finish(Claim claim);

    const index::HnswOptions options_;
    const std::unique_ptr<index::HnswIndex> index_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Slot next_ = 0;             // not claimed yet
    std::set<Slot> in_flight_;  // begins of unfinished claims
    std::size_t pauses_ = 0;
};

}  // namespace qdrantd::engine
