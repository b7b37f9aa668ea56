// SPDX-License-Identifier: Apache-2.0
// One stable line of text for every message, state and event; golden scripts depend on it.
// Thread safety: pure functions. Ownership: values. Errors: none; unknown enum values print as
// numbers.
#pragma once

#include <string>

#include <qdrantd/raft/conf_change.hpp>
#include <qdrantd/raft/event_sink.hpp>
#include <qdrantd/raft/raw_node.hpp>
#include <qdrantd/raft/ready.hpp>

namespace qdrantd::raft {

std::string describe(EntryKind kind);
std::string describe(MessageKind kind);
std::string describe(Role role);
std::string describe(ProgressState state);
std::string describe(ConfChangeKind kind);
/// term/index kind "data", with unprintable bytes as \xNN.
std::string describe(const Entry& entry);
std::string describe(const HardState& state);
std::string describe(const SoftState& state);
/// voters=(1 2 3) learners=(4)
std::string describe(const ConfState& conf);
std::string describe(const ConfChange& change);
std::string describe(const Snapshot& snapshot);
/// 1->2 Append term=2 index=4 log_term=1 commit=4 entries=[2/5 data "x"]
std::string describe(const Message& message);
std::string describe(const ReadState& state);
std::string describe(const Event& event);
std::string describe(const PeerStatus& status);
std::string describe(const NodeStatus& status);

}  // namespace qdrantd::raft
