// SPDX-License-Identifier: Apache-2.0
// What an operation does to a shard, resolved: no filter, no condition, no clock. Logged,
// replicated and applied; replay gives the same state. Format on disk and wire:
// docs/formats/effect.md, versioned by its first byte. Thread safety: values. Errors: decode gives
// kFormat for an unknown version or kind, kChecksum never (the log has the checksum). Invariants:
// ids in one effect are unique; vectors are normalised as they are to be stored and complete (all
// vectors the point has after the effect), so that the number of slots an effect takes is its
// number of points with vectors to be written.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <qdrantd/common/result.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::engine {

/// Replaces whole points. One slot each.
struct PutPoints {
    std::vector<model::Point> points;
};
/// Replaces all vectors of existing points and keeps their payload. One slot each.
struct PutVectors {
    std::vector<model::PointVectors> points;
};
struct RemovePoints {
    std::vector<model::PointId> ids;
};
/// Changes the payload of existing points in place.
struct PatchPayload {
    enum class Kind : std::uint8_t {
        kMerge = 1,
        kMergeAt = 2,
        kOverwrite = 3,
        kRemoveKeys = 4,
        kClear = 5
    };  // on disk: do not renumber
    Kind kind = Kind::kMerge;
    std::vector<model::PointId> ids;
    model::Payload payload;             // kMerge, kMergeAt, kOverwrite
    std::vector<model::JsonPath> keys;  // kMergeAt: one; kRemoveKeys: any number
};
/// Changes nothing; keeps the numbering (an operation that matched no point, a new primary's first
/// entry).
struct NoEffect {};

using Effect = std::variant<NoEffect, PutPoints, PutVectors, RemovePoints, PatchPayload>;

void encode_effect(const Effect& effect, std::string& out);
Result<Effect> decode_effect(std::string_view bytes);
/// Slots that applying it takes.
std::size_t slots_taken(const Effect& effect);

}  // namespace qdrantd::engine
