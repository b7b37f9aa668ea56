// SPDX-License-Identifier: Apache-2.0
// Planted bugs. The simulator must find each of them; see docs/raft-simulation.md.
// In the product mutant() is a constant false and nothing of this is compiled in; only the second
// copy of the library, built for the simulator with QD_RAFT_MUTANTS, has the switch. Thread safety:
// one switch per thread.
#pragma once

#include <cstdint>

namespace qdrantd::raft {

enum class Mutant : std::uint8_t {
    kNone,
    kVoteBeforeSync,
    kAckBeforeSync,
    kSelfAckBeforeSync,
    kVoteNotPersisted,
    kTermNotPersisted,
    kVoteTwice,
    kVoteIgnoresLog,
    kVoteComparesIndexFirst,
    kVoteQuorumOffByOne,
    kCommitQuorumOffByOne,
    kVoteOfNonVoterCounted,
    kLearnerCountsForCommit,
    kCommitOldTerm,
    kMatchKeptOverTerms,
    kTruncateOnAnyAppend,
    kAppendSkipsPreviousCheck,
    kHeartbeatCommitUnbounded,
    kConfigBeforeNoop,
    kTwoUncommittedConfigs,
    kConfigKeptAfterTruncation,
    kConfigNotFromSnapshot,
    kLogKeptAfterSnapshot,
    kOldSnapshotInstalled,
    kReadBeforeOwnTerm,
    kReadRoundReused,
    kReadNonceReused,
    kReadQuorumOfLearners,
    kReadWithoutRound,
    kNoPreVote,
    kNoCheckQuorum,
    kRemovedLeaderStays,
    kPromoteEmptyLearner,
    kJoiningPeerVotes,
    kInflightsUnbounded,
    kUncommittedUnbounded,
    kRejectIgnored,
    kCount,
};

#ifdef QD_RAFT_MUTANTS
extern thread_local Mutant active_mutant;
inline bool mutant(Mutant which) { return active_mutant == which; }
#else
constexpr bool mutant(Mutant /*which*/) { return false; }
#endif

}  // namespace qdrantd::raft
