// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/engine/effect.hpp>

#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <qdrantd/engine/segment.hpp>
#include <qdrantd/store/file.hpp>

#include "engine/store_keys.hpp"

namespace qdrantd::engine {
namespace {

model::PointId uuid() {
    return model::PointId::parse_uuid("550e8400-e29b-41d4-a716-446655440000").value();
}

model::Payload payload(const char* json) { return model::Payload::trusted(json); }

std::vector<std::pair<std::string, Effect>> examples() {
    PutPoints put;
    put.points.push_back(
        {model::PointId(7), {{"", model::DenseVector{1.0F, -2.5F}}}, payload(R"({"a":1})")});
    put.points.push_back({uuid(),
                          {{"sparse", model::SparseVector{{1, 70000}, {0.5F, 2.0F}}},
                           {"multi", model::MultiVector{2, {1, 2, 3, 4}}}},
                          {}});
    PutVectors vectors;
    vectors.points.push_back({model::PointId(9), {{"title", model::DenseVector{0.25F}}}});
    PatchPayload merge_at;
    merge_at.kind = PatchPayload::Kind::kMergeAt;
    merge_at.ids = {model::PointId(1), uuid()};
    merge_at.payload = payload(R"({"b":[true,null]})");
    merge_at.keys = {model::JsonPath::parse("a.b[]").value()};
    PatchPayload remove;
    remove.kind = PatchPayload::Kind::kRemoveKeys;
    remove.ids = {model::PointId(1)};
    remove.keys = {model::JsonPath::parse("x").value(), model::JsonPath::parse("y.z").value()};
    return {{"none", NoEffect{}},     {"put_points", put},
            {"put_vectors", vectors}, {"remove_points", RemovePoints{{model::PointId(3), uuid()}}},
            {"merge_at", merge_at},   {"remove_keys", remove}};
}

std::string encoded(const Effect& effect) {
    std::string out;
    encode_effect(effect, out);
    return out;
}

std::string hex_of(const std::string& name, std::string_view bytes) {
    auto out = name;
    for (const char c : bytes)
        out += fmt::format(" {:02x}", static_cast<unsigned char>(c));
    return out + "\n";
}

void expect_golden(const std::string& file, const std::string& text) {
    const auto path = std::string(QD_GOLDEN_FOLDER) + "/" + file;
    if (std::getenv("QDRANTD_REWRITE") != nullptr) {
        ASSERT_TRUE(store::write_file_durably(path, text).ok());
    }
    EXPECT_EQ(store::read_file(path).value(), text);
}

TEST(Effect, DecodesWhatItEncoded) {
    for (const auto& [name, effect] : examples()) {
        const auto bytes = encoded(effect);
        const auto back = decode_effect(bytes);
        ASSERT_TRUE(back.ok()) << name << ": " << describe(back.error());
        EXPECT_EQ(back->index(), effect.index());
        EXPECT_EQ(encoded(*back), bytes) << name;
    }
    const auto back = decode_effect(encoded(examples()[1].second)).value();
    const auto& put = std::get<PutPoints>(back);
    ASSERT_EQ(put.points.size(), 2U);
    EXPECT_EQ(put.points[0].payload.json(), R"({"a":1})");
    EXPECT_EQ(std::get<model::DenseVector>(put.points[0].vectors[0].value),
              (model::DenseVector{1.0F, -2.5F}));
    EXPECT_EQ(put.points[1].id, uuid());
    EXPECT_EQ(std::get<model::SparseVector>(put.points[1].vectors[0].value).indices[1], 70000U);
    EXPECT_EQ(slots_taken(back), 2U);
    EXPECT_EQ(slots_taken(examples()[2].second), 1U);
    EXPECT_EQ(slots_taken(examples()[3].second), 0U);
}

TEST(Effect, BytesMatchTheGoldenFile) {
    std::string text;
    for (const auto& [name, effect] : examples())
        text += hex_of(name, encoded(effect));
    expect_golden("effect.txt", text);
}

TEST(Effect, RefusesEveryTruncation) {
    for (const auto& [name, effect] : examples()) {
        const auto bytes = encoded(effect);
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            const auto cut = decode_effect(bytes.substr(0, n));
            ASSERT_FALSE(cut.ok()) << name << " cut to " << n;
            EXPECT_EQ(cut.error().code, ErrorCode::kFormat) << name << " cut to " << n;
        }
        EXPECT_FALSE(decode_effect(bytes + "x").ok()) << name;
    }
}

TEST(Effect, RefusesUnknownVersionsKindsAndHugeCounts) {
    EXPECT_FALSE(decode_effect(std::string("\x02\x00", 2)).ok());
    EXPECT_FALSE(decode_effect(std::string("\x01\x05", 2)).ok());
    // A vector that claims 2^60 floats must be refused before memory is taken for it.
    std::string bytes("\x01\x01\x01", 3);
    model::PointId(1).append_key(bytes);
    bytes += std::string("\x01\x00\x00", 3);
    bytes += "\x80\x80\x80\x80\x80\x80\x80\x80\x10";
    EXPECT_EQ(decode_effect(bytes).error().code, ErrorCode::kFormat);
    // So does a list that claims 2^60 points.
    std::string list("\x01\x03", 2);
    list += "\x80\x80\x80\x80\x80\x80\x80\x80\x10";
    EXPECT_EQ(decode_effect(list).error().code, ErrorCode::kFormat);
}

SegmentManifest example_manifest() {
    SegmentManifest manifest;
    manifest.number = 3;
    manifest.covered = OpSeq(258);
    manifest.slots = 70;
    manifest.vectors = {{"", 4, "graph-0-2", 60, 16, 100}, {"title", 2, "", 0, 0, 0}};
    manifest.files = {{"vec-0-0", 4480, {0x1122334455667788}}, {"graph-0-2", 1100000, {1, 2}}};
    return manifest;
}

TEST(SegmentFormats, BytesMatchTheGoldenFile) {
    std::string text;
    text += hex_of("point_key", point_key(3, model::PointId(7)));
    text += hex_of("point_key_uuid", point_key(3, uuid()));
    text += hex_of("point_value", encode_point_value({70, 258, {"", "title"}}));
    text += hex_of("slot_key", slot_key(3, 70));
    text += hex_of("manifest", example_manifest().encode());
    expect_golden("segment.txt", text);
}

TEST(SegmentFormats, ManifestFindsDamageInEveryByte) {
    const auto manifest = example_manifest();
    auto bytes = manifest.encode();
    EXPECT_EQ(SegmentManifest::decode(bytes).value(), manifest);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(bytes[i] ^ 0x20);
        EXPECT_FALSE(SegmentManifest::decode(bytes).ok()) << i;
        EXPECT_FALSE(SegmentManifest::decode(std::string_view(bytes).substr(0, i)).ok()) << i;
        bytes[i] = static_cast<char>(bytes[i] ^ 0x20);
    }
    EXPECT_NE(manifest.find_file("graph-0-2"), nullptr);
    EXPECT_EQ(manifest.find_file("graph-0-1"), nullptr);
}

