// SPDX-License-Identifier: Apache-2.0
// Metrics: what "close" means. Raw similarity: larger is closer (spec search.md §1.4): dot product,
// minus squared Euclid, minus Manhattan. Cosine is the dot product of vectors normalised when they
// were written. The reference kernels here are portable, slow and trusted; kernel_table.hpp has the
// fast ones. Thread safety: pure functions.
#pragma once

#include <cstddef>

#include <qdrantd/model/collection_config.hpp>

namespace qdrantd::vec {

float reference_dot(const float* a, const float* b, std::size_t n) noexcept;
float reference_squared_euclid(const float* a, const float* b, std::size_t n) noexcept;
float reference_manhattan(const float* a, const float* b, std::size_t n) noexcept;

/// The score a client sees for a raw similarity: square root and sign for Euclid and Manhattan.
float score_from_raw(model::Distance distance, float raw) noexcept;
/// Inverse of score_from_raw.
float raw_from_score(model::Distance distance, float score) noexcept;
/// Cosine and Dot: larger scores are better; Euclid and Manhattan: smaller.
bool larger_is_better(model::Distance distance) noexcept;

}  // namespace qdrantd::vec
