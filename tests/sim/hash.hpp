// SPDX-License-Identifier: Apache-2.0
// A small mixing hash for chains of entries. Not for anything outside the simulators. Thread
// safety: pure.
#pragma once

#include <cstdint>
#include <string_view>

#include <qdrantd/raft/message.hpp>

namespace qdrantd::raft::sim {

inline std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash ^= value + 0x9E3779B97F4A7C15ULL + (hash << 6) + (hash >> 2);
    hash *= 0xBF58476D1CE4E5B9ULL;
    return hash ^ (hash >> 29);
}

inline std::uint64_t hash_entry(std::uint64_t before, const Entry& entry) {
    before = mix(before, entry.index);
    before = mix(before, entry.term);
    before = mix(before, static_cast<std::uint64_t>(entry.kind));
    for (const char c : entry.data)
        before = mix(before, static_cast<unsigned char>(c));
    return before;
}

}  // namespace qdrantd::raft::sim
