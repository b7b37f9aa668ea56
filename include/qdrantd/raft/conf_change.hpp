// SPDX-License-Identifier: Apache-2.0
// Membership changes, one peer at a time, and their bytes in the log.
// Use: RawNode::propose_conf_change(change); read the outcome from committed kConfig entries.
// Thread safety: pure functions over values. Ownership: values.
// Errors: kBadInput for a change that does not fit the membership; kFormat for undecodable bytes.
// Invariants: each change moves one peer, so that majorities before and after it intersect; a voter
// is always made of a learner, so that a peer without a log never has a vote. Source: Ongaro's
// dissertation, chapter 4, with the correction of 2015 (see RawNode).
#pragma once

#include <string>
#include <string_view>

#include <qdrantd/common/result.hpp>
#include <qdrantd/raft/message.hpp>

namespace qdrantd::raft {

/// Written to disk and wire: do not renumber.
enum class ConfChangeKind : std::uint8_t {
    kAddLearner = 0,
    kPromote = 1,  // learner to voter
    kDemote = 2,   // voter to learner
    kRemove = 3,
};

struct ConfChange {
    ConfChangeKind kind = ConfChangeKind::kAddLearner;
    PeerId peer;
    std::string context;  // the driver's bytes, for example the peer's address

    bool operator==(const ConfChange&) const = default;
};

inline constexpr std::size_t kConfContextBytesMax = 64 * 1024;

/// A kConfig entry: the change and the whole membership after it, which holds from the moment the
/// entry is in a peer's log.
struct ConfEntry {
    ConfChange change;
    ConfState conf;

    bool operator==(const ConfEntry&) const = default;
};

/// The membership after `change`. Refuses changes without effect and the removal of the last voter.
Result<ConfState> apply_conf_change(const ConfState& conf, const ConfChange& change);

/// A list is valid when sorted, without zero, and shared by no other; voters are not empty.
bool valid_conf_state(const ConfState& conf);

std::string encode_conf_entry(const ConfEntry& entry);
Result<ConfEntry> decode_conf_entry(std::string_view bytes);

}  // namespace qdrantd::raft
