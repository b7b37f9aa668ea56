// SPDX-License-Identifier: Apache-2.0
// Names of the planted bugs, for the command line and tables. Thread safety: pure.
#pragma once

#include <array>
#include <cstring>

#include "raft/mutant.hpp"

namespace qdrantd::raft::sim {

/// In the order of the enumeration, which starts with kNone.
inline constexpr std::array kMutantNames = {
    "none",
    "vote-before-sync",
    "ack-before-sync",
    "self-ack-before-sync",
    "vote-not-persisted",
    "term-not-persisted",
    "vote-twice",
    "vote-ignores-log",
    "vote-compares-index-first",
    "vote-quorum-off-by-one",
    "commit-quorum-off-by-one",
    "vote-of-non-voter-counted",
    "learner-counts-for-commit",
    "commit-old-term",
    "match-kept-over-terms",
    "truncate-on-any-append",
    "append-skips-previous-check",
    "heartbeat-commit-unbounded",
    "config-before-noop",
    "two-uncommitted-configs",
    "config-kept-after-truncation",
    "config-not-from-snapshot",
    "log-kept-after-snapshot",
    "old-snapshot-installed",
    "read-before-own-term",
    "read-round-reused",
    "read-nonce-reused",
    "read-quorum-of-learners",
    "read-without-round",
    "no-pre-vote",
    "no-check-quorum",
    "removed-leader-stays",
    "promote-empty-learner",
    "joining-peer-votes",
    "inflights-unbounded",
    "uncommitted-unbounded",
    "reject-ignored",
};
static_assert(kMutantNames.size() == static_cast<std::size_t>(Mutant::kCount));

inline const char* mutant_name(Mutant which) {
    return kMutantNames[static_cast<std::size_t>(which)];
}

/// kNone if there is no such name.
inline Mutant mutant_by_name(const char* name) {
    for (std::size_t i = 1; i < kMutantNames.size(); ++i) {
        if (std::strcmp(kMutantNames[i], name) == 0) return static_cast<Mutant>(i);
    }
    return Mutant::kNone;
}

}  // namespace qdrantd::raft::sim
