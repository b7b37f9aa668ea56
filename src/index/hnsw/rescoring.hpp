// SPDX-License-Identifier: Apache-2.0
// Exact scores for the best candidates of a walk over codes. Candidates are taken in the order of
// their estimates until none left could reach the best `k`: the margin is a multiple of the errors
// seen so far, so the oversampling follows the data. Thread safety: pure but for `best`.
#pragma once

#include <cstddef>
#include <span>

#include <qdrantd/vector/kernel_table.hpp>
#include <qdrantd/vector/vector_rows.hpp>

#include "index/hnsw/candidates.hpp"

namespace qdrantd::index::hnsw {

/// Leaves the `k` closest of `candidates` (closest estimate first) in `best`, scored by the rows.
void rescore(const float* query, const vec::VectorRows& rows,
             vec::KernelTable::SimilarityMany kernel, std::span<const Candidate> candidates,
             std::size_t k, BoundedHeap& best);

}  // namespace qdrantd::index::hnsw
