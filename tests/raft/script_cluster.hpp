// SPDX-License-Identifier: Apache-2.0
// The cluster a raft script plays with: peers with disks in memory, and messages that move only
// when told to. Use: run("command arguments") gives the output of one block. tests/raft/README.md
// lists the commands. Thread safety: none.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <qdrantd/raft/raw_node.hpp>

#include "tests/raft/memory_log.hpp"

namespace qdrantd::raft {

class ScriptCluster final : private EventSink {
  public:
    std::string run(const std::string& line);

  private:
    struct Peer {
        Config config;
        MemoryLog log;      // as it would be after a crash
        std::string state;  // what the machine has applied
        std::unique_ptr<RawNode> node;
        std::unique_ptr<Ready> taken;
    };
    struct Arguments {
        std::vector<std::string> words;
        std::map<std::string, std::string> named;
        std::uint64_t number(std::size_t at) const;
        std::uint64_t named_number(const std::string& name, std::uint64_t otherwise) const;
    };

    void on_event(const Event& event) override;
    static Arguments parse(const std::string& line);
    void print(const std::string& line);
    void print(const Status& status);
    Peer& peer(std::uint64_t id);
    std::vector<std::uint64_t> peers_of(const Arguments& arguments) const;

    void add_nodes(const Arguments& arguments);
    void start(Peer& peer);
    void tick(const Arguments& arguments);
    void propose_conf_change(const Arguments& arguments);
    void take_ready(Peer& peer);
    void finish_ready(Peer& peer);
    void print_ready(std::uint64_t id, const Ready& ready);
    void apply(Peer& peer, const Ready& ready);
    bool deliver(const std::vector<std::uint64_t>& to);
    void stabilize(const std::vector<std::uint64_t>& ids);
    void move_messages(const Arguments& arguments, std::vector<Message>* target);
    void release(const Arguments& arguments);
    void compact(const Arguments& arguments);
    void show_log(std::uint64_t id);
    void show_status(std::uint64_t id);
    bool dispatch(const std::string& command, const Arguments& arguments);
    bool dispatch_request(const std::string& command, const Arguments& arguments);
    bool dispatch_fault(const std::string& command, const Arguments& arguments);
    bool dispatch_show(const std::string& command, const Arguments& arguments);

    std::map<std::uint64_t, Peer> peers_;
    std::vector<Message> bag_;
    std::vector<Message> held_;
    std::string out_;
    bool quiet_ = false;
};

}  // namespace qdrantd::raft