TEST(SegmentFormats, KeysAndValuesComeBack) {
    EXPECT_EQ(point_of_key(point_key(9, uuid())).value(), uuid());
    EXPECT_EQ(slot_of_key(slot_key(9, 123456)).value(), 123456U);
    EXPECT_FALSE(point_of_key("abc").ok());
    EXPECT_FALSE(point_of_key(point_key(9, uuid()) + "x").ok());
    EXPECT_FALSE(slot_of_key("abc").ok());
    const auto value = decode_point_value(encode_point_value({5, 6, {"a"}})).value();
    EXPECT_EQ(value.slot, 5U);
    EXPECT_EQ(value.version, 6U);
    EXPECT_EQ(value.vectors, std::vector<std::string>{"a"});
    EXPECT_FALSE(decode_point_value("").ok());
    EXPECT_FALSE(decode_point_value(encode_point_value({5, 6, {"a"}}) + "x").ok());
    // Keys sort as segments and ids do.
    EXPECT_LT(point_key(1, uuid()), point_key(2, model::PointId(0)));
    EXPECT_LT(point_key(1, model::PointId(255)), point_key(1, model::PointId(256)));
    EXPECT_LT(segment_begin(1), point_key(1, model::PointId(0)));
    EXPECT_LT(point_key(1, uuid()), segment_end(1));
}

}  // namespace
}  // namespace qdrantd::engine
