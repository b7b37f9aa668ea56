// SPDX-License-Identifier: Apache-2.0
#include "raft/quorum.hpp"

#include <algorithm>
#include <functional>

namespace qdrantd::raft {

std::size_t majority(std::size_t voters) { return voters / 2 + 1; }

std::uint64_t reached_by_majority(std::vector<std::uint64_t> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end(), std::greater<>());
    return values[majority(values.size()) - 1];
}

VoteResult tally(std::size_t voters, std::size_t granted, std::size_t refused) {
    if (voters == 0) return VoteResult::kLost;
    if (granted >= majority(voters)) return VoteResult::kWon;
    if (voters - refused < majority(voters)) return VoteResult::kLost;
    return VoteResult::kPending;
}

}  // namespace qdrantd::raft
