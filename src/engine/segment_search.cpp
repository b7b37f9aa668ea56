// SPDX-License-Identifier: Apache-2.0
#include "engine/segment_search.hpp"

#include <algorithm>
#include <utility>

namespace qdrantd::engine {
namespace {

/// Payloads read at once while checking hits, growing from the first to the last.
constexpr std::size_t kCheckedFirst = 32;
constexpr std::size_t kCheckedMax = 512;
/// A walk for candidates to check asks for so many times the limit first, and more each time.
constexpr std::size_t kWiderFirst = 4;
constexpr std::size_t kWiderStep = 4;
constexpr std::size_t kWalkedMax = 4096;

struct WalkContext {
    const SegmentSearch* search;
    const SlotColumns* columns;
    const ReadView* view;
    const std::uint64_t* bits;
    Slot floor;
};

bool accepts_view(const void* context, Slot slot) noexcept {
    const auto& walk = *static_cast<const WalkContext*>(context);
    return slot < walk.floor && walk.view->sees(*walk.columns, slot);
}

bool accepts_bits(const void* context, Slot slot) noexcept {
    const auto& walk = *static_cast<const WalkContext*>(context);
    return slot < walk.floor && ((walk.bits[slot / 64] >> (slot % 64)) & 1) != 0;
}

}  // namespace

SegmentSearch::SegmentSearch(const Segment::Impl& segment, const ReadView& view,
                             const model::QueryRequest& request, const VectorField& field,
                             const model::DenseVector& query, Deadline deadline)
    : segment_(segment),
      view_(view),
      field_(field),
      tuning_(field.tuning()),
      graph_(field.graph()),
      query_(query, field.distance(), field.rows()),
      better_(segment.columns, field.distance()),
      exact_(request.params.exact),
      threshold_(request.score_threshold),
      deadline_(deadline, "Search"),
      end_(view.slots()) {
    if (graph_ != nullptr) floor_ = std::min(graph_->floor(), view.slots());
    limit_ = static_cast<std::size_t>(std::min<std::uint64_t>(request.limit, view.live()));
    ef_ = static_cast<std::size_t>(std::min<std::uint64_t>(
        request.params.hnsw_ef.value_or(tuning_.ef_construct), std::max<Slot>(floor_, 1)));
    if (request.filter && !request.filter->empty()) {
        filter_.emplace(segment, view, *request.filter);
    }
    if (request.params.indexed_only) {
        // The tail is what elsewhere is a segment without a graph (spec search.md §7.3).
        std::uint64_t tail = view.slots() - floor_;
        if (filter_ && filter_->candidates()) {
            tail = std::min<std::uint64_t>(tail, filter_->candidates()->slots.cardinality());
        }
        const auto most = std::max(tuning_.indexing_kib, tuning_.full_scan_kib) * 1024;
        if (tail * field.dimension() * sizeof(float) > most) end_ = floor_;
    }
    plan_ = make_plan();
}

SearchPlan SegmentSearch::make_plan() const {
    PlanInputs inputs;
    inputs.exact = exact_;
    inputs.live = std::min<std::uint64_t>(field_.live(), view_.live());
    inputs.candidates = inputs.live;
    inputs.linked = graph_ == nullptr ? 0 : floor_;
    inputs.dimension = field_.dimension();
    inputs.limit = limit_;
    inputs.ef = ef_;
    inputs.full_scan_kib = tuning_.full_scan_kib;
    if (filter_) {
        inputs.filter = filter_->settled() ? FilterKind::kExactCandidates : FilterKind::kMayMatch;
        if (filter_->candidates()) inputs.candidates = filter_->candidates()->slots.cardinality();
    }
    return choose_plan(inputs);
}

bool SegmentSearch::passes_threshold(float raw) const noexcept {
    if (!threshold_) return true;
    const auto score = vec::score_from_raw(field_.distance(), raw);
    return vec::larger_is_better(field_.distance()) ? score > *threshold_ : score < *threshold_;
}

Result<std::vector<Hit>> SegmentSearch::run() {
    QD_TRY(deadline_.look());
    if (limit_ == 0) return std::vector<Hit>();
    auto found = [&] {
        switch (plan_) {
            case SearchPlan::kScan:
                return run_scan();
            case SearchPlan::kGraph:
                return run_graph();
            case SearchPlan::kScanCandidates:
                return run_scan_candidates();
            case SearchPlan::kGraphCandidates:
                return run_graph_candidates();
            case SearchPlan::kScanThenCheck:
                return run_scan_then_check();
            case SearchPlan::kGraphThenCheck:
                return run_graph_then_check();
        }
        return run_scan();
    }();
    if (!found.ok()) return found;
    auto& hits = *found;
    const auto bad = std::find_if(hits.begin(), hits.end(),
                                  [&](const Hit& hit) { return !passes_threshold(hit.raw); });
    hits.erase(bad, hits.end());
    return found;
}

Status SegmentSearch::scan(Slot from, TopK& best) {
    for (auto slot = from; slot < end_; ++slot) {
        if (usable(slot)) best.push({slot, query_.raw(slot)});
        QD_TRY(deadline_.step());
    }
    return {};
}

Status SegmentSearch::scan_candidates(Slot from, TopK& best) {
    auto at = filter_->candidates()->slots.begin();
    at.equalorlarger(from);
    for (const auto last = filter_->candidates()->slots.end(); at != last; ++at) {
        const Slot slot = *at;
        if (slot >= end_) break;
        if (usable(slot)) best.push({slot, query_.raw(slot)});
        QD_TRY(deadline_.step());
    }
    return {};
}

std::vector<Hit> SegmentSearch::walk(std::size_t k, const std::vector<std::uint64_t>* bits,
                                     double share) const {
    const WalkContext context{this, &segment_.columns, &view_,
                              bits == nullptr ? nullptr : bits->data(), floor_};
    const auto alive =
        static_cast<double>(view_.live()) / static_cast<double>(std::max<Slot>(view_.slots(), 1));
    const index::SlotFilter filter{bits == nullptr ? accepts_view : accepts_bits, &context,
                                   std::min(1.0, share * alive)};
    return graph_->index().search(query_.data(), k, std::max<std::size_t>(ef_, 1), filter);
}

std::vector<std::uint64_t> SegmentSearch::candidate_bits() const {
    std::vector<std::uint64_t> bits(floor_ / 64 + 1, 0);
    for (const auto slot : filter_->candidates()->slots) {
        if (slot >= floor_) break;
        if (usable(slot)) bits[slot / 64] |= std::uint64_t{1} << (slot % 64);
    }
    return bits;
}

Result<std::vector<Hit>> SegmentSearch::run_scan() {
    TopK best(limit_, better_);
    QD_TRY(scan(0, best));
    return best.take();
}

Result<std::vector<Hit>> SegmentSearch::run_graph() {
    TopK best(limit_, better_);
    for (const auto& hit : walk(limit_, nullptr, 1.0))
        best.push(hit);
    QD_TRY(scan(floor_, best));
    if (best.size() < limit_ && best.size() < field_.live()) return run_scan();
    return best.take();
}

Result<std::vector<Hit>> SegmentSearch::run_scan_candidates() {
    TopK best(limit_, better_);
    QD_TRY(scan_candidates(0, best));
    return best.take();
}

Result<std::vector<Hit>> SegmentSearch::run_graph_candidates() {
    const auto cardinality = filter_->candidates()->slots.cardinality();
    const auto share =
        static_cast<double>(cardinality) / static_cast<double>(std::max<Slot>(view_.slots(), 1));
    const auto bits = candidate_bits();
    TopK best(limit_, better_);
    for (const auto& hit : walk(limit_, &bits, share))
        best.push(hit);
    QD_TRY(scan_candidates(floor_, best));
    if (best.size() < limit_ && best.size() < cardinality) return run_scan_candidates();
    return best.take();
}

Status SegmentSearch::check_best_first(std::vector<Hit>& hits, std::size_t budget,
                                       std::vector<Hit>& matching, bool& unfinished) {
    unfinished = false;
    const auto worse = [&](const Hit& a, const Hit& b) { return better_(b, a); };
    std::size_t spent = 0;
    for (auto turn = kCheckedFirst; !hits.empty() && matching.size() < limit_;
         turn = std::min(turn * 2, kCheckedMax)) {
        if (spent >= budget) {
            unfinished = true;
            return {};
        }
        std::vector<Hit> part;
        while (part.size() < turn && !hits.empty()) {
            std::pop_heap(hits.begin(), hits.end(), worse);
            const auto hit = hits.back();
            hits.pop_back();
            if (!passes_threshold(hit.raw)) {
                hits.clear();
                break;
            }
            part.push_back(hit);
        }
        std::vector<Slot> slots;
        slots.reserve(part.size());
        for (const auto& hit : part)
            slots.push_back(hit.slot);
        QD_TRY(filter_->keep_matching(slots));
        std::size_t kept = 0;
        for (const auto& hit : part) {
            if (kept == slots.size() || matching.size() == limit_) break;
            if (slots[kept] != hit.slot) continue;
            ++kept;
            matching.push_back(hit);
        }
        spent += part.size();
        QD_TRY(deadline_.step(part.size() * 4));
    }
    return {};
}

Result<std::vector<Hit>> SegmentSearch::run_scan_then_check() {
    std::vector<Hit> matching;
    if (filter_->needs_payload()) {
        // Scores cost less than payloads: score all that may match, then read payloads from the
        // best on. Unless matches are rare; then reading all payloads in their order is cheaper.
        std::vector<Hit> hits;
        const auto score = [&](Slot slot) -> Status {
            if (usable(slot)) hits.push_back({slot, query_.raw(slot)});
            return deadline_.step();
        };
        if (filter_->candidates()) {
            for (const auto slot : filter_->candidates()->slots)
                QD_TRY(score(slot));
        } else {
            for (Slot slot = 0; slot < end_; ++slot)
                QD_TRY(score(slot));
        }
        std::make_heap(hits.begin(), hits.end(),
                       [&](const Hit& a, const Hit& b) { return better_(b, a); });
        bool unfinished = false;
        const auto budget = std::max<std::size_t>(512, hits.size() / 16);
        QD_TRY(check_best_first(hits, budget, matching, unfinished));
        if (!unfinished) return matching;
    }
    TopK best(limit_, better_);
    QD_TRY(filter_->each_match(end_, deadline_, [&](Slot slot) {
        if (usable(slot)) best.push({slot, query_.raw(slot)});
    }));
    return best.take();
}

Result<std::vector<Hit>> SegmentSearch::run_graph_then_check() {
    const auto worse = [&](const Hit& a, const Hit& b) { return better_(b, a); };
    const auto most = std::min<std::size_t>(kWalkedMax, floor_);
    for (auto k = limit_ * kWiderFirst; k <= most; k *= kWiderStep) {
        TopK best(k, better_);
        const auto walked = walk(k, nullptr, 1.0);
        // What was not walked is worse than what was, so a threshold may settle it.
        const bool all_seen = !walked.empty() && !passes_threshold(walked.back().raw);
        for (const auto& hit : walked) {
            if (filter_->may_match(hit.slot)) best.push(hit);
        }
        if (filter_->candidates()) {
            QD_TRY(scan_candidates(floor_, best));
        } else {
            QD_TRY(scan(floor_, best));
        }
        auto hits = best.take();
        std::make_heap(hits.begin(), hits.end(), worse);
        std::vector<Hit> matching;
        bool unfinished = false;
        QD_TRY(check_best_first(hits, hits.size() + 1, matching, unfinished));
        if (matching.size() == limit_ || all_seen) return matching;
    }
    return run_scan_then_check();
}

}  // namespace qdrantd::engine
