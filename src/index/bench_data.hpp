// SPDX-License-Identifier: Apache-2.0
// What hnsw_bench measures on: the shared real embeddings with their exact scores where they are
// there (QDRANTD_DATA, else ../shared/data beside the repository), else generated clusters. Rows
// and queries are unit length; the metric is Cosine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <qdrantd/vector/vector_rows.hpp>

namespace qdrantd::bench {

struct BenchData {
    std::string name;
    std::uint32_t dimension = 0;
    std::uint32_t count = 0;
    std::unique_ptr<vec::VectorRows> rows;
    std::unique_ptr<vec::VectorRows> queries;
    std::uint32_t query_count = 0;
    /// The exact score of the 10th neighbour of each query, less the tolerance of ties.
    std::vector<float> good_enough;
};

inline constexpr std::size_t kTop = 10;

BenchData load_bench_data();

}  // namespace qdrantd::bench
