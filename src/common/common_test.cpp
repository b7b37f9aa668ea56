// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/executor.hpp>
#include <qdrantd/common/gate.hpp>
#include <qdrantd/common/metrics.hpp>
#include <qdrantd/common/random.hpp>
#include <qdrantd/common/result.hpp>

namespace qdrantd {
namespace {

Result<int> half(int n) {
    if (n % 2) return Error{ErrorCode::kBadInput, "odd"};
    return n / 2;
}
Result<int> quarter(int n) {
    QD_ASSIGN(const auto first, half(n));
    return half(first);
}

TEST(Result, PassesErrorsOn) {
    EXPECT_EQ(*quarter(8), 2);
    EXPECT_EQ(quarter(6).error().message, "odd");
    EXPECT_EQ(describe(quarter(7).error()), "bad_input: odd");
}

TEST(Random, SameSeedGivesSameNumbers) {
    Random a(7);
    Random b(7);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(a.next(), b.next());
    for (int i = 0; i < 1000; ++i) {
        EXPECT_LT(a.below(3), 3U);
        const auto n = a.between(-2, 2);
        EXPECT_TRUE(n >= -2 && n <= 2);
    }
}

TEST(Bytes, RoundTripsAndStopsAtTheEnd) {
    std::string out;
    ByteWriter w(out);
    w.u8(1);
    w.u32_be(2);
    w.varint(300);
    w.str("abc");
    w.floats(std::array{1.5F, -2.0F});
    ByteReader r(out);
    EXPECT_EQ(r.u8(), 1);
    EXPECT_EQ(r.u32_be(), 2U);
    EXPECT_EQ(r.varint(), 300U);
    EXPECT_EQ(r.str(), "abc");
    std::array<float, 2> floats{};
    r.floats(floats);
    EXPECT_EQ(floats[1], -2.0F);
    EXPECT_TRUE(r.ok() && r.at_end());
    EXPECT_EQ(r.u64(), 0U);
    EXPECT_FALSE(r.ok());
}

TEST(ThreadPool, RefusesWhenFullAndAfterStop) {
    ThreadPool pool({.name = "test", .threads = 1, .queue_capacity = 1});
    std::mutex hold;
    hold.lock();
    std::atomic<bool> started{false};
    ASSERT_TRUE(pool.post([&] {
        started = true;
        const std::lock_guard wait(hold);
    }));
    while (!started)
        std::this_thread::yield();
    EXPECT_TRUE(pool.post([] {}).ok());
    const auto refused = pool.post([] {});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
    hold.unlock();
    pool.stop();
    EXPECT_FALSE(pool.post([] {}).ok());
}

TEST(Gate, RefusesAfterClose) {
    Gate gate;
    { EXPECT_TRUE(gate.enter()); }
    gate.close();
    EXPECT_FALSE(gate.enter());
}

TEST(Deadline, PassesByTheGivenClock) {
    ManualClock clock;
    const auto deadline = Deadline::after(std::chrono::seconds(1), clock);
    EXPECT_FALSE(deadline.passed(clock));
    clock.advance(std::chrono::seconds(2));
    EXPECT_TRUE(deadline.passed(clock));
    EXPECT_FALSE(Deadline::never().passed(clock));
}

TEST(Metrics, RendersText) {
    counter("qdrantd_test_things_total", "Things.").add(3);
    EXPECT_NE(render_metrics("x_").find("x_qdrantd_test_things_total 3\n"), std::string::npos);
}

}  // namespace
}  // namespace qdrantd
