// SPDX-License-Identifier: Apache-2.0
// Numbers that must not be mixed up, as distinct types. Values; ordered; hashable; explicit
// conversion only.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace qdrantd {

template <typename Tag, typename Value>
struct StrongId {
    Value value{};

    constexpr StrongId() = default;
    constexpr explicit StrongId(Value v) : value(v) {}
    constexpr auto operator<=>(const StrongId&) const = default;
};

using PeerId = StrongId<struct PeerIdTag, std::uint64_t>;
using ShardId = StrongId<struct ShardIdTag, std::uint32_t>;
/// Number of a primary's reign over a shard; grows with every promotion.
using Epoch = StrongId<struct EpochTag, std::uint64_t>;
/// Sequence number of an operation in a shard; starts at 1, has no gaps.
using OpSeq = StrongId<struct OpSeqTag, std::uint64_t>;
/// Dense local number of a point's row in a segment. Never sent, never compared between replicas.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

/// Identifies one write through all its retries. Unique per coordinator process start.
struct OperationId {
    std::uint64_t origin = 0;   // random number of the coordinator's process start
    std::uint64_t counter = 0;  // grows by one for each operation of that start
    constexpr auto operator<=>(const OperationId&) const = default;
};

}  // namespace qdrantd

template <typename Tag, typename Value>
struct std::hash<qdrantd::StrongId<Tag, Value>> {
    std::size_t operator()(const qdrantd::StrongId<Tag, Value>& id) const noexcept {
        return std::hash<Value>{}(id.value);
    }
};
