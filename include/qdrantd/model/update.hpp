// SPDX-License-Identifier: Apache-2.0
// Changes of points as clients ask for them (spec data.md §3). A shard's primary turns them into
// effects. Thread safety: values. Ownership: operations own their data; vectors and payloads are
// moved, not copied, on their way.
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

struct Point {
    PointId id;
    NamedVectors vectors;
    Payload payload;
};

enum class UpdateMode : std::uint8_t { kUpsert, kInsertOnly, kUpdateOnly };

struct UpsertPoints {
    std::vector<Point> points;
    std::optional<Filter> update_filter;
    UpdateMode mode = UpdateMode::kUpsert;
};

/// Either ids or a filter; ids win where a request gave both.
using PointSelector = std::variant<std::vector<PointId>, Filter>;

struct DeletePoints {
    PointSelector selector;
};
struct PointVectors {
    PointId id;
    NamedVectors vectors;
};
/// Replaces the named vectors sent, keeps the others and the payload.
struct UpdateVectors {
    std::vector<PointVectors> points;
    std::optional<Filter> update_filter;
};
/// Both selectors apply where both are given.
struct DeleteVectors {
    std::vector<std::string> names;
    std::optional<std::vector<PointId>> ids;
    std::optional<Filter> filter;
};
struct SetPayload {
    Payload payload;
    PointSelector selector;
    std::optional<JsonPath> key;
};
struct OverwritePayload {
    Payload payload;
    PointSelector selector;
};
struct DeletePayload {
    std::vector<JsonPath> keys;
    PointSelector selector;
};
struct ClearPayload {
    PointSelector selector;
};

using UpdateOperation = std::variant<UpsertPoints, DeletePoints, UpdateVectors, DeleteVectors,
                                     SetPayload, OverwritePayload, DeletePayload, ClearPayload>;

enum class UpdateStatus : std::uint8_t { kAcknowledged, kCompleted, kWaitTimeout };

struct UpdateResult {
    std::optional<std::uint64_t> operation_id;  // absent when nothing was written
    UpdateStatus status = UpdateStatus::kCompleted;
};

}  // namespace qdrantd::model
