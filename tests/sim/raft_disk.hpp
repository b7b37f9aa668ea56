// SPDX-License-Identifier: Apache-2.0
// A disk with a write-back cache. Writes are atomic records in one order, as in a write-ahead log
// with checksums: a crash keeps everything that was synced and any number of the records behind it,
// and drops a torn one. Thread safety: none.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include <qdrantd/common/random.hpp>

#include "tests/raft/memory_log.hpp"

namespace qdrantd::raft::sim {

inline constexpr std::size_t kClients = 4;

/// The replicated machine: a digest over all entries, and for each client the last command carried
/// out.
struct Machine {
    std::uint64_t digest = 0;
    std::array<std::uint64_t, kClients> done{};
    std::array<std::uint64_t, kClients> executed{};

    bool operator==(const Machine&) const = default;
    void apply(const Entry& entry);
    std::string encode() const;
    static Machine decode(const std::string& bytes);
};

/// What is on the disk.
struct Stored {
    MemoryLog log;
    Machine machine;
};

struct Write {
    std::shared_ptr<const Ready> ready;  // snapshot, entries, hard state
    std::optional<Index> applied;        // with `machine`, and `conf` if it changed
    Machine machine;
    std::optional<std::pair<Index, ConfState>> conf;
    std::optional<Index> compact_to;  // behind a snapshot of what is applied
};

class Disk {
  public:
    Disk() = default;
    explicit Disk(ConfState conf) { live_.log = durable_.log = MemoryLog(std::move(conf)); }

    const Stored& live() const { return live_; }
    const Stored& durable() const { return durable_; }

    void write(Write write);
    void sync();
    /// Power is lost. `under_way` is a record that was being written.
    void crash(Random& random, double torn, std::optional<Write> under_way);

  private:
    Stored live_;     // as the process sees it
    Stored durable_;  // as a crash leaves it at worst
    std::vector<Write> cached_;
};

}  // namespace qdrantd::raft::sim
