// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "vector/float_loops.hpp"
#include "vector/kernels.hpp"

namespace qdrantd::vec {
namespace {

struct Avx512Lane {
    static constexpr std::size_t kWidth = 16;
    static constexpr std::size_t kRows = 4;
    static __m512 zero() noexcept { return _mm512_setzero_ps(); }
    static __m512 load(const float* p) noexcept { return _mm512_loadu_ps(p); }
    static __m512 add(__m512 a, __m512 b) noexcept { return _mm512_add_ps(a, b); }
    static float sum(__m512 v) noexcept { return _mm512_reduce_add_ps(v); }
    static constexpr auto dot_step = [](__m512 s, __m512 a, __m512 b) noexcept {
        return _mm512_fmadd_ps(a, b, s);
    };
    static constexpr auto euclid_step = [](__m512 s, __m512 a, __m512 b) noexcept {
        const __m512 d = _mm512_sub_ps(a, b);
        return _mm512_fmadd_ps(d, d, s);
    };
    static constexpr auto manhattan_step = [](__m512 s, __m512 a, __m512 b) noexcept {
        return _mm512_add_ps(s, _mm512_abs_ps(_mm512_sub_ps(a, b)));
    };
};

inline __m512i load_bytes(const void* p) noexcept { return _mm512_loadu_si512(p); }

inline __m128i fold(__m512i v) noexcept {
    const __m256i half =
        _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

}  // namespace

namespace avx512 {

QD_DEFINE_FLOAT_KERNELS(Avx512Lane)

// vpdpbusd adds four products of u8 and s8 to each 32-bit sum, without saturation.
void dot_s8_u8_many(const std::int8_t* query, const std::uint8_t* const* rows, std::size_t count,
                    std::size_t n, std::int32_t* out) noexcept {
    std::size_t r = 0;
    for (; r + 4 <= count; r += 4) {
        const std::uint8_t* b0 = rows[r];
        const std::uint8_t* b1 = rows[r + 1];
        const std::uint8_t* b2 = rows[r + 2];
        const std::uint8_t* b3 = rows[r + 3];
        __m512i s0 = _mm512_setzero_si512();
        __m512i s1 = _mm512_setzero_si512();
        __m512i s2 = _mm512_setzero_si512();
        __m512i s3 = _mm512_setzero_si512();
        for (std::size_t i = 0; i < n; i += 64) {
            const __m512i q = load_bytes(query + i);
            s0 = _mm512_dpbusd_epi32(s0, load_bytes(b0 + i), q);
            s1 = _mm512_dpbusd_epi32(s1, load_bytes(b1 + i), q);
            s2 = _mm512_dpbusd_epi32(s2, load_bytes(b2 + i), q);
            s3 = _mm512_dpbusd_epi32(s3, load_bytes(b3 + i), q);
        }
        const __m128i s01 = _mm_hadd_epi32(fold(s0), fold(s1));
        const __m128i s23 = _mm_hadd_epi32(fold(s2), fold(s3));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + r), _mm_hadd_epi32(s01, s23));
    }
    for (; r < count; ++r) {
        __m512i s0 = _mm512_setzero_si512();
        __m512i s1 = _mm512_setzero_si512();
        std::size_t i = 0;
        for (; i + 128 <= n; i += 128) {
            s0 = _mm512_dpbusd_epi32(s0, load_bytes(rows[r] + i), load_bytes(query + i));
            s1 = _mm512_dpbusd_epi32(s1, load_bytes(rows[r] + i + 64), load_bytes(query + i + 64));
        }
        if (i < n) s0 = _mm512_dpbusd_epi32(s0, load_bytes(rows[r] + i), load_bytes(query + i));
        out[r] = _mm512_reduce_add_epi32(_mm512_add_epi32(s0, s1));
    }
}

}  // namespace avx512
}  // namespace qdrantd::vec
