// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/raft/describe.hpp>

#include <fmt/core.h>

namespace qdrantd::raft {

namespace {

std::string quoted(std::string_view bytes) {
    std::string out = "\"";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string list(const std::vector<PeerId>& peers) {
    std::string out = "(";
    for (const auto peer : peers)
        out += fmt::format("{}{}", out.size() > 1 ? " " : "", peer.value);
    return out + ")";
}

std::string peer_or_none(PeerId peer) {
    return peer == kNoPeer ? "none" : fmt::format("{}", peer.value);
}

template <typename Enum>
std::string number(Enum value) {
    return fmt::format("{}", static_cast<unsigned>(value));
}

std::string event_name(EventKind kind) {
    switch (kind) {
        case EventKind::kBecameFollower:
            return "became follower";
        case EventKind::kBecamePreCandidate:
            return "became pre-candidate";
        case EventKind::kBecameCandidate:
            return "became candidate";
        case EventKind::kBecameLeader:
            return "became leader";
        case EventKind::kVoteGranted:
            return "granted vote";
        case EventKind::kVoteRefused:
            return "refused vote";
        case EventKind::kIgnoredInLease:
            return "ignored vote request, hears a leader";
        case EventKind::kIgnoredNonMember:
            return "ignored message of a non-member";
        case EventKind::kIgnoredJoining:
            return "ignored vote request, is joining";
        case EventKind::kConfigChanged:
            return "changed membership";
        case EventKind::kConfigRolledBack:
            return "rolled membership back";
        case EventKind::kLogTruncated:
            return "cut off log";
        case EventKind::kSnapshotInstalled:
            return "installed snapshot";
        case EventKind::kSnapshotIgnored:
            return "ignored snapshot";
        case EventKind::kSnapshotSent:
            return "sent snapshot";
        case EventKind::kSnapshotTimedOut:
            return "gave up snapshot";
        case EventKind::kQuorumLost:
            return "lost its quorum";
        case EventKind::kRemovedSelf:
            return "is no voter any more";
        case EventKind::kTransferStarted:
            return "hands over";
        case EventKind::kTransferAborted:
            return "gave up handing over";
        case EventKind::kProposalDropped:
            return "dropped proposal";
        case EventKind::kLogLost:
            return "misses acknowledged entries";
    }
    return number(kind);
}

}  // namespace

std::string describe(EntryKind kind) {
    switch (kind) {
        case EntryKind::kNoop:
            return "noop";
        case EntryKind::kData:
            return "data";
        case EntryKind::kConfig:
            return "config";
    }
    return number(kind);
}

std::string describe(MessageKind kind) {
    switch (kind) {
        case MessageKind::kPreVote:
            return "PreVote";
        case MessageKind::kPreVoteResponse:
            return "PreVoteResponse";
        case MessageKind::kVote:
            return "Vote";
        case MessageKind::kVoteResponse:
            return "VoteResponse";
        case MessageKind::kAppend:
            return "Append";
        case MessageKind::kAppendResponse:
            return "AppendResponse";
        case MessageKind::kHeartbeat:
            return "Heartbeat";
        case MessageKind::kHeartbeatResponse:
            return "HeartbeatResponse";
        case MessageKind::kSnapshot:
            return "Snapshot";
        case MessageKind::kPropose:
            return "Propose";
        case MessageKind::kReadIndex:
            return "ReadIndex";
        case MessageKind::kReadIndexResponse:
            return "ReadIndexResponse";
        case MessageKind::kTransferLeader:
            return "TransferLeader";
        case MessageKind::kTimeoutNow:
            return "TimeoutNow";
    }
    return number(kind);
}

std::string describe(Role role) {
    switch (role) {
        case Role::kFollower:
            return "follower";
        case Role::kPreCandidate:
            return "pre-candidate";
        case Role::kCandidate:
            return "candidate";
        case Role::kLeader:
            return "leader";
    }
    return number(role);
}

std::string describe(ProgressState state) {
    switch (state) {
        case ProgressState::kProbe:
            return "probe";
        case ProgressState::kReplicate:
            return "replicate";
        case ProgressState::kSnapshot:
            return "snapshot";
    }
    return number(state);
}

std::string describe(ConfChangeKind kind) {
    switch (kind) {
        case ConfChangeKind::kAddLearner:
            return "add-learner";
        case ConfChangeKind::kPromote:
            return "promote";
        case ConfChangeKind::kDemote:
            return "demote";
        case ConfChangeKind::kRemove:
            return "remove";
    }
    return number(kind);
}

std::string describe(const Entry& entry) {
    auto out = fmt::format("{}/{} {}", entry.term, entry.index, describe(entry.kind));
    if (entry.kind == EntryKind::kConfig) {
        const auto decoded = decode_conf_entry(entry.data);
        if (!decoded.ok()) return out + " undecodable";
        return out + fmt::format(" {}: {}", describe(decoded->change), describe(decoded->conf));
    }
    if (!entry.data.empty()) out += " " + quoted(entry.data);
    return out;
}

std::string describe(const HardState& state) {
    return fmt::format("term={} vote={} commit={}{}", state.term, peer_or_none(state.vote),
                       state.commit, state.joining ? " joining" : "");
}

std::string describe(const SoftState& state) {
    return fmt::format("{} leader={}", describe(state.role), peer_or_none(state.leader));
}

std::string describe(const ConfState& conf) {
    auto out = "voters=" + list(conf.voters);
    if (!conf.learners.empty()) out += " learners=" + list(conf.learners);
    return out;
}

std::string describe(const ConfChange& change) {
    auto out = fmt::format("{} {}", describe(change.kind), change.peer.value);
    if (!change.context.empty()) out += " " + quoted(change.context);
    return out;
}

std::string describe(const Snapshot& snapshot) {
    return fmt::format("{}/{} {} {}", snapshot.term, snapshot.index, describe(snapshot.conf),
                       quoted(snapshot.data));
}

std::string describe(const Message& message) {
    auto out = fmt::format("{}->{} {} term={}", message.from.value, message.to.value,
                           describe(message.kind), message.term);
    const auto field = [&](const char* name, std::uint64_t value) {
        if (value != 0) out += fmt::format(" {}={}", name, value);
    };
    field("index", message.index);
    field("log_term", message.log_term);
    field("commit", message.commit);
    if (message.reject) out += " reject";
    if (message.force) out += " force";
    if (message.joining) out += " joining";
    if (message.reject && message.kind == MessageKind::kAppendResponse) {
        out += fmt::format(" hint={}/{}", message.hint_term, message.hint_index);
    }
    field("round", message.round);
    // The nonce is chance; the sequence says which request it is.
    field("read", message.read.sequence);
    field("target", message.target.value);
    if (!message.entries.empty()) {
        out += " entries=[";
        for (std::size_t i = 0; i < message.entries.size(); ++i) {
            out += (i > 0 ? ", " : "") + describe(message.entries[i]);
        }
        out += "]";
    }
    if (message.snapshot) out += fmt::format(" snapshot=[{}]", describe(*message.snapshot));
    return out;
}

std::string describe(const ReadState& state) {
    return fmt::format("read {} at index {}", state.id.sequence, state.index);
}

std::string describe(const Event& event) {
    auto out = fmt::format("{} {} term={}", event.self.value, event_name(event.kind), event.term);
    if (event.peer != kNoPeer) out += fmt::format(" peer={}", event.peer.value);
    if (event.index != 0) out += fmt::format(" index={}", event.index);
    if (event.log_term != 0) out += fmt::format(" log_term={}", event.log_term);
    return out;
}

std::string describe(const PeerStatus& status) {
    return fmt::format("{} match={} next={} inflight={}{}", describe(status.state), status.match,
                       status.next, status.inflight_messages,
                       status.recently_active ? "" : " silent");
}

std::string describe(const NodeStatus& status) {
    auto out =
        fmt::format("{} {} leader={} {} applied={} log=[{},{}] {} from={}{}", status.id.value,
                    describe(status.role), peer_or_none(status.leader), describe(status.hard_state),
                    status.applied, status.first_index, status.last_index, describe(status.conf),
                    status.conf_index, status.conf_committed ? "" : " uncommitted");
    if (status.transfer_target != kNoPeer)
        out += fmt::format(" transfer={}", status.transfer_target.value);
    return out;
}

}  // namespace qdrantd::raft
