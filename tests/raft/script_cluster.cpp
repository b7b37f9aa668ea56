// SPDX-License-Identifier: Apache-2.0
#include "tests/raft/script_cluster.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include <fmt/core.h>

#include <qdrantd/raft/describe.hpp>

namespace qdrantd::raft {

namespace {

std::vector<std::uint64_t> numbers(const std::string& list) {
    std::istringstream in(list);
    std::vector<std::uint64_t> found;
    for (std::string word; std::getline(in, word, ',');)
        found.push_back(std::stoull(word));
    return found;
}

std::vector<PeerId> peer_ids(const std::string& list) {
    std::vector<PeerId> found;
    for (const auto id : numbers(list))
        found.emplace_back(id);
    return found;
}

}  // namespace

std::uint64_t ScriptCluster::Arguments::number(std::size_t at) const {
    if (at >= words.size()) throw std::invalid_argument("missing argument");
    return std::stoull(words[at]);
}

std::uint64_t ScriptCluster::Arguments::named_number(const std::string& name,
                                                     std::uint64_t otherwise) const {
    const auto place = named.find(name);
    return place == named.end() ? otherwise : std::stoull(place->second);
}

ScriptCluster::Arguments ScriptCluster::parse(const std::string& line) {
    std::istringstream in(line);
    Arguments arguments;
    for (std::string word; in >> word;) {
        const auto equals = word.find('=');
        if (equals == std::string::npos) {
            arguments.words.push_back(word);
        } else {
            arguments.named[word.substr(0, equals)] = word.substr(equals + 1);
        }
    }
    return arguments;
}

std::string ScriptCluster::run(const std::string& line) {
    out_.clear();
    auto arguments = parse(line);
    if (arguments.words.empty()) return "unknown command\n";
    const auto command = arguments.words.front();
    arguments.words.erase(arguments.words.begin());
    try {
        if (!dispatch(command, arguments) && !dispatch_request(command, arguments) &&
            !dispatch_fault(command, arguments) && !dispatch_show(command, arguments)) {
            return "unknown command\n";
        }
    } catch (const std::exception& error) {
        return fmt::format("bad command: {}\n", error.what());
    }
    return out_.empty() ? "ok\n" : out_;
}

void ScriptCluster::on_event(const Event& event) { print("  " + describe(event)); }

void ScriptCluster::print(const std::string& line) {
    if (!quiet_) out_ += line + "\n";
}

void ScriptCluster::print(const Status& status) {
    if (!status.ok()) out_ += describe(status.error()) + "\n";
}

ScriptCluster::Peer& ScriptCluster::peer(std::uint64_t id) {
    const auto place = peers_.find(id);
    if (place == peers_.end()) throw std::invalid_argument("no such peer");
    return place->second;
}

std::vector<std::uint64_t> ScriptCluster::peers_of(const Arguments& arguments) const {
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < arguments.words.size(); ++i)
        ids.push_back(arguments.number(i));
    if (!ids.empty()) return ids;
    for (const auto& [id, peer] : peers_)
        ids.push_back(id);
    return ids;
}

void ScriptCluster::start(Peer& peer) {
    auto node = RawNode::create(peer.config, peer.log, *this);
    if (node.ok()) {
        peer.node = std::move(node).value();
    } else {
        print(Status(node.error()));
    }
}

void ScriptCluster::add_nodes(const Arguments& arguments) {
    ConfState conf;
    if (arguments.named.contains("voters")) conf.voters = peer_ids(arguments.named.at("voters"));
    if (arguments.named.contains("learners"))
        conf.learners = peer_ids(arguments.named.at("learners"));
    for (const auto id : peers_of(arguments)) {
        auto& added = peers_[id];
        added.node.reset();
        added.log = MemoryLog(conf);
        added.state.clear();
        auto& config = added.config;
        config.id = PeerId{id};
        config.seed = arguments.named_number("seed", id);
        config.election_ticks = 10;
        config.heartbeat_ticks = 1;
        config.snapshot_ticks = 30;
        config.max_inflight_messages = arguments.named_number("window", 16);
        config.max_message_bytes = arguments.named_number("message-bytes", 4096);
        config.max_entry_bytes = arguments.named_number("entry-bytes", 100);
        config.max_uncommitted_bytes = arguments.named_number("uncommitted-bytes", 4096);
        config.max_pending_reads = arguments.named_number("reads", 16);
        start(added);
    }
}

// "tick 1 5": five ticks; "tick 1 election": until it does something, at most two election
// timeouts.
void ScriptCluster::tick(const Arguments& arguments) {
    auto& node = *peer(arguments.number(0)).node;
    if (arguments.words.size() > 1 && arguments.words[1] == "election") {
        const auto before = node.status().role;
        for (std::uint32_t i = 0; i < 20 && node.status().role == before; ++i)
            node.tick();
        return;
    }
    const auto count = arguments.words.size() > 1 ? arguments.number(1) : 1;
    for (std::uint64_t i = 0; i < count; ++i)
        node.tick();
}

