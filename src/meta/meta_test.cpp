// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include <qdrantd/common/random.hpp>
#include <qdrantd/meta/state.hpp>

namespace qdrantd::meta {
namespace {

model::CollectionConfig config(std::uint32_t size) {
    model::CollectionConfig made;
    made.params.vectors.single = true;
    made.params.vectors.by_name[""] = {.size = size, .distance = model::Distance::kDot};
    return made;
}

Outcome apply(State& state, Change change) { return state.apply({{}, std::move(change)}); }

std::vector<Command> one_of_each() {
    const auto path = *model::JsonPath::parse("a[].b");
    return {
        {{1, 1}, Nothing{}},
        {{1, 2}, PutPeer{PeerId(7), "http://a:6335/"}},
        {{1, 3}, RemovePeer{PeerId(7)}},
        {{1, 4},
         CreateCollection{
             "c", config(4), {{ShardId(0), {PeerId(7), PeerId(8)}}, {ShardId(1), {}}}}},
        {{1, 5}, SetCollectionConfig{"c", 3, config(5)}},
        {{1, 6}, RemoveCollection{"c"}},
        {{1, 7}, SetFieldIndex{"c", path, model::FieldSchema{.type = model::FieldType::kBool}}},
        {{1, 8}, SetFieldIndex{"c", path, std::nullopt}},
        {{1, 9}, ChangeAliases{{PutAlias{"a", "c"}, RemoveAlias{"b"}, RenameAlias{"a", "d"}}}},
        {{1, 10}, SetClusterKey{"k", "{\"x\":1}"}},
        {{1, 11}, SetClusterKey{"k", std::nullopt}},
    };
}

TEST(MetaCommand, SurvivesEncodingAndDecoding) {
    for (const auto& command : one_of_each()) {
        const auto decoded = decode_command(encode(command));
        ASSERT_TRUE(decoded.ok()) << describe(decoded.error());
        EXPECT_EQ(*decoded, command);
    }
}

TEST(MetaCommand, RefusesWhatItDoesNotKnowNamingIt) {
    auto bytes = encode({{1, 1}, Nothing{}});
    bytes.back() = 99;
    EXPECT_EQ(decode_command(bytes).error().message, "metadata entry of unknown kind 99");
    bytes.front() = 9;
    EXPECT_EQ(decode_command(bytes).error().message,
              "metadata entry of version 9, this build reads 1");
    for (const auto& command : one_of_each()) {
        const auto whole = encode(command);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            EXPECT_FALSE(decode_command(std::string_view(whole).substr(0, size)).ok());
        }
        EXPECT_FALSE(decode_command(whole + "x").ok());
    }
}

TEST(MetaState, CollectionsAndAliasesShareOneNameSpace) {
    State state;
    EXPECT_TRUE(*apply(state, CreateCollection{"c", config(4), {}}).answer);
    EXPECT_EQ(apply(state, CreateCollection{"c", config(4), {}}).answer.error().code,
              ErrorCode::kAlreadyExists);
    EXPECT_TRUE(apply(state, ChangeAliases{{PutAlias{"a", "c"}}}).answer.ok());
    EXPECT_EQ(apply(state, CreateCollection{"a", config(4), {}}).answer.error().code,
              ErrorCode::kBadInput);
    EXPECT_EQ(apply(state, ChangeAliases{{PutAlias{"c", "c"}}}).answer.error().code,
              ErrorCode::kAlreadyExists);
    EXPECT_EQ(apply(state, ChangeAliases{{PutAlias{"x", "a"}}}).answer.error().code,
              ErrorCode::kNotFound);
    const auto removed = apply(state, RemoveCollection{"c"});
    EXPECT_TRUE(*removed.answer);
    ASSERT_EQ(removed.deltas.size(), 2U);
    EXPECT_EQ(std::get<CollectionRemoved>(removed.deltas.front()).uid, 1U);
    EXPECT_TRUE(state.aliases().empty());
    EXPECT_FALSE(*apply(state, RemoveCollection{"c"}).answer);
    EXPECT_TRUE(apply(state, CreateCollection{"c", config(4), {}}).answer.ok());
    EXPECT_EQ(state.collections().at("c").uid, 2U);
}

TEST(MetaState, AliasActionsBeforeAFailingOneStay) {
    State state;
    ASSERT_TRUE(apply(state, CreateCollection{"c", config(4), {}}).answer.ok());
    const auto outcome = apply(
        state, ChangeAliases{{PutAlias{"a", "c"}, RenameAlias{"nobody", "x"}, PutAlias{"b", "c"}}});
    EXPECT_EQ(outcome.answer.error().message, "Alias nobody does not exists!");
    EXPECT_EQ(state.aliases(), (std::map<std::string, std::string>{{"a", "c"}}));
}

TEST(MetaState, AConfigurationChangesOnlyFromTheVersionSeen) {
    State state;
    ASSERT_TRUE(apply(state, CreateCollection{"c", config(4), {}}).answer.ok());
    EXPECT_TRUE(*apply(state, SetCollectionConfig{"c", 1, config(5)}).answer);
    EXPECT_FALSE(*apply(state, SetCollectionConfig{"c", 1, config(6)}).answer);
    EXPECT_EQ(state.collections().at("c").config, config(5));
    EXPECT_FALSE(apply(state, SetCollectionConfig{"d", 1, config(6)}).answer.ok());
}

TEST(MetaState, ARemovedPeerDoesNotComeBack) {
    State state;
    EXPECT_TRUE(apply(state, PutPeer{PeerId(1), "http://a/"}).answer.ok());
    EXPECT_TRUE(apply(state, PutPeer{PeerId(1), "http://b/"}).answer.ok());
    EXPECT_EQ(state.peers().at(PeerId(1)), "http://b/");
    EXPECT_TRUE(*apply(state, RemovePeer{PeerId(1)}).answer);
    EXPECT_FALSE(*apply(state, RemovePeer{PeerId(1)}).answer);
    EXPECT_FALSE(apply(state, PutPeer{PeerId(1), "http://a/"}).answer.ok());
}

TEST(MetaState, ARetriedProposalIsAppliedOnceAndAnsweredAlike) {
    State state;
    const Command create{{5, 1}, CreateCollection{"c", config(4), {}}};
    EXPECT_TRUE(state.apply(create).answer.ok());
    const auto before = state;
    const auto again = state.apply(create);
    EXPECT_TRUE(again.answer.ok());
    EXPECT_TRUE(again.deltas.empty());
    EXPECT_EQ(state, before);
    const Command refused{{5, 2}, CreateCollection{"c", config(4), {}}};
    const auto first = state.apply(refused);
    EXPECT_EQ(state.apply(refused).answer.error(), first.answer.error());
}

Command random_command(Random& random, std::uint64_t counter) {
    const auto name = [&] { return std::string(1, static_cast<char>('a' + random.below(5))); };
    Command command{{1, counter}, Nothing{}};
    switch (random.below(8)) {
        case 0:
            command.change = PutPeer{PeerId(1 + random.below(4)), "http://" + name()};
            break;
        case 1:
            command.change = RemovePeer{PeerId(1 + random.below(4))};
            break;
        case 2:
            command.change = CreateCollection{name(), config(4), {{ShardId(0), {PeerId(1)}}}};
            break;
        case 3:
            command.change = SetCollectionConfig{name(), 1 + random.below(3), config(8)};
            break;
        case 4:
            command.change = RemoveCollection{name()};
            break;
        case 5:
            command.change = SetFieldIndex{
                name(), *model::JsonPath::parse(name()),
                random.chance(0.5) ? std::optional(model::FieldSchema{}) : std::nullopt};
            break;
        case 6:
            command.change = ChangeAliases{{PutAlias{name(), name()}, RenameAlias{name(), name()}}};
            break;
        default:
            command.change = SetClusterKey{
                name(), random.chance(0.5) ? std::optional<std::string>("1") : std::nullopt};
    }
    return command;
}

TEST(MetaState, EqualHistoriesGiveEqualHashesAlsoThroughSnapshots) {
    const char* given = std::getenv("QDRANTD_SEED");
    const auto seed = given != nullptr ? std::strtoull(given, nullptr, 10) : Random::entropy();
    SCOPED_TRACE("QDRANTD_SEED=" + std::to_string(seed));
    Random random(seed);
    State direct;
    State restored;
    for (std::uint64_t i = 1; i <= 10000; ++i) {
        const auto command = random_command(random, i);
        const auto a = direct.apply(command);
        const auto b = restored.apply(*decode_command(encode(command)));
        ASSERT_EQ(a.answer.ok(), b.answer.ok());
        ASSERT_EQ(a.deltas, b.deltas);
        if (!random.chance(0.01)) continue;
        auto snapshot = State::decode(restored.encode());
        ASSERT_TRUE(snapshot.ok()) << describe(snapshot.error());
        restored = std::move(*snapshot);
        ASSERT_EQ(direct.hash(), restored.hash());
        for (const auto& [alias, target] : direct.aliases()) {
            ASSERT_TRUE(direct.collections().contains(target));
            ASSERT_FALSE(direct.collections().contains(alias));
        }
    }
}

TEST(MetaState, DamagedSnapshotsAreRefused) {
    State state;
    for (const auto& command : one_of_each())
        state.apply(command);
    const auto bytes = state.encode();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        EXPECT_FALSE(State::decode(damaged).ok());
        EXPECT_FALSE(State::decode(std::string_view(bytes).substr(0, i)).ok());
    }
}

}  // namespace
}  // namespace qdrantd::meta
