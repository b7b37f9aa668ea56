// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/raft/conf_change.hpp>

#include <gtest/gtest.h>

namespace qdrantd::raft {
namespace {

ConfState state(std::vector<std::uint64_t> voters, std::vector<std::uint64_t> learners = {}) {
    ConfState conf;
    for (const auto peer : voters)
        conf.voters.emplace_back(peer);
    for (const auto peer : learners)
        conf.learners.emplace_back(peer);
    return conf;
}

ConfChange change(ConfChangeKind kind, std::uint64_t peer) { return {kind, PeerId{peer}, {}}; }

TEST(ConfChange, MovesOnePeerAtATime) {
    auto conf = apply_conf_change(state({2}), change(ConfChangeKind::kAddLearner, 1));
    ASSERT_TRUE(conf.ok());
    EXPECT_EQ(*conf, state({2}, {1}));
    conf = apply_conf_change(*conf, change(ConfChangeKind::kPromote, 1));
    ASSERT_TRUE(conf.ok());
    EXPECT_EQ(*conf, state({1, 2}));
    conf = apply_conf_change(*conf, change(ConfChangeKind::kDemote, 2));
    ASSERT_TRUE(conf.ok());
    EXPECT_EQ(*conf, state({1}, {2}));
    conf = apply_conf_change(*conf, change(ConfChangeKind::kRemove, 2));
    ASSERT_TRUE(conf.ok());
    EXPECT_EQ(*conf, state({1}));
}

TEST(ConfChange, RefusesWhatDoesNotFit) {
    const auto conf = state({1}, {2});
    const auto code = [&](ConfChangeKind kind, std::uint64_t peer) {
        const auto next = apply_conf_change(conf, change(kind, peer));
        return next.ok() ? std::string("ok") : std::string(error_code_name(next.error().code));
    };
    const std::string bad(error_code_name(ErrorCode::kBadInput));
    EXPECT_EQ(code(ConfChangeKind::kAddLearner, 1), bad);
    EXPECT_EQ(code(ConfChangeKind::kAddLearner, 2), bad);
    EXPECT_EQ(code(ConfChangeKind::kAddLearner, 0), bad);
    EXPECT_EQ(code(ConfChangeKind::kPromote, 1), bad);
    EXPECT_EQ(code(ConfChangeKind::kPromote, 3), bad);
    EXPECT_EQ(code(ConfChangeKind::kDemote, 2), bad);
    EXPECT_EQ(code(ConfChangeKind::kRemove, 3), bad);
    EXPECT_EQ(code(ConfChangeKind::kDemote, 1), bad) << "the last voter";
    EXPECT_EQ(code(ConfChangeKind::kRemove, 1), bad) << "the last voter";
    auto long_change = change(ConfChangeKind::kAddLearner, 3);
    long_change.context.assign(kConfContextBytesMax + 1, 'x');
    EXPECT_FALSE(apply_conf_change(conf, long_change).ok());
}

TEST(ConfChange, ValidStatesAreSortedAndDisjoint) {
    EXPECT_TRUE(valid_conf_state(state({1, 2}, {3})));
    EXPECT_FALSE(valid_conf_state(state({})));
    EXPECT_FALSE(valid_conf_state(state({2, 1})));
    EXPECT_FALSE(valid_conf_state(state({1, 1})));
    EXPECT_FALSE(valid_conf_state(state({0, 1})));
    EXPECT_FALSE(valid_conf_state(state({1, 2}, {2})));
}

TEST(ConfChange, BytesSurviveTheRoundTripAndKeepTheirLayout) {
    const ConfEntry entry{{ConfChangeKind::kPromote, PeerId{0x0102030405060708}, "ab"},
                          state({1, 2}, {3})};
    const auto bytes = encode_conf_entry(entry);
    const auto decoded = decode_conf_entry(bytes);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, entry);
    const std::string golden(
        "\x01\x01\x08\x07\x06\x05\x04\x03\x02\x01\x02\x00\x00\x00"
        "ab"
        "\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"
        "\x01\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00",
        48);
    EXPECT_EQ(bytes, golden);
}

TEST(ConfChange, RefusesTruncatedLongAndForeignBytes) {
    const auto bytes =
        encode_conf_entry({change(ConfChangeKind::kRemove, 9), state({1, 2, 3}, {4})});
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        EXPECT_FALSE(decode_conf_entry(std::string_view(bytes).substr(0, length)).ok()) << length;
    }
    EXPECT_FALSE(decode_conf_entry(bytes + "x").ok());
    auto foreign = bytes;
    foreign[0] = 2;
    EXPECT_FALSE(decode_conf_entry(foreign).ok());
    foreign = bytes;
    foreign[1] = 4;
    EXPECT_FALSE(decode_conf_entry(foreign).ok());
    // A count that asks for more peers than there are bytes must not be believed.
    foreign = bytes;
    foreign[14] = foreign[15] = foreign[16] = foreign[17] = static_cast<char>(0xff);
    EXPECT_FALSE(decode_conf_entry(foreign).ok());
}

}  // namespace
}  // namespace qdrantd::raft
