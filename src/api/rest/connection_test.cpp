// SPDX-License-Identifier: Apache-2.0
// How connections behave when clients are slow, greedy, broken or many.
#include <zlib.h>
#include <zstd.h>

#include <sys/resource.h>

#include <cstdio>
#include <thread>

#include <gtest/gtest.h>

#include <qdrantd/api/rest/server.hpp>
#include <qdrantd/common/metrics.hpp>

#include "api/rest/content_coding.hpp"
#include "api/rest/fake_facade.hpp"
#include "api/rest/raw_client.hpp"

namespace qdrantd::rest {
namespace {

using std::chrono::milliseconds;

/// Address sanitizer keeps freed memory back and pads every block; figures are looser then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMemoryFactor = 8;
#else
constexpr std::size_t kMemoryFactor = 1;
#endif

class ConnectionTest : public testing::Test {
  protected:
    /// Short times, so that the tests see them pass.
    static Options quick() {
        Options options;
        options.keep_alive_timeout = milliseconds(150);
        options.head_timeout = milliseconds(150);
        options.transfer_timeout = milliseconds(150);
        options.disconnect_timeout = milliseconds(150);
        options.drain_timeout = milliseconds(5000);
        options.max_request_bytes = std::size_t{256} * 1024;
        return options;
    }
    void start(Options options) {
        options.host = "127.0.0.1";
        options.port = 0;
        server_.emplace(std::move(options), points_, collections_);
        const auto started = server_->start();
        ASSERT_TRUE(started.ok()) << started.error().message;
    }
    RawClient client() { return RawClient(server_->port()); }
    static std::string head_with(std::string_view extra) {
        return "POST /collections/c/points/count HTTP/1.1\r\nhost: x\r\n" + std::string(extra) +
               "\r\n";
    }

    /// Tries until it holds, five seconds at most; each try waits for the server in some way.
    template <typename Condition>
    static bool holds_in_time(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) return false;
        }
        return true;
    }

    FakePoints points_;
    FakeCollections collections_;
    std::optional<Server> server_;
};

/// `{"filter":{}, "pad":"aaaa…"}` of about `size` bytes.
std::string padded_body(std::size_t size) {
    return R"({"exact":true,"pad":")" + std::string(size, 'a') + "\"}";
}

std::size_t resident_bytes() {
    std::size_t pages = 0;
    std::size_t resident = 0;
    auto* file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) return 0;
    const int read = std::fscanf(file, "%zu %zu", &pages, &resident);
    std::fclose(file);
    return read == 2 ? resident * 4096 : 0;
}

TEST_F(ConnectionTest, KeepsConnectionsAndAnswersPipelinedRequestsInOrder) {
    start(quick());
    auto c = client();
    std::string both;
    for (int i = 0; i < 20; ++i) {
        both += "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
        both += head_with("content-length: 2\r\n") + "{}";
        both += head_with("transfer-encoding: chunked\r\n") + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
    }
    ASSERT_TRUE(c.send(both));
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(c.receive().body, "healthz check passed");
        EXPECT_EQ(c.receive().status, 200);
        EXPECT_EQ(c.receive().status, 200);
    }
}

