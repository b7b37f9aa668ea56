// SPDX-License-Identifier: Apache-2.0
// Keys and values of a segment in the shard's store (format: docs/formats/segment.md).
// Thread safety: free functions. Errors: decoding gives kFormat for bytes it did not write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/model/point_id.hpp>

namespace qdrantd::engine {

/// First key of segment `number` in any of its families, and the first behind them.
std::string segment_begin(std::uint32_t number);
std::string segment_end(std::uint32_t number);

std::string point_key(std::uint32_t number, const model::PointId& id);
std::string slot_key(std::uint32_t number, Slot slot);
Result<model::PointId> point_of_key(std::string_view key);
Result<Slot> slot_of_key(std::string_view key);

/// Value of the points family.
struct PointValue {
    Slot slot = kNoSlot;
    std::uint64_t version = 0;
    std::vector<std::string> vectors;  // names of those the point has
};
std::string encode_point_value(const PointValue& value);
Result<PointValue> decode_point_value(std::string_view bytes);

}  // namespace qdrantd::engine
