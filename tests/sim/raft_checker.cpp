// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/raft_checker.hpp"

#include <fmt/core.h>

#include <qdrantd/raft/describe.hpp>

#include "raft/quorum.hpp"
#include "tests/sim/hash.hpp"

namespace qdrantd::raft::sim {

namespace {

std::size_t voter_difference(const ConfState& a, const ConfState& b) {
    std::size_t difference = 0;
    for (const auto peer : a.voters)
        difference += b.is_voter(peer) ? 0U : 1U;
    for (const auto peer : b.voters)
        difference += a.is_voter(peer) ? 0U : 1U;
    return difference;
}

}  // namespace

void Checker::link(Shadow& shadow, const Entry& entry) {
    const auto hash = hash_entry(shadow.chain.back(), entry);
    shadow.chain.push_back(hash);
    const auto key = entry.index << 20U | entry.term;
    const auto [place, is_new] = chain_at_.try_emplace(key, hash);
    if (!is_new && place->second != hash) {
        fail(fmt::format("2 log matching: two histories end in {}/{}", entry.term, entry.index));
    }
    if (entry.kind == EntryKind::kConfig) {
        shadow.confs[entry.index] = decode_conf_entry(entry.data)->conf;
    }
}

void Checker::started(const Core& core, Shadow& shadow, const Stored& stored) {
    const auto& log = stored.log;
    shadow = Shadow{};
    shadow.base = log.first_index() - 1;
    shadow.chain.push_back(0);
    if (shadow.base > 0) {
        shadow.chain[0] = chain_at_.at(shadow.base << 20U | *log.term(shadow.base));
    }
    shadow.confs[log.conf_index()] = log.conf();
    if (log.last_index() > shadow.base) {
        const auto entries = log.entries(log.first_index(), log.last_index() + 1, SIZE_MAX);
        for (const auto& entry : *entries)
            link(shadow, entry);
    }
    shadow.commit = core.log().committed();
    shadow.conf_index = core.history().latest().index;
    // A term nobody was told of may be forgotten; sent() sees to those that were told.
    shadow.term = core.term();
    if (shadow.confs.rbegin()->second != core.history().latest().conf) {
        fail(fmt::format("8 membership of {} after its start", core.id().value));
    }
}

void Checker::stepped(const Core& core, Shadow& shadow) {
    if (core.term() < shadow.term) fail("6 a term fell");
    if (core.log().committed() < shadow.commit) fail("6 a commit index fell");
    const bool is_leader = core.role() == Role::kLeader;
    const bool was_leader = shadow.role == Role::kLeader && shadow.term == core.term();
    if (is_leader && !was_leader) {
        check_leader_elected(core);
        shadow.leader_last = 0;
    }
    if (is_leader && was_leader && core.history().latest().index != shadow.conf_index) {
        check_conf_proposed(core, shadow);
    }
    if (core.log().committed() != shadow.commit) check_commit(core, shadow.commit, is_leader);
    if (is_leader) check_limits(core);
    if (is_leader && core.reads().confirmed() > (was_leader ? shadow.confirmed_round : 0)) {
        check_read_quorum(core);
    }
    shadow.confirmed_round = core.reads().confirmed();
    const auto& history = core.history();
    if (is_leader && history.latest_is_committed() && !history.latest().conf.is_voter(core.id())) {
        fail("7 a leader stays that is no voter any more");
    }
    if (core.pending_reads() > 2 * core.config().max_pending_reads)
        fail("12 reads are not bounded");
    shadow.role = core.role();
    shadow.term = core.term();
    shadow.commit = core.log().committed();
    shadow.conf_index = core.history().latest().index;
}

void Checker::check_leader_elected(const Core& core) {
    const auto [place, is_new] = leaders_.try_emplace(core.term(), core.id());
    if (!is_new) {
        fail(fmt::format("1 election safety: {} and {} lead term {}", place->second.value,
                         core.id().value, core.term()));
    }
    // A leader that is elected late may not know what leaders of higher terms have committed.
    Index known = committed_.size();
    while (known > 0 && committed_[known - 1].claimed_in >= core.term())
        --known;
    if (known + 1 < core.log().first_index() || known == 0) return;
    if (core.log().term(known) != committed_[known - 1].term) {
        fail(fmt::format("3 leader completeness: {} leads term {} without {}/{}", core.id().value,
                         core.term(), committed_[known - 1].term, known));
    }
}

void Checker::check_commit(const Core& core, Index from, bool is_leader) {
    const Index to = core.log().committed();
    for (Index index = std::max(from + 1, core.log().first_index() - 1); index <= to; ++index) {
        if (index == 0) continue;
        const auto term = core.log().term(index);
        if (!term) fail("4 a committed entry has no term");
        if (index <= committed_.size()) {
            if (committed_[index - 1].term != *term) {
                fail(fmt::format("4 {} commits {}/{}, but term {} was committed there",
                                 core.id().value, *term, index, committed_[index - 1].term));
            }
            continue;
        }
        if (index != committed_.size() + 1) fail("4 a commit skips entries that nobody committed");
        committed_.push_back({*term, core.term()});
    }
    if (!is_leader) return;
    if (core.log().term(to) != core.term())
        fail("3 a leader counts replicas of an older term's entry");
    check_commit_quorum(core);
}

// What a leader commits must be on the disks of a majority now.
void Checker::check_commit_quorum(const Core& core) {
    const Index index = core.log().committed();
    const Term term = core.log().term(index).value();
    const auto& conf = core.history().latest().conf;
    std::size_t holding = 0;
    for (const auto peer : conf.voters) {
        const auto place = durable_->find(peer);
        const bool has = place != durable_->end() && (place->second->log.first_index() > index ||
                                                      place->second->log.term(index) == term);
        if (has || wiped_.contains(peer)) ++holding;
    }
    if (holding < majority(conf.voters.size())) {
        fail(fmt::format("5 durability: {}/{} is committed on {} of {} disks", term, index, holding,
                         conf.voters.size()));
    }
}

// A read is confirmed by a majority of the voters of now, the leader among them if it is one.
void Checker::check_read_quorum(const Core& core) {
    const auto& voters = core.history().latest().conf.voters;
    std::size_t answered = 0;
    for (const auto peer : voters) {
        const auto* progress = core.tracker().find(peer);
        const bool did = peer == core.id() ||
                         (progress != nullptr && progress->acked_round >= core.reads().confirmed());
        if (did) ++answered;
    }
    if (answered < majority(voters.size())) {
        fail(fmt::format("9 a read is confirmed by {} of {} voters", answered, voters.size()));
    }
}

void Checker::check_conf_proposed(const Core& core, const Shadow& before) {
    if (core.log().committed() < core.term_start()) {
        fail("7 membership change before an entry of the term is committed");
    }
    if (before.conf_index > committed_.size()) fail("7 two membership changes are not committed");
    const auto& next = core.history().latest();
    if (voter_difference(next.conf, before.confs.rbegin()->second) > 1 &&
        before.confs.rbegin()->first == before.conf_index) {
        fail("7 a membership change moves two voters");
    }
}

void Checker::check_limits(const Core& core) {
    const auto& config = core.config();
    for (const auto& [peer, progress] : core.tracker().peers()) {
        const auto& window = progress.inflights();
        if (window.count() > config.max_inflight_messages ||
            window.bytes() > config.max_inflight_bytes + config.max_message_bytes +
                                 config.max_entry_bytes + 1000) {
            fail("12 more is under way than allowed");
        }
        if (progress.match() >= progress.next())
            fail("12 a follower's match is not below its next");
    }
    // Inherited entries and the first entry of a term come on top; each earlier term was bounded,
    // too.
    const std::size_t slack = 2 * (config.max_entry_bytes + 1000);
    if (core.uncommitted_bytes() > 3 * config.max_uncommitted_bytes + slack) {
        fail(fmt::format("12 {} bytes are not committed", core.uncommitted_bytes()));
    }
}

void Checker::ready_taken(const Core& core, Shadow& shadow, const Ready& ready) {
    if (ready.snapshot) {
        const auto& snapshot = *ready.snapshot;
        if (snapshot.index > committed_.size() ||
            committed_[snapshot.index - 1].term != snapshot.term) {
            fail("8 a snapshot covers what is not committed");
        }
        shadow.base = snapshot.index;
        shadow.chain = {chain_at_.at(snapshot.index << 20U | snapshot.term)};
        shadow.confs = {{snapshot.index, snapshot.conf}};
    }
    if (!ready.entries.empty()) {
        const Index first = ready.entries.front().index;
        if (first <= shadow.base || first > shadow.last() + 1) fail("2 a log with a gap");
        if (core.role() == Role::kLeader) {
            if (shadow.leader_last > 0 && first <= shadow.leader_last)
                fail("2 a leader cut off its log");
            shadow.leader_last = ready.entries.back().index;
        }
        shadow.chain.resize(first - shadow.base);
        shadow.confs.erase(shadow.confs.lower_bound(first), shadow.confs.end());
        for (const auto& entry : ready.entries)
            link(shadow, entry);
    }
    if (shadow.last() != core.log().last_index())
        fail("8 entries stay in the log that were cut off");
    if (shadow.confs.empty() || shadow.confs.rbegin()->second != core.history().latest().conf) {
        fail(fmt::format("8 {} uses a membership that is not in its log", core.id().value));
    }
    if (ready.hard_state && ready.hard_state->commit > core.log().last_index()) {
        fail("6 a stored commit index lies behind the log");
    }
}

void Checker::sent(const Message& message) {
    const auto& log = durable_->at(message.from)->log;
    const auto& hard = log.hard_state();
    const auto promise = [&](bool kept, const char* what) {
        if (!kept)
            fail(fmt::format("5 durability: {} before it is durable: {}", what, describe(message)));
    };
    switch (message.kind) {
        case MessageKind::kVote:
        case MessageKind::kVoteResponse: {
            if (message.reject) return;
            const auto candidate = message.kind == MessageKind::kVote ? message.from : message.to;
            // A newer term that is durable makes the old vote binding, too.
            promise(
                hard.term > message.term || (hard.term == message.term && hard.vote == candidate),
                "a vote is told");
            const auto [place, is_new] =
                votes_.try_emplace({message.from, message.term}, candidate);
            if (!is_new && place->second != candidate) fail("6 a peer votes twice in one term");
            return;
        }
        case MessageKind::kAppendResponse:
            promise(hard.term >= message.term, "a term is answered");
            if (message.reject || message.index == 0) return;
            // In a newer term they may have been cut off again, before anything was written.
            promise(hard.term > message.term || log.last_index() >= message.index,
                    "entries are acknowledged");
            if (hard.term == message.term) check_acknowledged(message);
            return;
        case MessageKind::kAppend:
        case MessageKind::kHeartbeat:
        case MessageKind::kHeartbeatResponse:
        case MessageKind::kSnapshot:
            promise(hard.term >= message.term, "a term is used");
            return;
        default:
            return;
    }
}

// What a follower acknowledges, it has in common with the leader of the term.
void Checker::check_acknowledged(const Message& message) const {
    const auto& mine = *shadows_->at(message.from);
    const auto& leader = *shadows_->at(message.to);
    if (leader.role != Role::kLeader || leader.term != message.term) return;
    const Index index = message.index;
    if (index > leader.last()) fail("2 entries are acknowledged that the leader does not have");
    if (index < leader.base || index < mine.base || index > mine.last()) return;
    if (leader.chain[index - leader.base] != mine.chain[index - mine.base]) {
        fail("2 entries are acknowledged that differ from the leader's");
    }
}

void Checker::applied(const Entry& entry, const Machine& machine) {
    if (entry.index > committed_.size()) fail("4 an entry is applied that nobody committed");
    if (entry.index > digests_.size()) {
        if (entry.index != digests_.size() + 1) fail("4 application skips an entry");
        digests_.push_back(machine.digest);
        if (entry.kind != EntryKind::kConfig) return;
        auto conf = decode_conf_entry(entry.data)->conf;
        if (voter_difference(committed_conf(), conf) > 1) {
            fail("7 majorities of two memberships in a row need not intersect");
        }
        committed_conf_[entry.index] = std::move(conf);
        return;
    }
    if (digests_[entry.index - 1] != machine.digest) {
        fail(fmt::format("4 state machine safety: two states at index {}", entry.index));
    }
}

void Checker::installed(const Snapshot& snapshot, const Machine& machine) {
    if (snapshot.index > digests_.size() || digests_[snapshot.index - 1] != machine.digest) {
        fail("8 a snapshot holds another state");
    }
    const auto conf = std::prev(committed_conf_.upper_bound(snapshot.index));
    if (conf->second != snapshot.conf) fail("8 a snapshot holds another membership");
}

void Checker::read_begun(PeerId peer, ReadId id) {
    if (answered_.contains({peer, id}) || !reads_.try_emplace({peer, id}, committed()).second) {
        fail(fmt::format("9 {} uses a read id twice", peer.value));
    }
}

void Checker::read_answered(PeerId peer, const ReadState& read, const Core& core) {
    const auto place = reads_.find({peer, read.id});
    if (place == reads_.end()) fail("9 a read is answered that nobody asked for, or twice");
    if (read.index < place->second) {
        fail(fmt::format("9 read of {} at {} misses index {}, leader {} term {}", peer.value,
                         read.index, place->second, core.leader().value, core.term()));
    }
    reads_.erase(place);
    answered_.insert({peer, read.id});
}

}  // namespace qdrantd::raft::sim
