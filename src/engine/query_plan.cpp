// SPDX-License-Identifier: Apache-2.0
#include "engine/query_plan.hpp"

#include <algorithm>
#include <cmath>

namespace qdrantd::engine {
namespace {

std::uint64_t kib(std::uint64_t rows, std::uint32_t dimension) {
    return rows * dimension * sizeof(float) / 1024;
}

/// Most points a walk should be asked for before a scan is simpler.
constexpr double kShareAskedMax = 0.25;

}  // namespace

double scan_cost(std::uint64_t rows, std::uint32_t dimension, bool scattered) {
    const double each = scattered ? 20 + 0.15 * dimension : 8 + 0.06 * dimension;
    return static_cast<double>(rows) * each;
}

double graph_cost(std::uint64_t ef, std::uint32_t dimension, double share) {
    const double distances = 12.0 * static_cast<double>(ef) + 200;
    const double each = 30 + 0.08 * dimension;
    // A walk among points that mostly do not count goes on for longer.
    const double detour = 1 / std::sqrt(std::clamp(share, 0.001, 1.0));
    return distances * each * detour;
}

SearchPlan choose_plan(const PlanInputs& in) {
    const auto beam = std::max(in.ef, in.limit);
    const bool graph =
        !in.exact && in.linked > 0 && kib(in.live, in.dimension) >= in.full_scan_kib &&
        static_cast<double>(in.limit) < kShareAskedMax * static_cast<double>(in.live);
    const double share =
        in.live == 0 ? 1.0 : static_cast<double>(in.candidates) / static_cast<double>(in.live);
    switch (in.filter) {
        case FilterKind::kNone: {
            const bool cheaper =
                graph_cost(beam, in.dimension, 1) < scan_cost(in.live, in.dimension, false);
            return graph && cheaper ? SearchPlan::kGraph : SearchPlan::kScan;
        }
        case FilterKind::kExactCandidates: {
            const bool cheaper = graph_cost(beam, in.dimension, share) <
                                 scan_cost(in.candidates, in.dimension, true);
            const bool many = kib(in.candidates, in.dimension) >= in.full_scan_kib;
            return graph && many && cheaper ? SearchPlan::kGraphCandidates
                                            : SearchPlan::kScanCandidates;
        }
        case FilterKind::kMayMatch: {
            const bool cheaper = graph_cost(beam * 4, in.dimension, share) <
                                 scan_cost(in.candidates, in.dimension, true);
            return graph && cheaper ? SearchPlan::kGraphThenCheck : SearchPlan::kScanThenCheck;
        }
    }
    return SearchPlan::kScan;
}

}  // namespace qdrantd::engine