void ScriptCluster::propose_conf_change(const Arguments& arguments) {
    const auto& name = arguments.words.at(1);
    ConfChange change;
    change.peer = PeerId{arguments.number(2)};
    for (const auto kind : {ConfChangeKind::kAddLearner, ConfChangeKind::kPromote,
                            ConfChangeKind::kDemote, ConfChangeKind::kRemove}) {
        if (describe(kind) != name) continue;
        change.kind = kind;
        print(peer(arguments.number(0)).node->propose_conf_change(change));
        return;
    }
    throw std::invalid_argument("unknown change");
}

void ScriptCluster::print_ready(std::uint64_t id, const Ready& ready) {
    print(fmt::format("Ready {}{}", id, ready.must_sync ? " sync" : ""));
    if (ready.soft_state) print("  state " + describe(*ready.soft_state));
    for (const auto& message : ready.messages)
        print("  send " + describe(message));
    if (ready.snapshot) print("  write snapshot " + describe(*ready.snapshot));
    for (const auto& entry : ready.entries)
        print("  write " + describe(entry));
    if (ready.hard_state) print("  write " + describe(*ready.hard_state));
    for (const auto& message : ready.messages_after_sync)
        print("  send after sync " + describe(message));
    for (const auto& entry : ready.committed)
        print("  apply " + describe(entry));
    for (const auto& read : ready.reads)
        print("  answer " + describe(read));
    for (const auto& read : ready.lost_reads)
        print(fmt::format("  lost read {}", read.sequence));
}

void ScriptCluster::take_ready(Peer& peer) {
    auto ready = peer.node->ready();
    if (!ready.ok()) {
        print(Status(ready.error()));
        return;
    }
    peer.taken = std::make_unique<Ready>(std::move(ready).value());
    print_ready(peer.config.id.value, *peer.taken);
    bag_.insert(bag_.end(), peer.taken->messages.begin(), peer.taken->messages.end());
}

void ScriptCluster::finish_ready(Peer& peer) {
    if (!peer.taken) throw std::invalid_argument("no ready is out");
    const auto ready = std::exchange(peer.taken, nullptr);
    peer.log.save(*ready);
    bag_.insert(bag_.end(), ready->messages_after_sync.begin(), ready->messages_after_sync.end());
    apply(peer, *ready);
    peer.node->advance();
}

void ScriptCluster::apply(Peer& peer, const Ready& ready) {
    if (ready.snapshot) {
        peer.state = ready.snapshot->data;
        peer.log.set_applied(ready.snapshot->index);
    }
    for (const auto& entry : ready.committed) {
        peer.log.set_applied(entry.index);
        if (entry.kind == EntryKind::kData)
            peer.state += (peer.state.empty() ? "" : " ") + entry.data;
        if (entry.kind == EntryKind::kConfig) {
            peer.log.set_conf(entry.index, decode_conf_entry(entry.data)->conf);
        }
    }
}

bool ScriptCluster::deliver(const std::vector<std::uint64_t>& to) {
    std::vector<Message> rest;
    std::vector<Message> now;
    for (auto& message : bag_) {
        const bool wanted = std::find(to.begin(), to.end(), message.to.value) != to.end();
        (wanted ? now : rest).push_back(std::move(message));
    }
    bag_ = std::move(rest);
    for (const auto& message : now) {
        print(describe(message));
        auto& receiver = peer(message.to.value);
        if (receiver.node) print(receiver.node->step(message));
    }
    return !now.empty();
}

void ScriptCluster::stabilize(const std::vector<std::uint64_t>& ids) {
    for (int rounds = 0; rounds < 200; ++rounds) {
        bool moved = false;
        for (const auto id : ids) {
            auto& one = peer(id);
            if (!one.node || one.taken || !one.node->has_ready()) continue;
            take_ready(one);
            finish_ready(one);
            moved = true;
        }
        if (deliver(ids)) moved = true;
        if (!moved) return;
    }
    out_ += "does not come to rest\n";
}

// "drop from=1 to=2 kind=Append": any of the three may be left out.
void ScriptCluster::move_messages(const Arguments& arguments, std::vector<Message>* target) {
    const auto wanted = [&](const char* name, const std::string& value) {
        const auto place = arguments.named.find(name);
        return place == arguments.named.end() || place->second == value;
    };
    std::vector<Message> rest;
    for (auto& message : bag_) {
        if (wanted("from", std::to_string(message.from.value)) &&
            wanted("to", std::to_string(message.to.value)) &&
            wanted("kind", describe(message.kind))) {
            print((target == nullptr ? "dropped " : "held ") + describe(message));
            if (target != nullptr) target->push_back(std::move(message));
        } else {
            rest.push_back(std::move(message));
        }
    }
    bag_ = std::move(rest);
}

