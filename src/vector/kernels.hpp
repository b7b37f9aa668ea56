// SPDX-License-Identifier: Apache-2.0
// The kernels of each instruction set. The three sources are compiled with flags of their own, so
// they include nothing that could leave an inline function built with those flags to the others:
// intrinsics and this list only. Contracts: kernel_table.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#define QD_DECLARE_KERNELS(level)                                                                 \
    namespace level {                                                                             \
    float dot(const float* a, const float* b, std::size_t n) noexcept;                            \
    float negative_squared_euclid(const float* a, const float* b, std::size_t n) noexcept;        \
    float negative_manhattan(const float* a, const float* b, std::size_t n) noexcept;             \
    void dot_many(const float* query, const float* const* rows, std::size_t count, std::size_t n, \
                  float* out) noexcept;                                                           \
    void negative_squared_euclid_many(const float* query, const float* const* rows,               \
                                      std::size_t count, std::size_t n, float* out) noexcept;     \
    void negative_manhattan_many(const float* query, const float* const* rows, std::size_t count, \
                                 std::size_t n, float* out) noexcept;                             \
    void dot_s8_u8_many(const std::int8_t* query, const std::uint8_t* const* rows,                \
                        std::size_t count, std::size_t n, std::int32_t* out) noexcept;            \
    }

namespace qdrantd::vec {
QD_DECLARE_KERNELS(sse2)
QD_DECLARE_KERNELS(avx2)
QD_DECLARE_KERNELS(avx512)
}  // namespace qdrantd::vec

#undef QD_DECLARE_KERNELS
