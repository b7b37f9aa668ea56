// SPDX-License-Identifier: Apache-2.0
// One answer from the answers of many shards, exactly what one shard with all points would give.
// Pure. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <vector>

#include <qdrantd/model/query.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::collection {

enum class HitOrder {
    kScoreDescending,  // Cosine, Dot; of equal scores the larger id first (search.md §1.4)
    kScoreAscending,   // Euclid, Manhattan; the smaller id first
    kIdAscending,      // no query
};

/// The best `limit` after skipping `offset`; of a point that came twice its newest version.
std::vector<model::ScoredPoint> merge_hits(std::vector<std::vector<model::ScoredPoint>> parts,
                                           HitOrder order, std::uint64_t offset,
                                           std::uint64_t limit);

/// The first `limit` of all pages by id, and where the next page starts.
model::ScrollPage merge_pages(std::vector<model::ScrollPage> pages, std::uint64_t limit);

/// Records in the order of `ids`, each once; ids without a record are skipped.
std::vector<model::Record> order_records(std::vector<model::Record> records,
                                         const std::vector<model::PointId>& ids);

/// The result of an operation from those of its parts: largest sequence number, least advanced
/// promise.
model::UpdateResult merge_results(const std::vector<model::UpdateResult>& parts);

}  // namespace qdrantd::collection
