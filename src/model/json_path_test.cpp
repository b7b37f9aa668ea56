// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/json_path.hpp>

#include <gtest/gtest.h>

namespace qdrantd::model {
namespace {

JsonPath path(std::string_view text) {
    auto parsed = JsonPath::parse(text);
    EXPECT_TRUE(parsed.ok()) << text;
    return parsed.ok() ? *parsed : JsonPath::key("?");
}

TEST(JsonPath, ReadsKeysIndexesAndAllElements) {
    const auto p = path("a-1.b_2[0][].\"x.y [z]\"");
    ASSERT_EQ(p.steps().size(), 5U);
    EXPECT_EQ(std::get<JsonPath::Key>(p.steps()[0]).name, "a-1");
    EXPECT_EQ(std::get<JsonPath::Key>(p.steps()[1]).name, "b_2");
    EXPECT_EQ(std::get<JsonPath::Index>(p.steps()[2]).at, 0U);
    EXPECT_TRUE(std::holds_alternative<JsonPath::AllElements>(p.steps()[3]));
    EXPECT_EQ(std::get<JsonPath::Key>(p.steps()[4]).name, "x.y [z]");
}

TEST(JsonPath, PrintsTheTextThatItReads) {
    for (const auto* text : {"a", "a.b", "a[].b[3]", "\"a.b\".c", "\"\"", "größe.ключ.名前[]",
                             "a[18446744073709551615]", "\"a b\"[]", "0", "-"}) {
        EXPECT_EQ(path(text).to_string(), text);
    }
    EXPECT_EQ(path("\"plain\".\"k\"").to_string(), "plain.k");
    EXPECT_EQ(path("a[007]").to_string(), "a[7]");
}

TEST(JsonPath, RefusesWhatIsNoPath) {
    for (const auto* text : {"",
                             ".",
                             "a.",
                             ".a",
                             "a..b",
                             "[]",
                             "[0]",
                             "a[",
                             "a]",
                             "a[x]",
                             "a[-1]",
                             "a[1 ]",
                             "a b",
                             "a[]b",
                             "a.[0]",
                             "\"a",
                             "\"a\\\"b\"",
                             "a\"b\"",
                             "a$",
                             "a.b!",
                             "\xFF",
                             "a\xC3",
                             "a[18446744073709551616]",
                             "a\xE2\x80\x93"
                             "b"}) {
        const auto parsed = JsonPath::parse(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().code, ErrorCode::kBadInput);
        EXPECT_EQ(parsed.error().message, "Invalid json path: '" + std::string(text) + "'");
    }
}

TEST(JsonPath, RefusesEndlessPaths) {
    std::string text = "a";
    for (std::size_t i = 1; i < JsonPath::kMaxSteps; ++i)
        text += ".a";
    EXPECT_TRUE(JsonPath::parse(text).ok());
    EXPECT_FALSE(JsonPath::parse(text + ".a").ok());
}

TEST(JsonPath, JoinsAndExpands) {
    EXPECT_EQ(path("a").with_all_elements().to_string(), "a[]");
    EXPECT_EQ(path("a[]").with_all_elements().to_string(), "a[]");
    EXPECT_EQ(path("a[0]").with_all_elements().to_string(), "a[0][]");
    EXPECT_EQ(path("a[]").join(path("b.c")).to_string(), "a[].b.c");
    EXPECT_EQ(JsonPath::key("x.y").to_string(), "\"x.y\"");
    EXPECT_EQ(JsonPath::key("x.y"), path("\"x.y\""));
    EXPECT_LT(path("a"), path("a.b"));
}

}  // namespace
}  // namespace qdrantd::model
