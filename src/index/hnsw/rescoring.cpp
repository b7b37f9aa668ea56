// SPDX-License-Identifier: Apache-2.0
#include "index/hnsw/rescoring.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace qdrantd::index::hnsw {
namespace {

constexpr std::size_t kBlock = 8;
// Three times the root mean square error leaves out one in some hundred at the border.
constexpr float kMarginErrors = 3.0F;

}  // namespace

void rescore(const float* query, const vec::VectorRows& rows,
             vec::KernelTable::SimilarityMany kernel, std::span<const Candidate> candidates,
             std::size_t k, BoundedHeap& best) {
    best.reset(k);
    double squared_errors = 0;
    std::size_t done = 0;
    std::array<const float*, kBlock> pointers;
    std::array<float, kBlock> exact;
    while (done < candidates.size()) {
        if (done >= std::max(k, kBlock)) {
            const auto error =
                static_cast<float>(std::sqrt(squared_errors / static_cast<double>(done)));
            if (candidate_similarity(candidates[done]) + kMarginErrors * error <
                candidate_similarity(best.worst())) {
                return;
            }
        }
        const std::size_t batch = std::min(kBlock, candidates.size() - done);
        for (std::size_t i = 0; i < batch; ++i)
            pointers[i] = rows.row(candidate_slot(candidates[done + i]));
        kernel(query, pointers.data(), batch, rows.stride(), exact.data());
        for (std::size_t i = 0; i < batch; ++i) {
            const Candidate estimate = candidates[done + i];
            const double error =
                static_cast<double>(exact[i]) - static_cast<double>(candidate_similarity(estimate));
            squared_errors += error * error;
            best.insert(make_candidate(exact[i], candidate_slot(estimate)));
        }
        done += batch;
    }
}

}  // namespace qdrantd::index::hnsw
