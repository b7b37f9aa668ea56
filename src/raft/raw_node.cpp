// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/raft/raw_node.hpp>

#include "raft/core.hpp"
#include "raft/mutant.hpp"

namespace qdrantd::raft {

namespace {

constexpr std::size_t kScanPageBytes = 1024 * 1024;

Error damaged(const char* why) { return Error{ErrorCode::kChecksum, why}; }

Status check_initial(const LogReader& log, const InitialState& initial) {
    const Index base = log.first_index() - 1;
    const Index last = log.last_index();
    const auto& hard = initial.hard_state;
    if (last < base) return damaged("raft log ends before it begins");
    if (!log.term(base) || !log.term(last)) return damaged("raft log does not know its terms");
    if (hard.commit > last) return damaged("raft commit index lies behind the end of the log");
    if (hard.commit < base)
        return damaged("raft commit index lies in the compacted part of the log");
    if (*log.term(last) > hard.term)
        return damaged("raft log has entries of a term that was never begun");
    if (initial.applied > hard.commit) return damaged("more is applied than raft has committed");
    if (initial.applied < base) return damaged("the log was compacted beyond what is applied");
    if (initial.conf_index < base || initial.conf_index > hard.commit) {
        return damaged("the membership does not belong to the kept log");
    }
    const bool joining = initial.conf == ConfState{};
    if (!joining && !valid_conf_state(initial.conf))
        return damaged("the stored membership is not valid");
    return {};
}

/// The memberships of the entries behind the stored one.
Result<ConfHistory> scan_history(const LogReader& log, const InitialState& initial) {
    ConfHistory history(initial.conf_index, initial.conf);
    const Index end = log.last_index() + 1;
    for (Index next = initial.conf_index + 1; next < end;) {
        QD_ASSIGN(const auto page, log.entries(next, end, kScanPageBytes));
        if (page.empty()) return damaged("raft log has a gap");
        for (const auto& entry : page) {
            if (entry.index != next++) return damaged("raft log has a gap");
            if (entry.kind != EntryKind::kConfig) continue;
            QD_ASSIGN(auto decoded, decode_conf_entry(entry.data));
            if (!valid_conf_state(decoded.conf))
                return damaged("a membership in the log is not valid");
            history.append(entry.index, std::move(decoded.conf));
        }
    }
    history.commit_to(initial.hard_state.commit);
    return history;
}

class SilentEvents final : public EventSink {
  public:
    void on_event(const Event& /*event*/) override {}
};

}  // namespace

EventSink& silent_events() {
    static SilentEvents events;
    return events;
}

Result<std::unique_ptr<RawNode>> RawNode::create(const Config& config, const LogReader& log,
                                                 EventSink& events) {
    const auto mistakes = config.validate();
    if (!mistakes.empty()) {
        std::string all;
        for (const auto& mistake : mistakes)
            all += (all.empty() ? "" : "; ") + mistake;
        return Error{ErrorCode::kValidation, all};
    }
    const auto initial = log.initial_state();
    QD_TRY(check_initial(log, initial));
    QD_ASSIGN(auto history, scan_history(log, initial));
    auto core = std::make_unique<Core>(config, log, events, initial, std::move(history));
    return std::unique_ptr<RawNode>(new RawNode(std::move(core)));
}

RawNode::RawNode(std::unique_ptr<Core> core) : core_(std::move(core)) {}
RawNode::~RawNode() = default;

void RawNode::tick() { core_->tick(); }
Status RawNode::step(const Message& message) { return core_->step(message); }
Status RawNode::campaign() { return core_->campaign(); }
Status RawNode::propose(std::string data) {
    return core_->propose(EntryKind::kData, std::move(data));
}
Status RawNode::propose_conf_change(const ConfChange& change) {
    return core_->propose_conf_change(change);
}
Result<ReadId> RawNode::read_index() { return core_->read_index(); }
Status RawNode::transfer_leadership(PeerId target) { return core_->transfer_leadership(target); }
void RawNode::report_unreachable(PeerId peer) { core_->report_unreachable(peer); }
void RawNode::report_snapshot(PeerId peer, bool delivered) {
    core_->report_snapshot(peer, delivered);
}
bool RawNode::has_ready() const { return core_->has_ready(); }
Result<Ready> RawNode::ready() { return core_->ready(); }
void RawNode::advance() { core_->advance(); }
bool RawNode::ready_is_out() const { return core_->ready_is_out(); }

NodeStatus RawNode::status() const {
    NodeStatus status;
    status.id = core_->id();
    status.role = core_->role();
    status.leader = core_->leader();
    status.hard_state = core_->hard_state();
    status.applied = core_->log().applied();
    status.first_index = core_->log().first_index();
    status.last_index = core_->log().last_index();
    status.conf = core_->history().latest().conf;
    status.conf_index = core_->history().latest().index;
    status.conf_committed = core_->history().latest_is_committed();
    status.transfer_target = core_->transfer_target();
    if (status.role != Role::kLeader) return status;
    for (const auto& [peer, progress] : core_->tracker().peers()) {
        status.peers[peer] = {progress.match(), progress.next(), progress.state(),
                              progress.recently_active, progress.inflights().count()};
    }
    return status;
}

}  // namespace qdrantd::raft
