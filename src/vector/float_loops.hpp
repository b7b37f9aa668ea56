// SPDX-License-Identifier: Apache-2.0
// The loops of the float kernels, written once over a lane: a vector register of one instruction
// set with load, zero, sum and the step of each metric. Included only by the kernels_*.cpp sources,
// each with a Lane type in its own unnamed namespace, so every instance is private to its source.
#pragma once

#include <cstddef>

namespace qdrantd::vec {
namespace {

/// One query against kRows rows; the query is loaded once for all. Four accumulators for each row
/// hide the latency of the additions. The order of additions is the same for any kRows, so a pair
/// has the same score to the bit wherever it is computed.
template <typename Lane, std::size_t kRows, typename Step>
inline void score_rows(const float* query, const float* const* rows, std::size_t n, float* out,
                       float sign, Step step) noexcept {
    constexpr std::size_t w = Lane::kWidth;
    decltype(Lane::zero()) sums[kRows][4];
    for (std::size_t r = 0; r < kRows; ++r) {
        for (std::size_t j = 0; j < 4; ++j)
            sums[r][j] = Lane::zero();
    }
    std::size_t i = 0;
    for (; i + 4 * w <= n; i += 4 * w) {
        for (std::size_t j = 0; j < 4; ++j) {
            const auto q = Lane::load(query + i + j * w);
            for (std::size_t r = 0; r < kRows; ++r)
                sums[r][j] = step(sums[r][j], q, Lane::load(rows[r] + i + j * w));
        }
    }
    for (; i < n; i += w) {
        const auto q = Lane::load(query + i);
        for (std::size_t r = 0; r < kRows; ++r)
            sums[r][0] = step(sums[r][0], q, Lane::load(rows[r] + i));
    }
    for (std::size_t r = 0; r < kRows; ++r) {
        out[r] = sign * Lane::sum(Lane::add(Lane::add(sums[r][0], sums[r][1]),
                                            Lane::add(sums[r][2], sums[r][3])));
    }
}

template <typename Lane, typename Step>
inline float score_one(const float* a, const float* b, std::size_t n, Step step) noexcept {
    float out = 0;
    score_rows<Lane, 1>(a, &b, n, &out, 1.0F, step);
    return out;
}

template <typename Lane, bool kNegate, typename Step>
inline void score_many(const float* query, const float* const* rows, std::size_t count,
                       std::size_t n, float* out, Step step) noexcept {
    constexpr float sign = kNegate ? -1.0F : 1.0F;
    constexpr std::size_t k = Lane::kRows;
    std::size_t r = 0;
    for (; r + k <= count; r += k)
        score_rows<Lane, k>(query, rows + r, n, out + r, sign, step);
    for (; r < count; ++r)
        score_rows<Lane, 1>(query, rows + r, n, out + r, sign, step);
}

}  // namespace
}  // namespace qdrantd::vec

/// Defines the six float kernels of one level from its Lane.
#define QD_DEFINE_FLOAT_KERNELS(Lane)                                                             \
    float dot(const float* a, const float* b, std::size_t n) noexcept {                           \
        return score_one<Lane>(a, b, n, Lane::dot_step);                                          \
    }                                                                                             \
    float negative_squared_euclid(const float* a, const float* b, std::size_t n) noexcept {       \
        return -score_one<Lane>(a, b, n, Lane::euclid_step);                                      \
    }                                                                                             \
    float negative_manhattan(const float* a, const float* b, std::size_t n) noexcept {            \
        return -score_one<Lane>(a, b, n, Lane::manhattan_step);                                   \
    }                                                                                             \
    void dot_many(const float* query, const float* const* rows, std::size_t count, std::size_t n, \
                  float* out) noexcept {                                                          \
        score_many<Lane, false>(query, rows, count, n, out, Lane::dot_step);                      \
    }                                                                                             \
    void negative_squared_euclid_many(const float* query, const float* const* rows,               \
                                      std::size_t count, std::size_t n, float* out) noexcept {    \
        score_many<Lane, true>(query, rows, count, n, out, Lane::euclid_step);                    \
    }                                                                                             \
    void negative_manhattan_many(const float* query, const float* const* rows, std::size_t count, \
                                 std::size_t n, float* out) noexcept {                            \
        score_many<Lane, true>(query, rows, count, n, out, Lane::manhattan_step);                 \
    }
