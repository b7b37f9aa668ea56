// SPDX-License-Identifier: Apache-2.0
#include <emmintrin.h>

#include "vector/float_loops.hpp"
#include "vector/kernels.hpp"

namespace qdrantd::vec {
namespace {

struct Sse2Lane {
    static constexpr std::size_t kWidth = 4;
    static constexpr std::size_t kRows = 2;
    static __m128 zero() noexcept { return _mm_setzero_ps(); }
    static __m128 load(const float* p) noexcept { return _mm_loadu_ps(p); }
    static __m128 add(__m128 a, __m128 b) noexcept { return _mm_add_ps(a, b); }
    static float sum(__m128 v) noexcept {
        const __m128 high = _mm_add_ps(v, _mm_movehl_ps(v, v));
        return _mm_cvtss_f32(_mm_add_ss(high, _mm_shuffle_ps(high, high, 1)));
    }
    static constexpr auto dot_step = [](__m128 s, __m128 a, __m128 b) noexcept {
        return _mm_add_ps(s, _mm_mul_ps(a, b));
    };
    static constexpr auto euclid_step = [](__m128 s, __m128 a, __m128 b) noexcept {
        const __m128 d = _mm_sub_ps(a, b);
        return _mm_add_ps(s, _mm_mul_ps(d, d));
    };
    static constexpr auto manhattan_step = [](__m128 s, __m128 a, __m128 b) noexcept {
        return _mm_add_ps(s, _mm_andnot_ps(_mm_set1_ps(-0.0F), _mm_sub_ps(a, b)));
    };
};

/// 16 products of s8 and u8, added to the four sums of `s`: both sides are widened to 16 bits.
inline __m128i add_products(__m128i s, const std::int8_t* query, const std::uint8_t* row) noexcept {
    const __m128i q = _mm_loadu_si128(reinterpret_cast<const __m128i*>(query));
    const __m128i r = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row));
    const __m128i zero = _mm_setzero_si128();
    const __m128i sign = _mm_cmpgt_epi8(zero, q);
    s = _mm_add_epi32(s, _mm_madd_epi16(_mm_unpacklo_epi8(q, sign), _mm_unpacklo_epi8(r, zero)));
    return _mm_add_epi32(s, _mm_madd_epi16(_mm_unpackhi_epi8(q, sign), _mm_unpackhi_epi8(r, zero)));
}

}  // namespace

namespace sse2 {

QD_DEFINE_FLOAT_KERNELS(Sse2Lane)

void dot_s8_u8_many(const std::int8_t* query, const std::uint8_t* const* rows, std::size_t count,
                    std::size_t n, std::int32_t* out) noexcept {
    for (std::size_t r = 0; r < count; ++r) {
        __m128i s0 = _mm_setzero_si128();
        __m128i s1 = _mm_setzero_si128();
        for (std::size_t i = 0; i < n; i += 32) {
            s0 = add_products(s0, query + i, rows[r] + i);
            s1 = add_products(s1, query + i + 16, rows[r] + i + 16);
        }
        __m128i s = _mm_add_epi32(s0, s1);
        s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
        s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
        out[r] = _mm_cvtsi128_si32(s);
    }
}

}  // namespace sse2
}  // namespace qdrantd::vec
