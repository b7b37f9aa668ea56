// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/rest/encode_collection.hpp"
#include "api/rest/encode_points.hpp"

namespace qdrantd::rest {
namespace {

TEST(Encode, ShowsVectorsInTheirShapes) {
    const auto shown = [](model::NamedVectors vectors) {
        std::string out;
        append_vectors(out, vectors);
        return out;
    };
    EXPECT_EQ(shown({{"", model::DenseVector{0.1F, 2}}}), "[0.1,2.0]");
    EXPECT_EQ(shown({{"a", model::DenseVector{1}}, {"", model::DenseVector{2}}}),
              R"({"a":[1.0],"":[2.0]})");
    EXPECT_EQ(shown({{"s", model::SparseVector{{3, 9}, {0.5F, 1}}}}),
              R"({"s":{"indices":[3,9],"values":[0.5,1.0]}})");
    EXPECT_EQ(shown({{"", model::MultiVector{2, {1, 2, 3, 4}}}}), "[[1.0,2.0],[3.0,4.0]]");
    EXPECT_EQ(shown({}), "{}");
}

TEST(Encode, SplicesPayloadsAndLeavesOutWhatWasNotAsked) {
    std::string out;
    append_records(out, {{model::PointId(1), R"({"a":1})", std::nullopt, std::nullopt},
                         {model::PointId(2), std::nullopt, std::nullopt, std::int64_t{7}},
                         {model::PointId(3), "{}", model::NamedVectors{}, 1.5}});
    EXPECT_EQ(out, R"([{"id":1,"payload":{"a":1}},{"id":2,"order_value":7},)"
                   R"({"id":3,"payload":{},"vector":{},"order_value":1.5}])");
    out.clear();
    append_scroll_page(out, {{}, std::nullopt});
    EXPECT_EQ(out, R"({"points":[],"next_page_offset":null})");
    out.clear();
    append_scroll_page(out, {{}, model::PointId(9)});
    EXPECT_EQ(out, R"({"points":[],"next_page_offset":9})");
}

TEST(Encode, ShowsUpdateResults) {
    const auto shown = [](model::UpdateResult result) {
        std::string out;
        append_update_result(out, result);
        return out;
    };
    EXPECT_EQ(shown({5, model::UpdateStatus::kCompleted}),
              R"({"operation_id":5,"status":"completed"})");
    EXPECT_EQ(shown({std::nullopt, model::UpdateStatus::kAcknowledged}),
              R"({"status":"acknowledged"})");
    EXPECT_EQ(shown({1, model::UpdateStatus::kWaitTimeout}),
              R"({"operation_id":1,"status":"wait_timeout"})");
}

TEST(Encode, ShowsCollections) {
    cluster::CollectionInfo info;
    info.status = cluster::CollectionStatus::kYellow;
    info.points_count = 3;
    info.config.params.vectors.single = true;
    info.config.params.vectors.by_name[""] = {.size = 4, .distance = model::Distance::kDot};
    const auto path = model::JsonPath::parse("a.b[]");
    ASSERT_TRUE(path.ok());
    info.payload_schema[*path] = {{.type = model::FieldType::kInteger}, 2};
    std::string out;
    append_collection_info(out, info);
    EXPECT_TRUE(out.starts_with(
        R"({"status":"yellow","optimizer_status":"ok","indexed_vectors_count":0,"points_count":3,)"
        R"("segments_count":0,"config":{"params":{"vectors":{"size":4,"distance":"Dot"})"))
        << out;
    EXPECT_TRUE(out.ends_with(R"("payload_schema":{"a.b[]":{"data_type":"integer","points":2}},)"
                              R"("update_queue":{"length":0}})"))
        << out;
    out.clear();
    append_collection_list(out, {"a", "b\"c"});
    EXPECT_EQ(out, R"({"collections":[{"name":"a"},{"name":"b\"c"}]})");
    out.clear();
    append_aliases(out, {{"x", "y"}});
    EXPECT_EQ(out, R"({"aliases":[{"alias_name":"x","collection_name":"y"}]})");
}

}  // namespace
}  // namespace qdrantd::rest
