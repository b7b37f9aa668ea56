// SPDX-License-Identifier: Apache-2.0
#include "engine/point_directory.hpp"

#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>

namespace qdrantd::engine {
namespace {

std::uint64_t seed_of_run() {
    const char* given = std::getenv("QDRANTD_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : Random::entropy();
}

model::PointId id_of(std::uint64_t n) {
    if (n % 5 != 0) return model::PointId(n);
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i)
        bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
    return model::PointId::uuid(bytes);
}

TEST(ChunkedColumn, KeepsValuesInPlaceWhileItGrows) {
    ChunkedColumn<std::uint64_t> column;
    column.reserve(0);
    const auto* first = &column[0];
    for (Slot slot = 0; slot < 100'000; ++slot) {
        column.reserve(slot);
        EXPECT_EQ(column.load(slot), 0U);
        column.store(slot, slot * 3);
    }
    EXPECT_EQ(first, &column[0]);
    for (Slot slot = 0; slot < 100'000; ++slot)
        ASSERT_EQ(column[slot], slot * 3U);
}

TEST(IdTable, AgreesWithAMap) {
    const auto seed = seed_of_run();
    SCOPED_TRACE("replay: QDRANTD_SEED=" + std::to_string(seed) +
                 " engine_test --gtest_filter=IdTable.*");
    Random random(seed);
    SlotColumns columns;
    IdTable table(columns);
    IdOrder order(columns);
    std::map<model::PointId, Slot> expected;
    Slot next = 0;
    for (int step = 0; step < 60'000; ++step) {
        const auto id = id_of(random.below(4000));
        if (random.chance(0.6)) {
            columns.reserve(next);
            columns.id[next] = id;
            table.put(next);
            order.put(next);
            expected[id] = next++;
        } else {
            table.erase(id);
            order.erase(id);
            expected.erase(id);
        }
        const auto asked = id_of(random.below(4000));
        const auto at = expected.find(asked);
        ASSERT_EQ(table.find(asked), at == expected.end() ? kNoSlot : at->second);
        ASSERT_EQ(table.size(), expected.size());
        if (step % 500 != 0) continue;
        std::vector<Slot> slots;
        order.collect(std::nullopt, false, 100'000, slots);
        ASSERT_EQ(slots.size(), expected.size());
        std::size_t i = 0;
        for (const auto& [known, slot] : expected)
            ASSERT_EQ(slots[i++], slot);
        slots.clear();
        const bool exclusive = random.chance(0.5);
        order.collect(asked, exclusive, 10, slots);
        auto from = exclusive ? expected.upper_bound(asked) : expected.lower_bound(asked);
        for (const auto slot : slots)
            ASSERT_EQ(slot, (from++)->second);
        ASSERT_TRUE(slots.size() == 10 || from == expected.end());
    }
}

TEST(IdOrder, FillsBlocksWhenIdsCome) {
    SlotColumns columns;
    IdOrder order(columns);
    for (Slot slot = 0; slot < 20'000; ++slot) {
        columns.reserve(slot);
        columns.id[slot] = model::PointId(slot);
        order.put(slot);
    }
    EXPECT_LT(order.bytes(), 20'000U * 8);
    std::vector<Slot> slots;
    order.collect(std::nullopt, false, 20'000, slots);
    ASSERT_EQ(slots.size(), 20'000U);
    for (Slot slot = 0; slot < 20'000; ++slot)
        ASSERT_EQ(slots[slot], slot);
}

TEST(ReadView, KeepsItsStateWhileTheSegmentMovesOn) {
    ViewTracker tracker;
    SlotColumns columns;
    columns.reserve(10);
    tracker.publish({OpSeq(5), 2, 2});
    const auto old = tracker.take();
    EXPECT_TRUE(old.sees(columns, 1));
    EXPECT_FALSE(old.sees(columns, 2));
    columns.ended.store(1, 6);
    tracker.publish({OpSeq(6), 3, 2});
    EXPECT_TRUE(old.sees(columns, 1));
    EXPECT_FALSE(old.sees(columns, 2));
    const auto now = tracker.take();
    EXPECT_FALSE(now.sees(columns, 1));
    EXPECT_TRUE(now.sees(columns, 2));
}

TEST(ReadView, OldestIsThatOfTheOldestViewInUse) {
    ViewTracker tracker;
    tracker.publish({OpSeq(1), 0, 0});
    EXPECT_EQ(tracker.oldest(), OpSeq(1));
    {
        const auto first = tracker.take();
        tracker.publish({OpSeq(2), 0, 0});
        {
            const auto second = tracker.take();
            tracker.publish({OpSeq(3), 0, 0});
            const auto third = tracker.take();
            EXPECT_EQ(tracker.oldest(), OpSeq(1));
        }
        EXPECT_EQ(tracker.oldest(), OpSeq(1));
        const auto fourth = tracker.take();
        EXPECT_EQ(tracker.oldest(), OpSeq(1));
    }
    EXPECT_EQ(tracker.oldest(), OpSeq(3));
}

TEST(PointDirectory, LeadsEveryViewToItsSlot) {
    SlotColumns columns;
    PointDirectory directory(columns);
    ViewTracker tracker;
    const model::PointId id(42);
    const auto add = [&](Slot slot, Slot previous, std::uint64_t seq) {
        columns.reserve(slot);
        columns.id[slot] = id;
        columns.previous[slot] = previous;
        directory.change(std::vector<Slot>{slot}, {});
        if (previous != kNoSlot && columns.ended.load(previous) == 0) {
            columns.ended.store(previous, seq);
        }
        tracker.publish({OpSeq(seq), slot + 1, 1});
    };
    const auto before = tracker.take();
    add(0, kNoSlot, 1);
    const auto first = tracker.take();
    add(1, 0, 2);
    const auto second = tracker.take();
    columns.ended.store(1, 3);
    tracker.publish({OpSeq(3), 2, 0});
    const auto removed = tracker.take();
    add(2, 1, 4);
    const auto last = tracker.take();

    EXPECT_EQ(directory.slot_at(id, before), kNoSlot);
    EXPECT_EQ(directory.slot_at(id, first), 0U);
    EXPECT_EQ(directory.slot_at(id, second), 1U);
    EXPECT_EQ(directory.slot_at(id, removed), kNoSlot);
    EXPECT_EQ(directory.slot_at(id, last), 2U);
    // Purging an older slot does not unlist the point.
    directory.change({}, std::vector<Slot>{1});
    EXPECT_EQ(directory.slot_at(id, last), 2U);
    directory.change({}, std::vector<Slot>{2});
    EXPECT_EQ(directory.latest(id), kNoSlot);
}

}  // namespace
}  // namespace qdrantd::engine
