// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "vector/float_loops.hpp"
#include "vector/kernels.hpp"

namespace qdrantd::vec {
namespace {

inline std::int32_t sum_i32(__m256i v) noexcept {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

struct Avx2Lane {
    static constexpr std::size_t kWidth = 8;
    static constexpr std::size_t kRows = 2;
    static __m256 zero() noexcept { return _mm256_setzero_ps(); }
    static __m256 load(const float* p) noexcept { return _mm256_loadu_ps(p); }
    static __m256 add(__m256 a, __m256 b) noexcept { return _mm256_add_ps(a, b); }
    static float sum(__m256 v) noexcept {
        __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
        s = _mm_add_ps(s, _mm_movehl_ps(s, s));
        return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
    }
    static constexpr auto dot_step = [](__m256 s, __m256 a, __m256 b) noexcept {
        return _mm256_fmadd_ps(a, b, s);
    };
    static constexpr auto euclid_step = [](__m256 s, __m256 a, __m256 b) noexcept {
        const __m256 d = _mm256_sub_ps(a, b);
        return _mm256_fmadd_ps(d, d, s);
    };
    static constexpr auto manhattan_step = [](__m256 s, __m256 a, __m256 b) noexcept {
        return _mm256_add_ps(s, _mm256_andnot_ps(_mm256_set1_ps(-0.0F), _mm256_sub_ps(a, b)));
    };
};

/// 32 products of s8 and u8, added to the eight sums of `s`. vpmaddubsw would saturate at 255 * 127
/// twice, so the row is taken as 2 * (u8 / 2) + (u8 & 1): both halves stay exact.
inline __m256i add_products(__m256i s, __m256i q, __m256i row) noexcept {
    const __m256i ones8 = _mm256_set1_epi8(1);
    const __m256i ones16 = _mm256_set1_epi16(1);
    const __m256i low = _mm256_and_si256(row, ones8);
    const __m256i half = _mm256_and_si256(_mm256_srli_epi16(row, 1), _mm256_set1_epi8(0x7f));
    const __m256i halves = _mm256_maddubs_epi16(half, q);  // at most 2 * 127 * 127
    const __m256i lows = _mm256_maddubs_epi16(low, q);     // at most 2 * 127
    s = _mm256_add_epi32(s, _mm256_slli_epi32(_mm256_madd_epi16(halves, ones16), 1));
    return _mm256_add_epi32(s, _mm256_madd_epi16(lows, ones16));
}

inline __m256i load_bytes(const void* p) noexcept {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}

}  // namespace

namespace avx2 {

QD_DEFINE_FLOAT_KERNELS(Avx2Lane)

void dot_s8_u8_many(const std::int8_t* query, const std::uint8_t* const* rows, std::size_t count,
                    std::size_t n, std::int32_t* out) noexcept {
    std::size_t r = 0;
    for (; r + 2 <= count; r += 2) {
        __m256i s0 = _mm256_setzero_si256();
        __m256i s1 = _mm256_setzero_si256();
        for (std::size_t i = 0; i < n; i += 32) {
            const __m256i q = load_bytes(query + i);
            s0 = add_products(s0, q, load_bytes(rows[r] + i));
            s1 = add_products(s1, q, load_bytes(rows[r + 1] + i));
        }
        out[r] = sum_i32(s0);
        out[r + 1] = sum_i32(s1);
    }
    for (; r < count; ++r) {
        __m256i s0 = _mm256_setzero_si256();
        __m256i s1 = _mm256_setzero_si256();
        for (std::size_t i = 0; i < n; i += 64) {
            s0 = add_products(s0, load_bytes(query + i), load_bytes(rows[r] + i));
            s1 = add_products(s1, load_bytes(query + i + 32), load_bytes(rows[r] + i + 32));
        }
        out[r] = sum_i32(_mm256_add_epi32(s0, s1));
    }
}

}  // namespace avx2
}  // namespace qdrantd::vec
