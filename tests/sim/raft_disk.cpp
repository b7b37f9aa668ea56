// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/raft_disk.hpp"

#include <charconv>
#include <cstring>

#include "tests/sim/hash.hpp"

namespace qdrantd::raft::sim {

void Machine::apply(const Entry& entry) {
    digest = hash_entry(digest, entry);
    // "c<client>:<number>"; everything else only counts for the digest.
    if (entry.kind != EntryKind::kData || entry.data.size() < 4 || entry.data[0] != 'c') return;
    const auto client = static_cast<std::size_t>(entry.data[1] - '0');
    if (client >= kClients) return;
    std::uint64_t number = 0;
    std::from_chars(entry.data.data() + 3, entry.data.data() + entry.data.size(), number);
    if (number != done[client] + 1) return;  // a repetition
    done[client] = number;
    ++executed[client];
}

std::string Machine::encode() const {
    static_assert(std::is_trivially_copyable_v<Machine>);
    return {reinterpret_cast<const char*>(this), sizeof(Machine)};
}

Machine Machine::decode(const std::string& bytes) {
    Machine machine;
    QD_ASSERT(bytes.size() == sizeof(Machine));
    std::memcpy(&machine, bytes.data(), sizeof(Machine));
    return machine;
}

namespace {

void apply(Stored& stored, const Write& write) {
    if (write.ready) stored.log.save(*write.ready);
    if (write.applied) {
        stored.machine = write.machine;
        stored.log.set_applied(*write.applied);
        if (write.conf) stored.log.set_conf(write.conf->first, write.conf->second);
    }
    if (write.compact_to) {
        stored.log.take_snapshot(stored.machine.encode());
        stored.log.compact(*write.compact_to);
    }
}

}  // namespace

void Disk::write(Write write) {
    apply(live_, write);
    cached_.push_back(std::move(write));
}

void Disk::sync() {
    for (const auto& write : cached_)
        apply(durable_, write);
    cached_.clear();
}

void Disk::crash(Random& random, double torn, std::optional<Write> under_way) {
    if (under_way) cached_.push_back(*std::move(under_way));
    std::size_t kept = random.below(cached_.size() + 1);
    if (kept > 0 && random.chance(torn)) --kept;
    for (std::size_t i = 0; i < kept; ++i)
        apply(durable_, cached_[i]);
    cached_.clear();
    // A snapshot that was written but not installed is installed on the way up.
    if (durable_.log.applied() + 1 < durable_.log.first_index()) {
        const auto snapshot = durable_.log.snapshot();
        durable_.machine = Machine::decode((*snapshot)->data);
        durable_.log.set_applied((*snapshot)->index);
    }
    live_ = durable_;
}

}  // namespace qdrantd::raft::sim
