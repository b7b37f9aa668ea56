// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/raft/config.hpp>

namespace qdrantd::raft {

std::vector<std::string> Config::validate() const {
    std::vector<std::string> mistakes;
    const auto need = [&](bool good, const char* sentence) {
        if (!good) mistakes.emplace_back(sentence);
    };
    need(id.value != 0, "id must not be 0");
    need(heartbeat_ticks > 0, "heartbeat_ticks must be at least 1");
    need(election_ticks >= 3 * static_cast<std::uint64_t>(heartbeat_ticks),
         "election_ticks must be at least three times heartbeat_ticks");
    need(election_ticks <= 1'000'000, "election_ticks must be at most 1000000");
    need(snapshot_ticks > 0, "snapshot_ticks must be at least 1");
    need(max_message_bytes > 0, "max_message_bytes must be at least 1");
    need(max_inflight_messages > 0, "max_inflight_messages must be at least 1");
    need(max_inflight_bytes > 0, "max_inflight_bytes must be at least 1");
    need(max_entry_bytes > 0, "max_entry_bytes must be at least 1");
    need(max_uncommitted_bytes >= max_entry_bytes,
         "max_uncommitted_bytes must be at least max_entry_bytes");
    need(max_apply_bytes > 0, "max_apply_bytes must be at least 1");
    need(max_pending_reads > 0, "max_pending_reads must be at least 1");
    return mistakes;
}

}  // namespace qdrantd::raft
