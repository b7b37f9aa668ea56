// SPDX-License-Identifier: Apache-2.0
// The distance kernels, chosen once at start from the CPU's features (SSE2 baseline, AVX2+FMA,
// AVX-512 with VNNI), then immutable. QDRANTD_SIMD=sse2|avx2|avx512 lowers the level, for tests and
// measurements. Thread safety: all. Units: `n` counts floats and is a multiple of 16 (rows are
// padded with zeros, so the result is that of the vector).
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

    SimdLevel level;
    Similarity dot;
    Similarity negative_squared_euclid;
    Similarity negative_manhattan;
    /// Integer dot product of a query offset to u8 and a row of s8 codes; `n` is a multiple of 64.
    std::int32_t (*dot_u8_s8)(const std::uint8_t* query, const std::int8_t* row,
                              std::size_t n) noexcept;

    [[nodiscard]] Similarity similarity(model::Distance distance) const noexcept;
};

const KernelTable& kernels();
/// The table of one level, for tests and benchmarks; nullptr when the CPU lacks it.
const KernelTable* kernels_of(SimdLevel level);
std::string_view simd_level_name(SimdLevel level);

}  // namespace qdrantd::vec
