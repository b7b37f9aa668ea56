// SPDX-License-Identifier: Apache-2.0
// The loops of the float kernels, written once over a lane: a vector register of one instruction
// set with load, zero, sum and the step of each metric. Included only by the kernels_*.cpp sources,
// each with a Lane type in its own unnamed namespace, so every instance is private to its source.
#pragma once

#include <cstddef>

namespace qdrantd::vec {
namespace {

/// One pair. Four accumulators hide the latency of the additions.
template <typename Lane, typename Step>
inline float score_one(const float* a, const float* b, std::size_t n, Step step) noexcept {
    auto s0 = Lane::zero();
    auto s1 = Lane::zero();
    auto s2 = Lane::zero();
    auto s3 = Lane::zero();
    constexpr std::size_t w = Lane::kWidth;
    std::size_t i = 0;
    for (; i + 4 * w <= n; i += 4 * w) {
        s0 = step(s0, Lane::load(a + i), Lane::load(b + i));
        s1 = step(s1, Lane::load(a + i + w), Lane::load(b + i + w));
        s2 = step(s2, Lane::load(a + i + 2 * w), Lane::load(b + i + 2 * w));
        s3 = step(s3, Lane::load(a + i + 3 * w), Lane::load(b + i + 3 * w));
    }
    for (; i < n; i += w)
        s0 = step(s0, Lane::load(a + i), Lane::load(b + i));
    return Lane::sum(Lane::add(Lane::add(s0, s1), Lane::add(s2, s3)));
}

/// One query against many rows, four at a time: the query is loaded once for the four.
template <typename Lane, bool kNegate, typename Step>
inline void score_many(const float* query, const float* const* rows, std::size_t count,
                       std::size_t n, float* out, Step step) noexcept {
    constexpr float sign = kNegate ? -1.0F : 1.0F;
    std::size_t r = 0;
    for (; r + 4 <= count; r += 4) {
        const float* b0 = rows[r];
        const float* b1 = rows[r + 1];
        const float* b2 = rows[r + 2];
        const float* b3 = rows[r + 3];
        auto s0 = Lane::zero();
        auto s1 = Lane::zero();
        auto s2 = Lane::zero();
        auto s3 = Lane::zero();
        for (std::size_t i = 0; i < n; i += Lane::kWidth) {
            const auto q = Lane::load(query + i);
            s0 = step(s0, q, Lane::load(b0 + i));
            s1 = step(s1, q, Lane::load(b1 + i));
            s2 = step(s2, q, Lane::load(b2 + i));
            s3 = step(s3, q, Lane::load(b3 + i));
        }
        out[r] = sign * Lane::sum(s0);
        out[r + 1] = sign * Lane::sum(s1);
        out[r + 2] = sign * Lane::sum(s2);
        out[r + 3] = sign * Lane::sum(s3);
    }
    for (; r < count; ++r)
        out[r] = sign * score_one<Lane>(query, rows[r], n, step);
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
