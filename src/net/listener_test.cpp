// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/net/listener.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/connect.hpp>

#include <qdrantd/common/log.hpp>

namespace qdrantd::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Fixture {
    asio::io_context context;
    std::vector<tcp::socket> taken;
    bool room = true;
    Listener listener;

    explicit Fixture(std::uint16_t port = 0)
        : listener(
              context, {.host = "127.0.0.1", .port = port},
              {.choose = [this] { return room ? &context : nullptr; },
               .accepted = [this](tcp::socket socket,
                                  asio::io_context*) { taken.push_back(std::move(socket)); }}) {}

    tcp::socket connect() {
        tcp::socket socket(context);
        socket.connect({asio::ip::make_address("127.0.0.1"), listener.port()});
        return socket;
    }
    /// Runs until `count` connections were taken, five seconds at most.
    bool run_until(std::size_t count) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (taken.size() < count && std::chrono::steady_clock::now() < end)
            context.run_one_for(std::chrono::milliseconds(50));
        return taken.size() == count;
    }
};

TEST(Listener, ReportsTheFreePortItTook) {
    Fixture fixture;
    ASSERT_TRUE(fixture.listener.open().ok());
    EXPECT_NE(fixture.listener.port(), 0);
    fixture.listener.start();
    auto client = fixture.connect();
    EXPECT_TRUE(fixture.run_until(1));
}

TEST(Listener, NamesTheAddressItCannotBind) {
    Fixture first;
    ASSERT_TRUE(first.listener.open().ok());
    Fixture second(first.listener.port());
    const auto status = second.listener.open();
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kIo);
    EXPECT_NE(status.error().message.find("127.0.0.1:"), std::string::npos);
}

TEST(Listener, LeavesConnectionsInTheQueueWhileThereIsNoRoom) {
    Fixture fixture;
    ASSERT_TRUE(fixture.listener.open().ok());
    fixture.room = false;
    fixture.listener.start();
    auto client = fixture.connect();
    fixture.context.run_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(fixture.taken.empty());
    fixture.room = true;
    EXPECT_TRUE(fixture.run_until(1));
}

TEST(Listener, SurvivesTheLackOfDescriptors) {
    Fixture fixture;
    ASSERT_TRUE(fixture.listener.open().ok());
    fixture.listener.start();
    auto client = fixture.connect();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    // The lowest free number becomes the limit: no descriptor can be made.
    const int lowest = ::dup(0);
    ASSERT_GE(lowest, 0);
    ::close(lowest);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(lowest);
    set_log_level(LogLevel::kOff);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    fixture.context.run_for(std::chrono::milliseconds(100));
    const bool none_taken = fixture.taken.empty();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    set_log_level(LogLevel::kWarn);
    EXPECT_TRUE(none_taken);
    EXPECT_TRUE(fixture.run_until(1));
}

}  // namespace
}  // namespace qdrantd::net
