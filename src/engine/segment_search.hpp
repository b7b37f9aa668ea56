// SPDX-License-Identifier: Apache-2.0
// One search for the nearest points, from plan to hits.
// How to use: construct, then run() once. Guarantees `limit` hits whenever that many points match:
// a walk of the graph that finds fewer is followed by a scan. Thread safety: none; one per search.
// Ownership: borrows the segment, the view and the request. Errors: kBadInput for a vector that
// does not fit, kTimeout, those of the store.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/deadline_check.hpp"
#include "engine/point_filter.hpp"
#include "engine/query_plan.hpp"
#include "engine/query_row.hpp"
#include "engine/top_k.hpp"

namespace qdrantd::engine {

class SegmentSearch {
  public:
    SegmentSearch(const Segment::Impl& segment, const ReadView& view,
                  const model::QueryRequest& request, const VectorField& field,
                  const model::DenseVector& query, Deadline deadline);

    /// Best first, at most request.limit, past the score threshold none.
    Result<std::vector<Hit>> run();
    /// What run() went by, for tests.
    [[nodiscard]] SearchPlan plan() const { return plan_; }

  private:
    [[nodiscard]] SearchPlan make_plan() const;
    /// Is the slot one that this search may return, filter aside?
    [[nodiscard]] bool usable(Slot slot) const noexcept {
        return slot < end_ && field_.has(slot) && view_.sees(segment_.columns, slot);
    }
    [[nodiscard]] bool passes_threshold(float raw) const noexcept;

    Status scan(Slot from, TopK& best);
    Status scan_candidates(Slot from, TopK& best);
    /// Up to `k` hits of the graph that `bits` (may be null: all usable) accepts.
    [[nodiscard]] std::vector<Hit> walk(std::size_t k, const std::vector<std::uint64_t>* bits,
                                        double share) const;
    [[nodiscard]] std::vector<std::uint64_t> candidate_bits() const;

    Result<std::vector<Hit>> run_scan();
    Result<std::vector<Hit>> run_graph();
    Result<std::vector<Hit>> run_scan_candidates();
    Result<std::vector<Hit>> run_graph_candidates();
    Result<std::vector<Hit>> run_scan_then_check();
    Result<std::vector<Hit>> run_graph_then_check();
    /// Checks `hits`, a heap with the best in front, until `limit_` match, the threshold ends it,
    /// or `budget` payloads were read; then `unfinished`.
    Status check_best_first(std::vector<Hit>& hits, std::size_t budget, std::vector<Hit>& matching,
                            bool& unfinished);

    const Segment::Impl& segment_;
    const ReadView& view_;
    const VectorField& field_;
    const VectorField::Tuning tuning_;
    const std::shared_ptr<VectorGraph> graph_;
    const QueryRow query_;
    const BetterHit better_;
    const bool exact_;
    const std::optional<float> threshold_;
    DeadlineCheck deadline_;
    std::optional<PointFilter> filter_;
    Slot floor_ = 0;  // the graph is asked for slots below, the rest is scanned
    Slot end_ = 0;    // slots from here on are left out
    std::size_t limit_ = 0;
    std::size_t ef_ = 0;
    SearchPlan plan_ = SearchPlan::kScan;
};

}  // namespace qdrantd::engine
