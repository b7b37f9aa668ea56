// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include <qdrantd/common/random.hpp>
#include <qdrantd/model/collection_config_json.hpp>
#include <qdrantd/model/point_id.hpp>
#include <qdrantd/model/validate.hpp>

namespace qdrantd::model {
namespace {

constexpr std::string_view kUuid = "550e8400-e29b-41d4-a716-446655440000";

TEST(PointId, AcceptsEveryUuidForm) {
    for (const auto* text :
         {"550e8400-e29b-41d4-a716-446655440000", "550E8400E29B41D4A716446655440000",
          "{550e8400-e29b-41d4-a716-446655440000}",
          "urn:uuid:550e8400-e29b-41d4-a716-446655440000"}) {
        const auto id = PointId::parse(text);
        ASSERT_TRUE(id.ok()) << text;
        EXPECT_EQ(id->to_string(), kUuid);
    }
    for (const auto* text : {"", "x", "-1", "550e8400-e29b-41d4-a716-44665544000",
                             "550e8400e29b-41d4a716446655440000-0", "18446744073709551616",
                             "550e8400-e29b-41d4-a716-44665544000g"}) {
        EXPECT_FALSE(PointId::parse(text).ok()) << text;
    }
    EXPECT_EQ(PointId::parse("18446744073709551615")->number(), UINT64_MAX);
}

TEST(PointId, KeysSortAsIdsDo) {
    Random random(3);
    std::vector<PointId> ids{PointId(0),   PointId(1),          PointId(255),
                             PointId(256), PointId(UINT64_MAX), *PointId::parse(kUuid)};
    for (int i = 0; i < 50; ++i) {
        ids.emplace_back(random.next());
        std::array<std::uint8_t, 16> bytes{};
        for (auto& byte : bytes)
            byte = static_cast<std::uint8_t>(random.below(256));
        ids.push_back(PointId::uuid(bytes));
        EXPECT_EQ(ids.back().uuid_bytes(), bytes);
    }
    for (const auto& a : ids) {
        std::string key_a;
        a.append_key(key_a);
        std::string_view rest = key_a;
        EXPECT_EQ(*PointId::take_key(rest), a);
        EXPECT_TRUE(rest.empty());
        for (const auto& b : ids) {
            std::string key_b;
            b.append_key(key_b);
            EXPECT_EQ(key_a < key_b, a < b);
        }
    }
}

TEST(PointId, DamagedKeysAreErrors) {
    for (const std::string_view bytes :
         {std::string_view("\x02xxxxxxxxxxxxxxxx"), std::string_view("\x01xx"), {}}) {
        auto key = bytes;
        EXPECT_FALSE(PointId::take_key(key).ok());
    }
}

CollectionConfig example_config() {
    CollectionConfig config;
    config.params.vectors.single = true;
    config.params.vectors.by_name[""] = {.size = 4, .distance = Distance::kDot};
    return config;
}

TEST(CollectionConfig, EchoesTheMinimalExample) {
    EXPECT_EQ(
        encode_collection_config(example_config()),
        R"({"params":{"vectors":{"size":4,"distance":"Dot"},"shard_number":1,"replication_factor":1,)"
        R"("write_consistency_factor":1,"on_disk_payload":true},"hnsw_config":{"m":16,"ef_construct":100,)"
        R"("full_scan_threshold":10000,"max_indexing_threads":0,"on_disk":false},"optimizer_config":)"
        R"({"deleted_threshold":0.2,"vacuum_min_vector_number":1000,"default_segment_number":0,)"
        R"("max_segment_size":null,"memmap_threshold":null,"indexing_threshold":10000,"flush_interval_sec":5,)"
        R"("max_optimization_threads":null,"prevent_unoptimized":null},"wal_config":{"wal_capacity_mb":32,)"
        R"("wal_segments_ahead":0,"wal_retain_closed":1},"quantization_config":null})");
}

TEST(CollectionConfig, SurvivesEncodingAndDecoding) {
    auto config = example_config();
    config.params.vectors.single = false;
    config.params.vectors.by_name["size"] = {.size = 3,
                                             .distance = Distance::kManhattan,
                                             .hnsw_config = HnswConfigDiff{.m = 8},
                                             .on_disk = true,
                                             .memory = Memory::kCold};
    config.hnsw.payload_m = 4;
    config.optimizers.max_optimization_threads = 2;
    config.metadata_json = R"({"a":1})";
    config.strict_mode_json = R"({"enabled":true})";
    const auto decoded = decode_collection_config(encode_collection_config(config));
    ASSERT_TRUE(decoded.ok()) << describe(decoded.error());
    EXPECT_EQ(*decoded, config);
    EXPECT_FALSE(decode_collection_config("{}").ok());
    EXPECT_FALSE(decode_collection_config("not json").ok());
}

TEST(CollectionConfig, PatchMergesAndRefusesUnknownVectors) {
    CollectionPatch patch;
    patch.hnsw.m = 32;
    patch.optimizers.indexing_threshold = 0;
    patch.metadata_json = R"({"a":1,"b":null})";
    auto config = example_config();
    config.metadata_json = R"({"b":2,"c":3})";
    const auto patched = apply_patch(config, patch);
    ASSERT_TRUE(patched.ok());
    EXPECT_EQ(patched->hnsw.m, 32U);
    EXPECT_EQ(patched->hnsw.ef_construct, 100U);
    EXPECT_EQ(patched->optimizers.indexing_threshold, 0U);
    EXPECT_EQ(patched->metadata_json, R"({"c":3,"a":1})");
    patch.vectors["x"] = {};
    EXPECT_EQ(apply_patch(config, patch).error().message, "Not existing vector name error: x");
}

TEST(FieldSchema, EchoesItsForm) {
    EXPECT_EQ(encode_field_schema({.type = FieldType::kBool}), "\"bool\"");
    const FieldSchema schema{
        .type = FieldType::kInteger, .object_form = true, .lookup = true, .range = false};
    EXPECT_EQ(encode_field_schema(schema), R"({"type":"integer","lookup":true,"range":false})");
    EXPECT_EQ(*decode_field_schema(encode_field_schema(schema)), schema);
}

TEST(Validate, NamesTheMistake) {
    const auto params = example_config().params;
    const auto message = [&](NamedVectors vectors) {
        const auto status = validate_vectors(params, vectors);
        return status.ok() ? std::string() : status.error().message;
    };
    EXPECT_EQ(message({}), "");
    EXPECT_EQ(message({{"", DenseVector{1, 2, 3, 4}}}), "");
    EXPECT_EQ(message({{"", DenseVector{1, 2, 3}}}),
              "Vector dimension error: expected dim: 4, got 3");
    EXPECT_EQ(message({{"v", DenseVector{1, 2, 3}}}), "Not existing vector name error: v");
    EXPECT_EQ(message({{"", SparseVector{{1}, {1}}}}),
              "Conversion between sparse and regular vectors failed");
    EXPECT_EQ(message({{"", MultiVector{4, {1, 2, 3, 4}}}}),
              "Conversion between multi and regular vectors failed");
    EXPECT_NE(message({{"", DenseVector{1, 2, 3, std::numeric_limits<float>::quiet_NaN()}}}), "");
    EXPECT_EQ(validate_update(params, UpsertPoints{}).error().message, "Empty update request");
}

TEST(Validate, CollectionNames) {
    EXPECT_TRUE(validate_collection_name("ok name.1").ok());
    EXPECT_TRUE(validate_collection_name(std::string(255, 'a')).ok());
    EXPECT_FALSE(validate_collection_name(std::string(256, 'a')).ok());
    EXPECT_FALSE(validate_collection_name("").ok());
    EXPECT_EQ(validate_collection_name("a/b").error().message,
              "collection_name: collection name cannot contain \"/\" char");
}

TEST(Normalise, LeavesZeroAndUnitVectorsAlone) {
    std::array zero{0.0F, 0.0F};
    normalise(zero);
    EXPECT_EQ(zero, (std::array{0.0F, 0.0F}));
    std::array unit{0.6F, 0.8F};
    normalise(unit);
    EXPECT_EQ(unit, (std::array{0.6F, 0.8F}));
    std::array longer{3.0F, 4.0F};
    normalise(longer);
    EXPECT_FLOAT_EQ(longer[0], 0.6F);
    EXPECT_FLOAT_EQ(longer[1], 0.8F);
}

}  // namespace
}  // namespace qdrantd::model
