// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/api/rest/server.hpp>

#include <gtest/gtest.h>

#include "api/rest/fake_facade.hpp"
#include "api/rest/raw_client.hpp"

namespace qdrantd::rest {
namespace {

class ServerTest : public testing::Test {
  protected:
    void start(Options options = {}) {
        options.host = "127.0.0.1";
        options.port = 0;
        server_.emplace(std::move(options), points_, collections_);
        const auto started = server_->start();
        ASSERT_TRUE(started.ok()) << started.error().message;
    }
    RawClient client() { return RawClient(server_->port()); }

    FakePoints points_;
    FakeCollections collections_;
    std::optional<Server> server_;
};

TEST_F(ServerTest, TellsItsVersionAndHealth) {
    start();
    auto c = client();
    const auto root = c.ask("GET", "/");
    EXPECT_EQ(root.status, 200);
    EXPECT_EQ(root.body, R"({"title":"qdrant - vector search engine","version":"1.19.0"})");
    EXPECT_EQ(c.ask("GET", "/healthz").body, "healthz check passed");
    EXPECT_EQ(c.ask("GET", "/livez").body, "healthz check passed");
    EXPECT_EQ(c.ask("GET", "/readyz").body, "all shards are ready");
    collections_.is_ready = false;
    const auto starting = c.ask("GET", "/readyz");
    EXPECT_EQ(starting.status, 503);
    EXPECT_EQ(starting.body, "some shards are not ready");
    EXPECT_NE(c.ask("GET", "/metrics").body.find("# TYPE app_info gauge"), std::string::npos);
    EXPECT_NE(c.ask("GET", "/cluster").body.find(R"("result":{"status":"disabled"})"),
              std::string::npos);
}

TEST_F(ServerTest, AnswersUnknownPathsAndWrongMethodsWithAnEmptyBody) {
    start();
    auto c = client();
    for (const auto* method : {"GET", "POST", "HEAD", "OPTIONS", "DELETE"}) {
        const auto answer = c.ask(method, "/no/such/path");
        EXPECT_EQ(answer.status, 404) << method;
        EXPECT_EQ(answer.body, "") << method;
    }
    EXPECT_EQ(c.ask("PATCH", "/collections").status, 404);
    EXPECT_EQ(c.ask("HEAD", "/collections").status, 404);
    EXPECT_EQ(c.ask("POST", "/unknown", R"({"a":1})").status, 404);
    // The connection is still in step.
    EXPECT_EQ(c.ask("GET", "/").status, 200);
}

TEST_F(ServerTest, SearchesThroughTheFacade) {
    points_.hits = {{model::PointId(7), 3, 0.9F, R"({"a":1})", std::nullopt, std::nullopt}};
    start();
    auto c = client();
    const auto answer = c.ask("POST", "/collections/things/points/query",
                              R"({"query":[0.1,0.2],"limit":3,"with_payload":true})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.starts_with(
        R"({"result":{"points":[{"id":7,"version":3,"score":0.9,"payload":{"a":1}}]},"status":"ok","time":)"))
        << answer.body;
    EXPECT_EQ(points_.collection, "things");
    ASSERT_EQ(points_.queries.size(), 1U);
    EXPECT_EQ(points_.queries[0].limit, 3U);
    const auto search = c.ask("POST", "/collections/things/points/search",
                              R"({"vector":{"name":"v","vector":[1,2]},"top":2})");
    EXPECT_TRUE(search.body.starts_with(R"({"result":[{"id":7,)")) << search.body;
    EXPECT_EQ(points_.queries[0].using_vector, "v");
    const auto batch =
        c.ask("POST", "/collections/things/points/query/batch", R"({"searches":[{},{}]})");
    EXPECT_TRUE(batch.body.starts_with(R"({"result":[{"points":[)")) << batch.body;
    EXPECT_EQ(points_.queries.size(), 2U);
    EXPECT_TRUE(c.ask("POST", "/collections/things/points/search/batch", R"({"searches":[]})")
                    .body.starts_with(R"({"result":[],)"));
}

TEST_F(ServerTest, UpsertsAndReadsBack) {
    points_.records = {{model::PointId(1), R"({"k":"v"})", std::nullopt, std::nullopt}};
    start();
    auto c = client();
    const auto upsert = c.ask("PUT", "/collections/c%20d/points?wait=true",
                              R"({"points":[{"id":1,"vector":[0.5,1],"payload":{"k": "v"}}]})");
    EXPECT_TRUE(upsert.body.starts_with(R"({"result":{"operation_id":1,"status":"completed"})"))
        << upsert.body;
    EXPECT_EQ(points_.collection, "c d");
    EXPECT_TRUE(points_.write_context.wait);
    const auto& operation = std::get<model::UpsertPoints>(points_.operations.at(0));
    EXPECT_EQ(operation.points.at(0).payload.json(), R"({"k":"v"})");
    const auto one = c.ask("GET", "/collections/c/points/1");
    EXPECT_TRUE(one.body.starts_with(R"({"result":{"id":1,"payload":{"k":"v"}},)")) << one.body;
    points_.records.clear();
    const auto missing = c.ask("GET", "/collections/c/points/8");
    EXPECT_EQ(missing.status, 404);
    EXPECT_NE(missing.body.find("Not found: Point with id 8 does not exists!"), std::string::npos);
    const auto odd = c.ask("GET", "/collections/c/points/x");
    EXPECT_EQ(odd.status, 400);
    EXPECT_NE(odd.body.find(R"(Wrong input: Can not recognize \"x\" as point id)"),
              std::string::npos);
    points_.points = 42;
    EXPECT_TRUE(c.ask("POST", "/collections/c/points/count", "{}")
                    .body.starts_with(R"({"result":{"count":42},)"));
}

TEST_F(ServerTest, MapsEveryErrorClass) {
    start();
    auto c = client();
    const auto ask = [&](ErrorCode code, std::string message) {
        points_.failure = Error{code, std::move(message)};
        return c.ask("POST", "/collections/c/points/count", "{}");
    };
    auto answer = ask(ErrorCode::kNotFound, "Collection `c` doesn't exist!");
    EXPECT_EQ(answer.status, 404);
    EXPECT_TRUE(answer.body.starts_with(
        R"({"status":{"error":"Not found: Collection `c` doesn't exist!"},"time":)"))
        << answer.body;
    EXPECT_EQ(ask(ErrorCode::kBadInput, "x").status, 400);
    EXPECT_EQ(ask(ErrorCode::kAlreadyExists, "x").status, 409);
    EXPECT_EQ(ask(ErrorCode::kTimeout, "x").status, 408);
    EXPECT_EQ(ask(ErrorCode::kUnavailable, "x").status, 503);
    EXPECT_EQ(ask(ErrorCode::kInsufficientStorage, "x").status, 507);
    EXPECT_EQ(ask(ErrorCode::kUnsupported, "x").status, 501);
    EXPECT_EQ(ask(ErrorCode::kInternal, "x").status, 500);
    answer = ask(ErrorCode::kValidation, "limit: value 0 invalid");
    EXPECT_EQ(answer.status, 422);
    EXPECT_NE(answer.body.find("Validation error in JSON body: [limit: value 0 invalid]"),
              std::string::npos);
    points_.failure = Error{ErrorCode::kRateLimited, "slow down", 7};
    answer = c.ask("POST", "/collections/c/points/count", "{}");
    EXPECT_EQ(answer.status, 429);
    EXPECT_NE(answer.head.find("retry-after: 7\r\n"), std::string::npos);
}

TEST_F(ServerTest, NamesThePlaceOfBadInput) {
    start();
    auto c = client();
    const auto count = [&](std::string_view body, std::string_view query = "") {
        return c.ask("POST", "/collections/c/points/count" + std::string(query), body);
    };
    auto answer = count("{\n \"exact\": tru }");
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("Format error in JSON body: expected ident at line 2 column 14"),
              std::string::npos)
        << answer.body;
    EXPECT_NE(answer.body.find(R"("time":0.0})"), std::string::npos);
    answer = c.ask("POST", "/collections/c/points/scroll", R"({"limit":0})");
    EXPECT_EQ(answer.status, 422);
    EXPECT_NE(answer.body.find("Validation error in JSON body: [scroll_request.limit: value 0 "
                               "invalid, must be 1 or larger]"),
              std::string::npos)
        << answer.body;
    answer = count("{}", "?timeout=0");
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("Deserialize error in query parameters: "), std::string::npos);
    EXPECT_EQ(c.ask("DELETE", "/collections/c?timeout=0").status, 422);
    EXPECT_EQ(c.ask("PUT", "/collections/c/points?ordering=best", R"({"points":[]})").status, 400);
    EXPECT_EQ(c.ask("GET", "/collections/%ff/exists").status, 400);
    EXPECT_EQ(c.ask("GET", "/collections/a%2Fb/exists").status, 422);
    answer = c.ask("POST", "/collections/c/facet", R"({"key":"a"})");
    EXPECT_EQ(answer.status, 501);
    EXPECT_NE(answer.body.find("/collections/{collection_name}/facet"), std::string::npos);
    EXPECT_EQ(count("").status, 400);
}

TEST_F(ServerTest, PrefersLiteralRoutesAndFallsBackToNames) {
    start();
    auto c = client();
    EXPECT_EQ(c.ask("POST", "/collections/aliases",
                    R"({"actions":[{"create_alias":{"collection_name":"a","alias_name":"b"}}]})")
                  .status,
              200);
    EXPECT_EQ(std::get<cluster::CreateAlias>(collections_.actions.at(0)).alias_name, "b");
    EXPECT_EQ(c.ask("GET", "/collections/aliases").status, 200);
    EXPECT_EQ(collections_.name, "aliases");
    EXPECT_EQ(c.ask("GET", "//collections//named//exists/").status, 200);
    EXPECT_EQ(collections_.name, "named");
    EXPECT_EQ(c.ask("DELETE", "/collections/c/index/a.b%5B%5D").status, 200);
    EXPECT_EQ(collections_.path->to_string(), "a.b[]");
}

}  // namespace
}  // namespace qdrantd::rest
