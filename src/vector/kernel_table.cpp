// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/vector/kernel_table.hpp>

#include <cstdlib>
#include <string_view>

#include "vector/kernels.hpp"

namespace qdrantd::vec {
namespace {

#define QD_KERNEL_TABLE(space, level)                                                             \
    KernelTable {                                                                                 \
        level, space::dot, space::negative_squared_euclid, space::negative_manhattan,             \
            space::dot_many, space::negative_squared_euclid_many, space::negative_manhattan_many, \
            space::dot_s8_u8_many                                                                 \
    }

const KernelTable kSse2Table = QD_KERNEL_TABLE(sse2, SimdLevel::kSse2);
const KernelTable kAvx2Table = QD_KERNEL_TABLE(avx2, SimdLevel::kAvx2);
const KernelTable kAvx512Table = QD_KERNEL_TABLE(avx512, SimdLevel::kAvx512);

#undef QD_KERNEL_TABLE

bool cpu_has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool cpu_has_avx512() {
    return cpu_has_avx2() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
}

/// The level that QDRANTD_SIMD allows; a value that is none of the names allows all.
SimdLevel allowed_level() {
    const char* value = std::getenv("QDRANTD_SIMD");
    const std::string_view name = value == nullptr ? "" : value;
    for (const SimdLevel level : {SimdLevel::kSse2, SimdLevel::kAvx2}) {
        if (name == simd_level_name(level)) return level;
    }
    return SimdLevel::kAvx512;
}

const KernelTable& choose() {
    const SimdLevel allowed = allowed_level();
    for (const SimdLevel level : {SimdLevel::kAvx512, SimdLevel::kAvx2}) {
        const KernelTable* table = kernels_of(level);
        if (level <= allowed && table != nullptr) return *table;
    }
    return kSse2Table;
}

}  // namespace

KernelTable::Similarity KernelTable::similarity(model::Distance distance) const noexcept {
    switch (distance) {
        case model::Distance::kCosine:
        case model::Distance::kDot:
            return dot;
        case model::Distance::kEuclid:
            return negative_squared_euclid;
        case model::Distance::kManhattan:
            return negative_manhattan;
    }
    return dot;
}

KernelTable::SimilarityMany KernelTable::similarity_many(model::Distance distance) const noexcept {
    switch (distance) {
        case model::Distance::kCosine:
        case model::Distance::kDot:
            return dot_many;
        case model::Distance::kEuclid:
            return negative_squared_euclid_many;
        case model::Distance::kManhattan:
            return negative_manhattan_many;
    }
    return dot_many;
}

const KernelTable& kernels() {
    static const KernelTable& chosen = choose();
    return chosen;
}

const KernelTable* kernels_of(SimdLevel level) {
    switch (level) {
        case SimdLevel::kSse2:
            return &kSse2Table;
        case SimdLevel::kAvx2:
            return cpu_has_avx2() ? &kAvx2Table : nullptr;
        case SimdLevel::kAvx512:
            return cpu_has_avx512() ? &kAvx512Table : nullptr;
    }
    return nullptr;
}

std::string_view simd_level_name(SimdLevel level) {
    switch (level) {
        case SimdLevel::kSse2:
            return "sse2";
        case SimdLevel::kAvx2:
            return "avx2";
        case SimdLevel::kAvx512:
            return "avx512";
    }
    return "unknown";
}

}  // namespace qdrantd::vec
