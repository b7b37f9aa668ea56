// SPDX-License-Identifier: Apache-2.0
// Nanoseconds per distance of every kernel at every level this CPU has, on rows in the first cache
// levels. Run: ./distance_bench --benchmark_filter=dot
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <qdrantd/common/random.hpp>
#include <qdrantd/vector/kernel_table.hpp>
#include <qdrantd/vector/vector_rows.hpp>

namespace qdrantd::vec {
namespace {

constexpr std::uint32_t kRows = 16;

std::unique_ptr<VectorRows> random_rows(std::uint32_t dimension) {
    auto rows = std::make_unique<VectorRows>(dimension, make_anonymous_chunks());
    Random random(7);
    for (Slot slot = 0; slot < kRows; ++slot) {
        if (!rows->reserve(slot).ok()) return nullptr;
        for (std::uint32_t i = 0; i < dimension; ++i)
            rows->mutable_row(slot)[i] = static_cast<float>(random.unit() - 0.5);
    }
    return rows;
}

void one_by_one(benchmark::State& state, KernelTable::Similarity kernel) {
    const auto rows = random_rows(static_cast<std::uint32_t>(state.range(0)));
    for (auto _ : state) {
        for (Slot slot = 1; slot < kRows; ++slot)
            benchmark::DoNotOptimize(kernel(rows->row(0), rows->row(slot), rows->stride()));
    }
    state.SetItemsProcessed(state.iterations() * (kRows - 1));
}

void many(benchmark::State& state, KernelTable::SimilarityMany kernel) {
    const auto rows = random_rows(static_cast<std::uint32_t>(state.range(0)));
    std::vector<const float*> pointers;
    for (Slot slot = 0; slot < kRows; ++slot)
        pointers.push_back(rows->row(slot));
    std::vector<float> out(kRows);
    for (auto _ : state) {
        kernel(rows->row(0), pointers.data(), kRows, rows->stride(), out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * kRows);
}

void codes(benchmark::State& state, const KernelTable* table) {
    const auto n = (static_cast<std::size_t>(state.range(0)) + 63) / 64 * 64;
    const std::vector<std::int8_t> query(n, 3);
    const std::vector<std::uint8_t> memory(n * kRows, 130);
    std::vector<const std::uint8_t*> pointers;
    for (std::size_t row = 0; row < kRows; ++row)
        pointers.push_back(memory.data() + row * n);
    std::vector<std::int32_t> out(kRows);
    for (auto _ : state) {
        table->dot_s8_u8_many(query.data(), pointers.data(), kRows, n, out.data());
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * kRows);
}

void register_level(SimdLevel level) {
    const KernelTable* table = kernels_of(level);
    if (table == nullptr) return;
    const std::string suffix = "/" + std::string(simd_level_name(level));
    const auto add = [&](const std::string& name, auto function, auto argument) {
        benchmark::RegisterBenchmark((name + suffix).c_str(), function, argument)
            ->Arg(128)
            ->Arg(384)
            ->Arg(768)
            ->Arg(1536);
    };
    add("dot", one_by_one, table->dot);
    add("euclid", one_by_one, table->negative_squared_euclid);
    add("manhattan", one_by_one, table->negative_manhattan);
    add("dot_many", many, table->dot_many);
    add("euclid_many", many, table->negative_squared_euclid_many);
    add("codes_many", codes, table);
}

}  // namespace
}  // namespace qdrantd::vec

int main(int argc, char** argv) {
    using qdrantd::vec::SimdLevel;
    for (const SimdLevel level : {SimdLevel::kSse2, SimdLevel::kAvx2, SimdLevel::kAvx512})
        qdrantd::vec::register_level(level);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
