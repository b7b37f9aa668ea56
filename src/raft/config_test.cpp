// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/raft/config.hpp>

#include <gtest/gtest.h>

namespace qdrantd::raft {
namespace {

TEST(RaftConfig, DefaultsOnlyLackAnId) {
    Config config;
    EXPECT_EQ(config.validate(), std::vector<std::string>{"id must not be 0"});
    config.id = PeerId{1};
    EXPECT_TRUE(config.validate().empty());
}

TEST(RaftConfig, ListsEveryMistake) {
    Config config;
    config.election_ticks = 5;
    config.heartbeat_ticks = 2;
    config.snapshot_ticks = 0;
    config.max_message_bytes = 0;
    config.max_inflight_messages = 0;
    config.max_inflight_bytes = 0;
    config.max_apply_bytes = 0;
    config.max_pending_reads = 0;
    config.max_uncommitted_bytes = config.max_entry_bytes - 1;
    EXPECT_EQ(config.validate().size(), 9U);
    config.heartbeat_ticks = 0;
    EXPECT_EQ(config.validate().size(), 9U) << "heartbeat instead of election";
}

}  // namespace
}  // namespace qdrantd::raft
