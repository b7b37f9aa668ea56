// SPDX-License-Identifier: Apache-2.0
// Majorities over a set of voters. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace qdrantd::raft {

enum class VoteResult : std::uint8_t { kPending, kWon, kLost };

/// Smallest number of voters that is more than half.
std::size_t majority(std::size_t voters);

/// The largest number that a majority has reached; 0 without voters. Takes the values, one per
/// voter.
std::uint64_t reached_by_majority(std::vector<std::uint64_t> values);

/// An election among `voters`. Nobody can win where there are none.
VoteResult tally(std::size_t voters, std::size_t granted, std::size_t refused);

}  // namespace qdrantd::raft
