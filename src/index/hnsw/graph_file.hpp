// SPDX-License-Identifier: Apache-2.0
// A graph on disk: docs/formats/hnsw-graph.md. Codes are not stored; they are made again from the
// rows. Thread safety: save_graph beside readers of the graph, without writers; load_graph into a
// graph nobody else sees yet. Errors: kIo; load_graph: kChecksum for damage, kFormat for another
// version, other parameters, or links that lead nowhere. After a failed load the graph is useless.
#pragma once

#include <cstdint>
#include <string>

#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/vector/vector_rows.hpp>

#include "index/hnsw/graph.hpp"

namespace qdrantd::index::hnsw {

/// What a file must agree on with its reader, besides m.
struct GraphFileKey {
    std::uint64_t seed = 0;
    std::uint32_t dimension = 0;
    model::Distance distance = model::Distance::kCosine;
};

Status save_graph(const Graph& graph, const GraphFileKey& key, const std::string& path);
Status load_graph(Graph& graph, const GraphFileKey& key, const vec::VectorRows& rows,
                  const std::string& path);

}  // namespace qdrantd::index::hnsw
