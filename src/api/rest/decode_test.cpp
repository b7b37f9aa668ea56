// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/rest/json_locate.hpp"
#include "api/rest/json_text.hpp"
#include "api/rest/json_value.hpp"

namespace qdrantd::rest {
namespace {

std::string error_of(std::string text) {
    JsonParser parser;
    Issues issues;
    const auto root = parser.parse(text, issues);
    return root.ok() ? "" : root.error().message;
}

TEST(JsonValue, NamesLineAndColumnOfMalformedText) {
    EXPECT_EQ(error_of(""),
              "Format error in JSON body: EOF while parsing a value at line 1 column 0");
    EXPECT_EQ(error_of("{\"a\":1,}"),
              "Format error in JSON body: trailing comma at line 1 column 8");
    EXPECT_EQ(error_of("{} x"),
              "Format error in JSON body: trailing characters at line 1 column 4");
    EXPECT_EQ(error_of("[1,\n NaN]"),
              "Format error in JSON body: expected value at line 2 column 2");
    EXPECT_EQ(error_of("[1e400]"),
              "Format error in JSON body: number out of range at line 1 column 7");
}

TEST(JsonValue, RefusesWhatIsNoUnicode) {
    EXPECT_NE(error_of("[\"\\ud800\"]"), "");
    EXPECT_NE(error_of("[\"\\udc00\"]"), "");
    EXPECT_NE(error_of("[\"\\ud800\\u0041\"]"), "");
    EXPECT_EQ(error_of("[\"\\ud83d\\ude00\"]"), "");
    EXPECT_NE(error_of("[\"\xff\"]"), "");
    EXPECT_NE(error_of("[\"\xed\xa0\x80\"]"), "");
}

TEST(JsonValue, BoundsTheDepthAsTheLocatorDoes) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + "1" + std::string(depth, ']');
    };
    EXPECT_EQ(error_of(nested(kMaxJsonDepth - 1)), "");
    EXPECT_EQ(error_of(nested(kMaxJsonDepth)),
              "Format error in JSON body: recursion limit exceeded at line 1 column 129");
    EXPECT_EQ(error_of(nested(1'000'000)),
              "Format error in JSON body: recursion limit exceeded at line 1 column 129");
    EXPECT_FALSE(locate_json_error(nested(kMaxJsonDepth - 1), kMaxJsonDepth).has_value());
}

TEST(JsonValue, KeepsIntegersBeyond64BitsAsFloats) {
    JsonParser parser;
    Issues issues;
    std::string text =
        R"({"a":18446744073709551616,"b":"18446744073709551616","c":[1,-9223372036854775809]})";
    const auto root = parser.parse(text, issues);
    ASSERT_TRUE(root.ok()) << root.error().message;
    std::string out;
    root->append_text(out);
    EXPECT_EQ(
        out,
        R"({"a":1.8446744073709552e19,"b":"18446744073709551616","c":[1,-9.223372036854776e18]})");
}

TEST(JsonText, PrintsTheShortestFloats) {
    const auto f32 = [](float value) {
        std::string out;
        append_f32(out, value);
        return out;
    };
    EXPECT_EQ(f32(0.1F), "0.1");
    EXPECT_EQ(f32(1.0F), "1.0");
    EXPECT_EQ(f32(-0.0F), "-0.0");
    EXPECT_EQ(f32(100000.0F), "100000.0");
    EXPECT_EQ(f32(1e-7F), "1e-7");
    EXPECT_EQ(f32(1e20F), "1e20");
    EXPECT_EQ(f32(std::numeric_limits<float>::quiet_NaN()), "null");
}

TEST(JsonText, EscapesStrings) {
    std::string out;
    append_json_string(out, "a\"\\\n\x01\xc3\xa9\xff");
    EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\xc3\xa9\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace qdrantd::rest
