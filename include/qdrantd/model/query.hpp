// SPDX-License-Identifier: Apache-2.0
// Reads as clients ask for them and their results (spec data.md §3.4-3.6, search.md §1).
// Thread safety: values. Units: limit and offset count points; they come from clients and size no
// allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <qdrantd/model/filter.hpp>
#include <qdrantd/model/payload.hpp>
#include <qdrantd/model/point_id.hpp>
#include <qdrantd/model/vector.hpp>

namespace qdrantd::model {

struct VectorSelector {
    enum class Kind { kNone, kAll, kNames };
    Kind kind = Kind::kNone;
    std::vector<std::string> names;

    static VectorSelector all() { return {Kind::kAll, {}}; }
};

/// A point as an answer shows it.
struct Record {
    PointId id;
    std::optional<std::string> payload_json;  // absent when not asked for; "{}" when empty
    std::optional<NamedVectors> vectors;      // absent when not asked for
    /// Value a scroll was ordered by.
    std::optional<std::variant<std::int64_t, double>> order_value;
};

struct ScoredPoint {
    PointId id;
    std::uint64_t version = 0;
    float score = 0;  // as the client sees it (search.md §1.4)
    std::optional<std::string> payload_json;
    std::optional<NamedVectors> vectors;
    std::optional<std::variant<std::int64_t, double>> order_value;
};

struct SearchParams {
    std::optional<std::uint64_t> hnsw_ef;
    bool exact = false;
    bool indexed_only = false;
};

/// Nearest points to a vector, or to a stored point's vector.
struct NearestQuery {
    std::variant<VectorValue, PointId> target;
};

/// One query; without `nearest`, points in id order with score 1 and version 0.
struct QueryRequest {
    std::optional<NearestQuery> nearest;
    std::string using_vector;
    std::optional<Filter> filter;
    SearchParams params;
    std::optional<float> score_threshold;
    std::uint64_t limit = 10;
    std::uint64_t offset = 0;
    PayloadSelector with_payload;
    VectorSelector with_vector;
};

struct OrderBy {
    JsonPath key;
    bool descending = false;
    std::optional<std::variant<std::int64_t, double>> start_from;
};

struct ScrollRequest {
    std::optional<PointId> offset;  // inclusive
    std::uint64_t limit = 10;
    std::optional<Filter> filter;
    PayloadSelector with_payload = PayloadSelector::all();
    VectorSelector with_vector;
    std::optional<OrderBy> order_by;
};

struct ScrollPage {
    std::vector<Record> points;
    std::optional<PointId> next_offset;
};

struct CountRequest {
    std::optional<Filter> filter;
    bool exact = true;
};

struct RetrieveRequest {
    std::vector<PointId> ids;
    PayloadSelector with_payload;
    VectorSelector with_vector;
};

}  // namespace qdrantd::model
