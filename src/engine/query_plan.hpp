// SPDX-License-Identifier: Apache-2.0
// How a search goes about its work, by what it would cost. Pure.
// Thread safety: free functions. Units: costs are nanoseconds of one core, rough: they need to be
// right within a factor of two or so (design notes on measured kernels and memory).
#pragma once

#include <cstdint>

namespace qdrantd::engine {

enum class SearchPlan {
    kScan,             // score every point
    kGraph,            // walk the graph
    kScanCandidates,   // score the points an exact candidate set names
    kGraphCandidates,  // walk the graph, results from an exact candidate set only
    kScanThenCheck,    // score what may match, then check payloads, best first
    kGraphThenCheck,   // walk the graph for more than asked, then check payloads, best first
};

enum class FilterKind {
    kNone,
    kExactCandidates,  // the candidate set is the answer
    kMayMatch,         // payloads have to be checked; candidates or none
};

struct PlanInputs {
    bool exact = false;  // asked for a full scan
    FilterKind filter = FilterKind::kNone;
    std::uint64_t candidates = 0;  // points left over by indexes; live when they say nothing
    std::uint64_t live = 0;        // points with the vector
    std::uint64_t linked = 0;      // slots the graph covers
    std::uint32_t dimension = 0;
    std::uint64_t limit = 0;
    std::uint64_t ef = 0;
    std::uint64_t full_scan_kib = 0;
};

SearchPlan choose_plan(const PlanInputs& inputs);
/// Cost of scoring `rows` rows, one after the other or here and there.
double scan_cost(std::uint64_t rows, std::uint32_t dimension, bool scattered);
/// Cost of a walk with a beam of `ef`, when `share` of the points may be results.
double graph_cost(std::uint64_t ef, std::uint32_t dimension, double share);

}  // namespace qdrantd::engine
