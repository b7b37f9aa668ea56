// SPDX-License-Identifier: Apache-2.0
#include "index/slot_list.hpp"

#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>

namespace qdrantd::index {
namespace {

std::set<Slot> slots_of(const SlotList& list) {
    const auto bitmap = list.to_bitmap();
    return {bitmap.begin(), bitmap.end()};
}

TEST(SlotList, HoldsWhatASetHolds) {
    const char* given = std::getenv("QDRANTD_SEED");
    const auto seed = given ? std::strtoull(given, nullptr, 10) : Random::entropy();
    SCOPED_TRACE(fmt::format("replay: QDRANTD_SEED={} index_test --gtest_filter=SlotList.*", seed));
    Random random(seed);
    for (const std::uint64_t range : {1U, 3U, 60U, 70U, 200U}) {
        SlotList list;
        std::set<Slot> model;
        for (int step = 0; step < 600; ++step) {
            const auto slot = static_cast<Slot>(random.below(range) * 40'000);
            if (random.chance(step < 400 ? 0.7 : 0.2)) {
                list.add(slot);
                model.insert(slot);
            } else {
                list.remove(slot);
                model.erase(slot);
            }
            ASSERT_EQ(list.size(), model.size());
            if (step % 37 == 0) {
                ASSERT_EQ(slots_of(list), model);
            }
        }
        ASSERT_EQ(slots_of(list), model);
    }
}

TEST(SlotList, OneSlotNeedsNoMemoryOfItsOwn) {
    SlotList list;
    list.add(7);
    list.add(7);
    EXPECT_EQ(list.heap_bytes(), 0U);
    EXPECT_EQ(sizeof(SlotList), 16U);
    list.add(8);
    EXPECT_GT(list.heap_bytes(), 0U);
}

TEST(SlotGatherer, JoinsListsOfEverySize) {
    std::vector<SlotList> lists(5000);
    std::set<Slot> model;
    for (std::uint32_t i = 0; i < lists.size(); ++i) {
        const auto slot = (i * 2654435761U) % 10'000'000;
        lists[i].add(slot);
        model.insert(slot);
    }
    for (Slot slot = 0; slot < 200; ++slot) {
        lists[0].add(slot);
        model.insert(slot);
    }
    SlotGatherer gatherer;
    for (const auto& list : lists)
        gatherer.add(list);
    const auto all = gatherer.build();
    EXPECT_EQ(std::set<Slot>(all.begin(), all.end()), model);
    EXPECT_TRUE(SlotGatherer().build().isEmpty());
}

}  // namespace
}  // namespace qdrantd::index
