// SPDX-License-Identifier: Apache-2.0
#include "index/slot_span.hpp"

#include <gtest/gtest.h>

namespace qdrantd::index {
namespace {

Roaring set(std::initializer_list<std::uint32_t> slots) {
    Roaring bitmap;
    for (const auto slot : slots)
        bitmap.add(slot);
    return bitmap;
}

TEST(SlotSpan, NegatesASupersetByWhatIsSure) {
    const auto universe = set({1, 2, 3, 4});
    const auto span = SlotSpan::between(set({1}), set({1, 2})).negated(universe);
    EXPECT_FALSE(span.is_exact());
    EXPECT_EQ(span.sure(), set({3, 4}));
    EXPECT_EQ(span.maybe(), set({2, 3, 4}));
    EXPECT_EQ(SlotSpan::exactly(set({1})).negated(universe).maybe(), set({2, 3, 4}));
    EXPECT_TRUE(SlotSpan::open().negated(universe).is_open());
    EXPECT_EQ(SlotSpan::open(set({1})).negated(universe).maybe(), set({2, 3, 4}));
}

TEST(SlotSpan, IsExactWhenItsBoundsMeet) {
    EXPECT_TRUE(SlotSpan::between(set({1, 2}), set({1, 2})).is_exact());
    EXPECT_TRUE(SlotSpan::both(SlotSpan::open(), SlotSpan::exactly({})).is_exact());
    EXPECT_TRUE(
        SlotSpan::both(SlotSpan::between({}, set({1})), SlotSpan::exactly(set({2}))).is_exact());
}

TEST(SlotSpan, CombinesAsConditionsDo) {
    const auto a = SlotSpan::between(set({1}), set({1, 2}));
    const auto b = SlotSpan::exactly(set({1, 2, 3}));
    EXPECT_EQ(SlotSpan::both(a, b).sure(), set({1}));
    EXPECT_EQ(SlotSpan::both(a, b).maybe(), set({1, 2}));
    EXPECT_EQ(SlotSpan::both(a, SlotSpan::open()).maybe(), set({1, 2}));
    EXPECT_TRUE(SlotSpan::both(a, SlotSpan::open()).sure().isEmpty());
    EXPECT_TRUE(SlotSpan::either(a, b).is_exact());
    EXPECT_TRUE(SlotSpan::either(a, SlotSpan::open()).is_open());
    EXPECT_EQ(SlotSpan::either(a, SlotSpan::open()).sure(), set({1}));
}

TEST(SlotSpan, CountsHowManyHold) {
    const auto universe = set({1, 2, 3, 4});
    const SlotSpan spans[] = {SlotSpan::exactly(set({1, 2})), SlotSpan::exactly(set({2, 3})),
                              SlotSpan::exactly(set({2, 4}))};
    EXPECT_EQ(SlotSpan::at_least(spans, 1, universe).maybe(), universe);
    EXPECT_EQ(SlotSpan::at_least(spans, 2, universe).maybe(), set({2}));
    EXPECT_EQ(SlotSpan::at_least(spans, 3, universe).maybe(), set({2}));
    EXPECT_TRUE(SlotSpan::at_least(spans, 4, universe).maybe().isEmpty());
    const SlotSpan loose[] = {SlotSpan::exactly(set({1})), SlotSpan::open()};
    EXPECT_EQ(SlotSpan::at_least(loose, 2, universe).maybe(), set({1}));
    EXPECT_TRUE(SlotSpan::at_least(loose, 2, universe).sure().isEmpty());
    EXPECT_EQ(SlotSpan::at_least(loose, 1, universe).sure(), set({1}));
}

}  // namespace
}  // namespace qdrantd::index
