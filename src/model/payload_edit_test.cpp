// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <qdrantd/model/payload.hpp>

namespace qdrantd::model {
namespace {

Payload payload(std::string_view json) {
    auto parsed = Payload::parse(json);
    EXPECT_TRUE(parsed.ok()) << json;
    return parsed.ok() ? *parsed : Payload();
}
JsonPath path(std::string_view text) { return JsonPath::parse(text).value(); }
std::vector<JsonPath> paths(std::initializer_list<std::string_view> texts) {
    std::vector<JsonPath> all;
    for (const auto text : texts)
        all.push_back(path(text));
    return all;
}

std::string merged(std::string_view old, std::string_view patch) {
    return merge_payload(payload(old), payload(patch)).json();
}
std::string merged_at(std::string_view old, std::string_view at, std::string_view patch) {
    return merge_payload_at(payload(old), path(at), payload(patch)).json();
}
std::string removed(std::string_view old, std::initializer_list<std::string_view> keys) {
    return remove_from_payload(payload(old), paths(keys)).json();
}
std::string included(std::string_view json, std::initializer_list<std::string_view> keys) {
    return select_payload(json, {PayloadSelector::Kind::kInclude, paths(keys)});
}
std::string excluded(std::string_view json, std::initializer_list<std::string_view> keys) {
    return select_payload(json, {PayloadSelector::Kind::kExclude, paths(keys)});
}

TEST(MergePayload, IsShallowAndNullRemoves) {
    EXPECT_EQ(merged(R"({"a":{"x":1},"b":2,"c":3})", R"({"a":{"y":1},"c":null,"d":4,"e":null})"),
              R"({"a":{"y":1},"b":2,"d":4})");
    EXPECT_EQ(merged(R"({"a":null,"b":[null]})", R"({"c":{"d":null}})"),
              R"({"a":null,"b":[null],"c":{"d":null}})");
    EXPECT_EQ(merged("{}", "{}"), "{}");
    EXPECT_EQ(merged(R"({"a":1})", "{}"), R"({"a":1})");
    EXPECT_EQ(merged(R"({"a":1})", R"({"a":null})"), "{}");
}

TEST(MergePayload, AtAPathMakesWhatIsMissing) {
    EXPECT_EQ(merged_at("{}", "a.b", R"({"x":1})"), R"({"a":{"b":{"x":1}}})");
    EXPECT_EQ(merged_at(R"({"a":{"b":{"x":1,"y":2},"c":3}})", "a.b", R"({"x":null,"z":4})"),
              R"({"a":{"b":{"y":2,"z":4},"c":3}})");
    EXPECT_EQ(merged_at(R"({"a":5,"b":1})", "a.b", R"({"x":1})"), R"({"a":{"b":{"x":1}},"b":1})");
    EXPECT_EQ(merged_at(R"({"a":[1]})", "a", R"({"x":1})"), R"({"a":{"x":1}})");
    EXPECT_EQ(merged_at(R"({"a":"s"})", "a", "{}"), R"({"a":{}})");
}

TEST(MergePayload, AtArrayElements) {
    EXPECT_EQ(merged_at(R"({"a":[{"x":1},{"x":2}]})", "a[1]", R"({"y":3})"),
              R"({"a":[{"x":1},{"x":2,"y":3}]})");
    EXPECT_EQ(merged_at(R"({"a":[{"x":1}]})", "a[3]", R"({"y":3})"), R"({"a":[{"x":1}]})");
    EXPECT_EQ(merged_at(R"({"a":{"x":1}})", "a[0]", R"({"y":3})"), R"({"a":[]})");
    EXPECT_EQ(merged_at("{}", "a[0].b", R"({"y":3})"), R"({"a":[]})");
    EXPECT_EQ(merged_at(R"({"a":[{"x":1},2,null]})", "a[]", R"({"x":null,"y":3})"),
              R"({"a":[{"y":3},{"y":3},{"y":3}]})");
    EXPECT_EQ(merged_at(R"({"a":7})", "a[]", R"({"y":3})"), R"({"a":[]})");
    EXPECT_EQ(merged_at(R"({"a":[{},{"b":1}]})", "a[].b", R"({"y":3})"),
              R"({"a":[{"b":{"y":3}},{"b":{"y":3}}]})");
}

TEST(RemoveFromPayload, FollowsPaths) {
    const auto* json = R"({"a":{"b":1,"c":2},"d":[{"b":1,"c":2},{"b":3},4]})";
    EXPECT_EQ(removed(json, {"a.b"}), R"({"a":{"c":2},"d":[{"b":1,"c":2},{"b":3},4]})");
    EXPECT_EQ(removed(json, {"d[].b"}), R"({"a":{"b":1,"c":2},"d":[{"c":2},{},4]})");
    EXPECT_EQ(removed(json, {"d[0].b", "a"}), R"({"d":[{"c":2},{"b":3},4]})");
    EXPECT_EQ(removed(json, {"d[]"}), R"({"a":{"b":1,"c":2},"d":[]})");
    EXPECT_EQ(removed(json, {"d[0]"}), json);
    EXPECT_EQ(removed(json, {"d[0]", "d[0].b"}), R"({"a":{"b":1,"c":2},"d":[{"c":2},{"b":3},4]})");
    EXPECT_EQ(removed(json, {"d.b", "a[]", "a[0]", "x", "x.y[]", "a.b.c"}), json);
    EXPECT_EQ(removed(json, {"a", "d"}), "{}");
    EXPECT_EQ(removed(json, {}), json);
}

TEST(SelectPayload, AllIsTheSameBytes) {
    EXPECT_EQ(select_payload(R"({"a":1})", PayloadSelector::all()), R"({"a":1})");
}

TEST(SelectPayload, IncludesPatternsAndTheirParents) {
    const auto* json = R"({"a":{"b":{"c":1},"d":2},"e":[{"f":1,"g":2},{"f":3}],"h":null})";
    EXPECT_EQ(included(json, {}), "{}");
    EXPECT_EQ(included(json, {"h", "a.b"}), R"({"a":{"b":{"c":1}},"h":null})");
    EXPECT_EQ(included(json, {"e[].f"}), R"({"e":[{"f":1},{"f":3}]})");
    EXPECT_EQ(included(json, {"e.f"}), R"({"e":[]})");
    EXPECT_EQ(included(json, {"e[0].f"}), R"({"e":[]})");
    EXPECT_EQ(included(json, {"e"}), R"({"e":[{"f":1,"g":2},{"f":3}]})");
    EXPECT_EQ(included(json, {"e[]"}), R"({"e":[{"f":1,"g":2},{"f":3}]})");
    EXPECT_EQ(included(json, {"a.x"}), R"({"a":{}})");
    EXPECT_EQ(included(json, {"a.b", "a"}), R"({"a":{"b":{"c":1},"d":2}})");
    EXPECT_EQ(included(json, {"x", "A"}), "{}");
    // A value on the way to a pattern is kept even where the pattern ends in nothing.
    EXPECT_EQ(included(R"({"a":5,"b":6})", {"a.b"}), R"({"a":5})");
}

TEST(SelectPayload, ExcludesPatterns) {
    const auto* json = R"({"a":{"b":{"c":1},"d":2},"e":[{"f":1,"g":2},{"f":3},4]})";
    EXPECT_EQ(excluded(json, {}), json);
    EXPECT_EQ(excluded(json, {"a.b", "e"}), R"({"a":{"d":2}})");
    EXPECT_EQ(excluded(json, {"e[].f"}), R"({"a":{"b":{"c":1},"d":2},"e":[{"g":2},{},4]})");
    EXPECT_EQ(excluded(json, {"e[]"}), R"({"a":{"b":{"c":1},"d":2},"e":[]})");
    EXPECT_EQ(excluded(json, {"e[0]", "e.f", "a[]", "x.y"}), json);
    EXPECT_EQ(excluded(json, {"a", "e"}), "{}");
}

}  // namespace
}  // namespace qdrantd::model
