// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <qdrantd/collection/hash_ring.hpp>
#include <qdrantd/collection/query_merge.hpp>
#include <qdrantd/collection/update_router.hpp>
#include <qdrantd/common/gather.hpp>
#include <qdrantd/common/random.hpp>

namespace qdrantd::collection {
namespace {

std::vector<ShardId> shards(std::uint32_t count) {
    std::vector<ShardId> ids;
    for (std::uint32_t i = 0; i < count; ++i)
        ids.emplace_back(i);
    return ids;
}

TEST(HashRing, SpreadsPointsEvenly) {
    const HashRing ring(shards(6));
    std::map<ShardId, int> counts;
    for (std::uint64_t i = 0; i < 60000; ++i)
        ++counts[ring.owner(model::PointId(i))];
    ASSERT_EQ(counts.size(), 6U);
    for (const auto& [shard, count] : counts) {
        EXPECT_GT(count, 7500) << shard.value;
        EXPECT_LT(count, 12500) << shard.value;
    }
}

TEST(HashRing, OwnersAreFixedForGood) {
    // Part of the data's layout: these never change.
    const HashRing ring(shards(3));
    std::string owners;
    for (std::uint64_t i = 0; i < 32; ++i)
        owners += std::to_string(ring.owner(model::PointId(i)).value);
    EXPECT_EQ(owners, "20011120222222121000000002200101");
}

TEST(HashRing, AShardMoreMovesPointsToItOnly) {
    const HashRing before(shards(3));
    const HashRing after(shards(4));
    int moved = 0;
    for (std::uint64_t i = 0; i < 10000; ++i) {
        const model::PointId id(i);
        if (before.owner(id) == after.owner(id)) continue;
        ++moved;
        EXPECT_EQ(after.owner(id), ShardId(3));
    }
    EXPECT_GT(moved, 1500);
    EXPECT_LT(moved, 3500);
}

TEST(UpdateRouter, EveryPointGoesToItsOwnerOnce) {
    const HashRing ring(shards(4));
    model::UpsertPoints upsert;
    upsert.mode = model::UpdateMode::kInsertOnly;
    for (std::uint64_t i = 0; i < 100; ++i)
        upsert.points.push_back({model::PointId(i), {}, {}});
    const auto routed = route_update(ring, shards(4), std::move(upsert));
    std::size_t points = 0;
    for (const auto& [shard, operation] : routed) {
        const auto& part = std::get<model::UpsertPoints>(operation);
        EXPECT_EQ(part.mode, model::UpdateMode::kInsertOnly);
        points += part.points.size();
        for (const auto& point : part.points)
            EXPECT_EQ(ring.owner(point.id), shard);
    }
    EXPECT_EQ(points, 100U);
}

TEST(UpdateRouter, FiltersGoToAllShardsAndIdsToTheirs) {
    const HashRing ring(shards(4));
    EXPECT_EQ(route_update(ring, shards(4), model::DeletePoints{model::Filter{}}).size(), 4U);
    const std::vector<model::PointId> one{model::PointId(7)};
    const auto routed = route_update(ring, shards(4), model::ClearPayload{one});
    ASSERT_EQ(routed.size(), 1U);
    EXPECT_EQ(routed.front().first, ring.owner(model::PointId(7)));
    model::DeleteVectors both{{"v"}, one, model::Filter{}};
    const auto parts = route_update(ring, shards(4), std::move(both));
    ASSERT_EQ(parts.size(), 4U);
    for (const auto& [shard, operation] : parts) {
        EXPECT_EQ(std::get<model::DeleteVectors>(operation).ids.has_value(),
                  shard == ring.owner(model::PointId(7)));
    }
}

std::vector<model::ScoredPoint> hits(std::initializer_list<std::pair<std::uint64_t, float>> list) {
    std::vector<model::ScoredPoint> out;
    for (const auto& [id, score] : list)
        out.push_back({.id = model::PointId(id), .version = 1, .score = score});
    return out;
}
std::vector<std::uint64_t> ids_of(const auto& points) {
    std::vector<std::uint64_t> out;
    for (const auto& point : points)
        out.push_back(point.id.number());
    return out;
}

TEST(QueryMerge, OrdersByScoreThenId) {
    using Ids = std::vector<std::uint64_t>;
    EXPECT_EQ(ids_of(merge_hits({hits({{1, 0.9F}, {2, 0.5F}}), hits({{4, 0.9F}, {3, 0.7F}})},
                                HitOrder::kScoreDescending, 0, 10)),
              (Ids{4, 1, 3, 2}));
    EXPECT_EQ(ids_of(merge_hits({hits({{1, 0.5F}, {2, 0.9F}}), hits({{4, 0.5F}, {3, 0.7F}})},
                                HitOrder::kScoreAscending, 1, 2)),
              (Ids{4, 3}));
    EXPECT_TRUE(
        merge_hits({hits({{1, 0.5F}})}, HitOrder::kScoreAscending, UINT64_MAX, UINT64_MAX).empty());
}

TEST(QueryMerge, KeepsTheNewestVersionOfARepeatedPoint) {
    auto older = hits({{1, 0.9F}});
    auto newer = hits({{1, 0.2F}});
    newer.front().version = 2;
    const auto merged = merge_hits({older, newer}, HitOrder::kScoreDescending, 0, 10);
    ASSERT_EQ(merged.size(), 1U);
    EXPECT_EQ(merged.front().version, 2U);
}

TEST(QueryMerge, PagesOfManyShardsEqualOnePage) {
    Random random(11);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::vector<std::uint64_t>> owned(3);
        std::vector<std::uint64_t> all;
        for (std::uint64_t id = 0; id < 30; ++id) {
            if (random.chance(0.3)) continue;
            owned[random.below(3)].push_back(id);
            all.push_back(id);
        }
        const auto limit = 1 + random.below(8);
        const auto start = random.below(30);
        std::vector<model::ScrollPage> pages(3);
        for (std::size_t s = 0; s < 3; ++s) {
            for (const auto id : owned[s]) {
                if (id < start) continue;
                if (pages[s].points.size() == limit) {
                    pages[s].next_offset = model::PointId(id);
                    break;
                }
                pages[s].points.push_back({.id = model::PointId(id)});
            }
        }
        std::erase_if(all, [start](auto id) { return id < start; });
        const auto merged = merge_pages(std::move(pages), limit);
        const auto expected_size = std::min<std::size_t>(limit, all.size());
        EXPECT_EQ(
            ids_of(merged.points),
            std::vector(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(expected_size)));
        EXPECT_EQ(merged.next_offset.has_value(), all.size() > limit);
        if (all.size() > limit) {
            EXPECT_EQ(merged.next_offset->number(), all[limit]);
        }
    }
}

TEST(QueryMerge, RecordsComeInRequestOrderOnce) {
    std::vector<model::Record> records{{.id = model::PointId(1)}, {.id = model::PointId(2)}};
    const std::vector<model::PointId> ids{model::PointId(2), model::PointId(9), model::PointId(1),
                                          model::PointId(2)};
    EXPECT_EQ(ids_of(order_records(std::move(records), ids)), (std::vector<std::uint64_t>{2, 1}));
}

TEST(Gather, AnswersOnceWithAllOrTheFirstError) {
    int answers = 0;
    {
        auto gather = Gather<int>::make(2, [&](Result<std::vector<int>> all) {
            ++answers;
            EXPECT_EQ(*all, (std::vector{1, 2}));
        });
        auto second = gather->part(1);
        gather->part(0)(1);
        EXPECT_EQ(answers, 0);
        second(2);
    }
    auto failing = Gather<int>::make(2, [&](Result<std::vector<int>> all) {
        ++answers;
        EXPECT_EQ(all.error().message, "first");
    });
    failing->part(1)(Error{ErrorCode::kInternal, "first"});
    failing->part(0)(Error{ErrorCode::kInternal, "second"});
    auto none = Gather<int>::make(0, [&](Result<std::vector<int>> all) {
        ++answers;
        EXPECT_TRUE(all->empty());
    });
    EXPECT_EQ(answers, 3);
}

}  // namespace
}  // namespace qdrantd::collection