TEST_F(ConnectionTest, ClosesWhenAskedAndForOldClients) {
    start(quick());
    auto polite = client();
    const auto answer = polite.ask("GET", "/", {}, "connection: close\r\n");
    EXPECT_NE(answer.head.find("connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(polite.ended());
    auto old = client();
    old.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.receive().status, 200);
    EXPECT_TRUE(old.ended());
}

TEST_F(ConnectionTest, EndsIdleConnections) {
    start(quick());
    auto fresh = client();
    auto used = client();
    EXPECT_EQ(used.ask("GET", "/").status, 200);
    EXPECT_TRUE(fresh.ended());
    EXPECT_TRUE(used.ended());
}

TEST_F(ConnectionTest, CutsSlowHeadsAndSlowBodies) {
    start(quick());
    auto head = client();
    auto body = client();
    ASSERT_TRUE(head.send("POST /collections/c/points/count HT"));
    ASSERT_TRUE(body.send(head_with("content-length: 1000\r\n")));
    // One byte at a time does not keep a connection alive.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    bool head_open = true;
    bool body_open = true;
    while ((head_open || body_open) && std::chrono::steady_clock::now() < end) {
        head_open = head_open && !head.readable_within(5) && head.send("x");
        body_open = body_open && !body.readable_within(5) && body.send(" ");
    }
    EXPECT_FALSE(head_open);
    EXPECT_FALSE(body_open);
}

TEST_F(ConnectionTest, CutsReadersThatDoNotRead) {
    // Much more than the socket buffers take.
    points_.records = {{model::PointId(1), "\"" + std::string(40'000'000, 'x') + "\"", std::nullopt,
                        std::nullopt}};
    start(quick());
    auto c = client();
    c.send(
        "POST /collections/c/points HTTP/1.1\r\nhost: x\r\ncontent-length: "
        "11\r\n\r\n{\"ids\":[1]}");
    auto& connections = gauge("qdrantd_rest_connections_current", "");
    ASSERT_TRUE(c.readable_within(5000));
    // Waiting on a second connection, which gets nothing more, paces the tries.
    Options patient;
    patient.keep_alive_timeout = milliseconds(60'000);
    patient.host = "127.0.0.1";
    patient.port = 0;
    Server other(patient, points_, collections_);
    ASSERT_TRUE(other.start().ok());
    RawClient pause(other.port());
    ASSERT_EQ(pause.ask("GET", "/healthz").status, 200);
    EXPECT_TRUE(holds_in_time([&] {
        return !pause.readable_within(10) && connections.value() == 1;
    })) << connections.value();
}

TEST_F(ConnectionTest, TakesBodiesUpToTheLimitInAnyFraming) {
    start(quick());
    auto c = client();
    const auto body = padded_body(200'000);
    EXPECT_EQ(c.ask("POST", "/collections/c/points/count", body).status, 200);
    char size[32];  // NOLINT
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    c.send(head_with("transfer-encoding: chunked\r\n") + size + body + "\r\n0\r\n\r\n");
    EXPECT_EQ(c.receive().status, 200);
    for (const auto coding : {Coding::kGzip, Coding::kDeflate, Coding::kZstd}) {
        const auto header = fmt::format("content-encoding: {}\r\n", coding_name(coding));
        EXPECT_EQ(
            c.ask("POST", "/collections/c/points/count", compress(coding, body), header).status,
            200)
            << coding_name(coding);
    }
}

TEST_F(ConnectionTest, RefusesBodiesOverTheLimit) {
    start(quick());
    auto known = client();
    known.send(head_with("content-length: 1073741824\r\n"));
    auto answer = known.receive();
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("JSON payload (1073741824 bytes) is larger than allowed (limit: "
                               "262144 bytes)."),
              std::string::npos)
        << answer.body;
    EXPECT_TRUE(known.ended());

    auto endless = client();
    endless.send(head_with("transfer-encoding: chunked\r\n"));
    const auto chunk = "4000\r\n" + std::string(0x4000, ' ') + "\r\n";
    for (int i = 0; i < 64 && endless.send(chunk);)
        ++i;
    answer = endless.receive();
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("JSON payload has exceeded limit (262144 bytes)."),
              std::string::npos)
        << answer.body;
}

TEST_F(ConnectionTest, RefusesBombsWhileTheyInflate) {
    start(quick());
    const auto before = resident_bytes();
    for (const auto coding : {Coding::kGzip, Coding::kDeflate, Coding::kZstd}) {
        const auto bomb = compress(coding, std::string(40'000'000, ' '));
        ASSERT_LT(bomb.size(), 256U * 1024);
        auto c = client();
        const auto answer = c.ask("POST", "/collections/c/points/count", bomb,
                                  fmt::format("content-encoding: {}\r\n", coding_name(coding)));
        EXPECT_EQ(answer.status, 400) << coding_name(coding);
        EXPECT_NE(answer.body.find("exceeded limit"), std::string::npos) << answer.body;
    }
    EXPECT_LT(resident_bytes(), before + kMemoryFactor * (std::size_t{64} << 20U));
}

TEST_F(ConnectionTest, RefusesBrokenCompression) {
    start(quick());
    const auto good = compress(Coding::kGzip, padded_body(1000));
    for (const auto& bad :
         {std::string("no gzip at all"), good.substr(0, good.size() / 2), good + "tail"}) {
        auto c = client();
        const auto answer =
            c.ask("POST", "/collections/c/points/count", bad, "content-encoding: gzip\r\n");
        EXPECT_EQ(answer.status, 400);
    }
    auto c = client();
    const auto unknown =
        c.ask("POST", "/collections/c/points/count", "{}", "content-encoding: lzma\r\n");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_NE(unknown.body.find("lzma"), std::string::npos);
}

TEST_F(ConnectionTest, RefusesMalformedHttp) {
    start(quick());
    for (const std::string_view bad :
         {"\x16\x03\x01 this is TLS\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET\r\n\r\n",
          "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
          "POST / HTTP/1.1\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}"}) {
        auto c = client();
        c.send(bad);
        EXPECT_EQ(c.receive().status, 400) << bad;
        EXPECT_TRUE(c.ended());
    }
    auto c = client();
    c.send("GET / HTTP/1.1\r\nx: " + std::string(100'000, 'y') + "\r\n\r\n");
    EXPECT_EQ(c.receive().status, 400);
}

TEST_F(ConnectionTest, AsksForTheBodyWhenTheClientWaits) {
    start(quick());
    auto c = client();
    c.send(head_with("content-length: 2\r\nexpect: 100-continue\r\n"));
    EXPECT_EQ(c.receive().status, 100);
    c.send("{}");
    EXPECT_EQ(c.receive().status, 200);
    c.send(
        "POST /nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n");
    EXPECT_EQ(c.receive().status, 404);
}

TEST_F(ConnectionTest, CompressesLargeAnswersOnRequest) {
    points_.records = {
        {model::PointId(1), "\"" + std::string(100'000, 'x') + "\"", std::nullopt, std::nullopt}};
    start(quick());
    auto c = client();
    const auto ask = [&](std::string_view accept) {
        return c.ask("POST", "/collections/c/points", R"({"ids":[1]})",
                     fmt::format("accept-encoding: {}\r\n", accept));
    };
    EXPECT_GT(ask("identity").body.size(), 100'000U);
    EXPECT_GT(ask("gzip;q=0, br").body.size(), 100'000U);
    for (const auto* word : {"gzip", "deflate", "gzip, deflate, zstd"}) {
        const auto answer = ask(word);
        EXPECT_LT(answer.body.size(), 10'000U) << word;
        std::string whole;
        const auto at = answer.head.find("content-encoding: ") + 18;
        Inflater inflater(*coding_of(answer.head.substr(at, answer.head.find('\r', at) - at)));
        ASSERT_TRUE(inflater.push(answer.body, whole, 1'000'000).ok());
        EXPECT_TRUE(whole.starts_with(R"({"result":[{"id":1,"payload":"xxx)"));
    }
    EXPECT_EQ(c.ask("GET", "/", {}, "accept-encoding: gzip\r\n").head.find("content-encoding"),
              std::string::npos);
}

TEST_F(ConnectionTest, AnswersPreflightsOfBrowsers) {
    start(quick());
    auto c = client();
    const auto answer = c.ask("OPTIONS", "/collections/c", {},
                              "origin: http://a.example\r\naccess-control-request-method: PUT\r\n"
                              "access-control-request-headers: api-key\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.head.find("access-control-allow-origin: *"), std::string::npos);
    EXPECT_NE(answer.head.find("access-control-allow-headers: api-key"), std::string::npos);
    EXPECT_NE(c.ask("GET", "/", {}, "origin: http://a.example\r\n")
                  .head.find("access-control-allow-origin: *"),
              std::string::npos);
    EXPECT_EQ(c.ask("GET", "/").head.find("access-control"), std::string::npos);
}

TEST_F(ConnectionTest, LimitsTheBodiesBeingReceived) {
    auto options = quick();
    options.max_buffered_bytes = std::size_t{128} * 1024;
    options.transfer_timeout = milliseconds(5000);
    start(options);
    auto first = client();
    first.send(head_with("content-length: 100000\r\n") + std::string(65'000, ' '));
    // Half of the room is taken as soon as the first one's bytes have arrived.
    Answer refused;
    EXPECT_TRUE(holds_in_time([&] {
        refused = client().ask("POST", "/collections/c/points/count", padded_body(100'000));
        return refused.status == 503;
    }));
    EXPECT_NE(refused.head.find("retry-after: 1\r\n"), std::string::npos);
    EXPECT_EQ(client().ask("POST", "/collections/c/points/count", padded_body(1000)).status, 200);
}

TEST_F(ConnectionTest, KeepsConnectionsOverTheLimitWaiting) {
    auto options = quick();
    options.max_connections = 2;
    start(options);
    std::vector<RawClient> clients;
    for (int i = 0; i < 6; ++i)
        clients.push_back(client());
    // The earlier ones are closed as idle, which makes room.
    for (auto& c : clients)
        EXPECT_EQ(c.ask("GET", "/", {}, "connection: close\r\n").status, 200);
}

TEST_F(ConnectionTest, ServesThousandsOfIdleConnectionsInLittleMemory) {
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    constexpr std::size_t kCount = 2000;
    ASSERT_GT(files.rlim_cur, 2 * kCount + 100);
    Options options;
    options.keep_alive_timeout = milliseconds(60'000);
    options.head_timeout = milliseconds(60'000);
    start(options);
    EXPECT_EQ(client().ask("GET", "/").status, 200);
    const auto before = resident_bytes();
    std::vector<RawClient> idle;
    idle.reserve(kCount);
    for (std::size_t i = 0; i < kCount; ++i) {
        idle.push_back(client());
        ASSERT_TRUE(idle.back().connected()) << i;
        ASSERT_EQ(
            idle.back().ask("POST", "/collections/c/points/count", padded_body(20'000)).status, 200)
            << i;
    }
    const auto after = resident_bytes();
    const auto each = (after - std::min(before, after)) / kCount;
    RecordProperty("bytes_per_connection", static_cast<int>(each));
    std::printf("resident bytes per idle connection, with its client: %zu\n", each);
    EXPECT_LE(each, kMemoryFactor * 32 * 1024);
    EXPECT_EQ(client().ask("GET", "/healthz").status, 200);
}

TEST_F(ConnectionTest, DrainsRunningRequestsWhenStopped) {
    start(quick());
    points_.hold = true;
    auto busy = client();
    auto idle = client();
    EXPECT_EQ(idle.ask("GET", "/").status, 200);
    std::thread asker([&] {
        const auto answer = busy.ask("POST", "/collections/c/points/count", "{}");
        EXPECT_EQ(answer.status, 200);
        EXPECT_TRUE(answer.body.starts_with(R"({"result":{"count":5})")) << answer.body;
    });
    EXPECT_TRUE(points_.wait_held());
    std::thread replier([&] {
        // The drain closes the idle connection first.
        EXPECT_TRUE(idle.ended());
        for (auto& reply : points_.held)
            reply(std::uint64_t{5});
    });
    server_->stop();
    asker.join();
    replier.join();
    EXPECT_FALSE(client().connected());
}

TEST_F(ConnectionTest, OutlivesRepliesThatComeAfterTheStop) {
    start(quick());
    points_.hold = true;
    auto late = client();
    late.send(head_with("content-length: 2\r\n") + "{}");
    ASSERT_TRUE(points_.wait_held());
    server_->stop_now();
    server_.reset();
    points_.held.front()(std::uint64_t{1});
    points_.held.clear();
    EXPECT_TRUE(late.ended());
}

TEST_F(ConnectionTest, AnswersForAFacadeThatDropsItsReply) {
    start(quick());
    points_.hold = true;
    auto c = client();
    c.send(head_with("content-length: 2\r\n") + "{}");
    ASSERT_TRUE(points_.wait_held());
    points_.held.clear();
    EXPECT_EQ(c.receive().status, 500);
}

}  // namespace
}  // namespace qdrantd::rest