void ScriptCluster::release(const Arguments& arguments) {
    bag_.insert(bag_.end(), held_.begin(), held_.end());
    if (arguments.words.empty() || arguments.words[0] != "copy") held_.clear();
}

void ScriptCluster::compact(const Arguments& arguments) {
    auto& one = peer(arguments.number(0));
    one.log.take_snapshot(one.state);
    one.log.compact(arguments.words.size() > 1 ? arguments.number(1) : one.log.applied());
}

void ScriptCluster::show_log(std::uint64_t id) {
    const auto& log = peer(id).log;
    out_ += fmt::format("log of {}: [{},{}]\n", id, log.first_index(), log.last_index());
    if (log.last_index() < log.first_index()) return;
    const auto entries = log.entries(log.first_index(), log.last_index() + 1, SIZE_MAX);
    for (const auto& entry : *entries)
        out_ += "  " + describe(entry) + "\n";
}

void ScriptCluster::show_status(std::uint64_t id) {
    const auto& one = peer(id);
    if (!one.node) {
        out_ += fmt::format("{} is down\n", id);
        return;
    }
    const auto status = one.node->status();
    out_ += describe(status) + "\n";
    for (const auto& [other, progress] : status.peers) {
        out_ += fmt::format("  {} {}\n", other.value, describe(progress));
    }
}

bool ScriptCluster::dispatch(const std::string& command, const Arguments& arguments) {
    if (command == "add-nodes") {
        add_nodes(arguments);
    } else if (command == "tick") {
        tick(arguments);
    } else if (command == "process-ready") {
        for (const auto id : peers_of(arguments)) {
            if (!peer(id).node->has_ready()) continue;
            take_ready(peer(id));
            finish_ready(peer(id));
        }
    } else if (command == "take-ready") {
        take_ready(peer(arguments.number(0)));
    } else if (command == "finish-ready") {
        finish_ready(peer(arguments.number(0)));
    } else if (command == "deliver-msgs") {
        deliver(peers_of(arguments));
    } else if (command == "stabilize") {
        stabilize(peers_of(arguments));
    } else if (command == "log-level") {
        quiet_ = arguments.words.at(0) == "quiet";
    } else {
        return false;
    }
    return true;
}

bool ScriptCluster::dispatch_request(const std::string& command, const Arguments& arguments) {
    if (command == "campaign") {
        print(peer(arguments.number(0)).node->campaign());
    } else if (command == "propose") {
        print(peer(arguments.number(0)).node->propose(arguments.words.at(1)));
    } else if (command == "propose-conf-change") {
        propose_conf_change(arguments);
    } else if (command == "read-index") {
        const auto id = peer(arguments.number(0)).node->read_index();
        if (id.ok()) {
            print(fmt::format("read {}", id->sequence));
        } else {
            print(Status(id.error()));
        }
    } else if (command == "transfer-leadership") {
        print(peer(arguments.number(0)).node->transfer_leadership(PeerId{arguments.number(1)}));
    } else {
        return false;
    }
    return true;
}

bool ScriptCluster::dispatch_fault(const std::string& command, const Arguments& arguments) {
    if (command == "crash") {
        peer(arguments.number(0)).node.reset();
        peer(arguments.number(0)).taken.reset();
    } else if (command == "restart") {
        auto& one = peer(arguments.number(0));
        one.config.seed += 100;
        start(one);
    } else if (command == "set-hard-state") {
        peer(arguments.number(0))
            .log.set_hard_state({arguments.named_number("term", 0),
                                 PeerId{arguments.named_number("vote", 0)},
                                 arguments.named_number("commit", 0)});
    } else if (command == "drop") {
        move_messages(arguments, nullptr);
    } else if (command == "hold") {
        move_messages(arguments, &held_);
    } else if (command == "release") {
        release(arguments);
    } else if (command == "compact") {
        compact(arguments);
    } else if (command == "report-unreachable") {
        peer(arguments.number(0)).node->report_unreachable(PeerId{arguments.number(1)});
    } else if (command == "report-snapshot") {
        peer(arguments.number(0))
            .node->report_snapshot(PeerId{arguments.number(1)},
                                   arguments.words.at(2) == "delivered");
    } else {
        return false;
    }
    return true;
}

bool ScriptCluster::dispatch_show(const std::string& command, const Arguments& arguments) {
    if (command == "raft-log") {
        for (const auto id : peers_of(arguments))
            show_log(id);
    } else if (command == "status") {
        for (const auto id : peers_of(arguments))
            show_status(id);
    } else if (command == "applied") {
        for (const auto id : peers_of(arguments)) {
            out_ += fmt::format("{} applied {}: {}\n", id, peer(id).log.applied(), peer(id).state);
        }
    } else {
        return false;
    }
    return true;
}

}  // namespace qdrantd::raft
