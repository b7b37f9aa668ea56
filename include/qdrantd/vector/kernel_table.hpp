// SPDX-License-Identifier: Apache-2.0
// The distance kernels, chosen once at start from the CPU's features (SSE2 baseline, AVX2+FMA,
// AVX-512 with VNNI), then immutable. QDRANTD_SIMD=sse2|avx2|avx512 lowers the level, for tests and
// measurements. Thread safety: all. Units: `n` counts floats and is a multiple of 16 (rows are
// padded with zeros, so the result is that of the vector). Memory need not be aligned; rows on
// 64-byte borders are read fastest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <qdrantd/model/collection_config.hpp>

namespace qdrantd::vec {

enum class SimdLevel : std::uint8_t { kSse2, kAvx2, kAvx512 };

struct KernelTable {
    /// Raw similarity, larger is closer.
    using Similarity = float (*)(const float* a, const float* b, std::size_t n) noexcept;
    /// out[i] = similarity of `query` and rows[i], for `count` rows. Faster than one by one, and
    /// the same to the bit.
    using SimilarityMany = void (*)(const float* query, const float* const* rows, std::size_t count,
                                    std::size_t n, float* out) noexcept;

    SimdLevel level;
    Similarity dot;
    Similarity negative_squared_euclid;
    Similarity negative_manhattan;
    SimilarityMany dot_many;
    SimilarityMany negative_squared_euclid_many;
    SimilarityMany negative_manhattan_many;
    /// out[i] = integer dot product of the codes query[..] (-127..127) and rows[i][..] (0..255),
    /// exact. `n` is a multiple of 64, at most 65536.
    void (*dot_s8_u8_many)(const std::int8_t* query, const std::uint8_t* const* rows,
                           std::size_t count, std::size_t n, std::int32_t* out) noexcept;

    [[nodiscard]] Similarity similarity(model::Distance distance) const noexcept;
    [[nodiscard]] SimilarityMany similarity_many(model::Distance distance) const noexcept;
};

const KernelTable& kernels();
/// The table of one level, for tests and benchmarks; nullptr when the CPU lacks it.
const KernelTable* kernels_of(SimdLevel level);
std::string_view simd_level_name(SimdLevel level);

}  // namespace qdrantd::vec
