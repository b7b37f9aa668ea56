// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/payload.hpp>

#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <qdrantd/common/log.hpp>
#include <qdrantd/common/random.hpp>
#include <qdrantd/model/filter_eval.hpp>
#include <qdrantd/model/payload_reader.hpp>

namespace qdrantd::model {
namespace {

std::string kept(std::string_view json) {
    const auto payload = Payload::parse(json);
    EXPECT_TRUE(payload.ok()) << json << ": " << (payload.ok() ? "" : payload.error().message);
    return payload.ok() ? payload->json() : "";
}

std::string refusal(std::string_view json) {
    const auto payload = Payload::parse(json);
    EXPECT_FALSE(payload.ok()) << json;
    if (payload.ok()) return "";
    EXPECT_EQ(payload.error().code, ErrorCode::kFormat);
    return payload.error().message;
}

std::uint64_t test_seed() {
    const char* given = std::getenv("QDRANTD_SEED");
    return given ? std::strtoull(given, nullptr, 10) : Random::entropy();
}

TEST(Payload, MinifiesAndKeepsTheOrderOfKeys) {
    EXPECT_EQ(kept(" { \"z\" : 1 , \"a\" : [ 1 , { } , [ ] , null , true , false ] } "),
              R"({"z":1,"a":[1,{},[],null,true,false]})");
    EXPECT_EQ(kept("{}"), "{}");
    EXPECT_TRUE(Payload::parse("{ }")->empty());
    EXPECT_FALSE(Payload::parse("{\"a\":null}")->empty());
}

TEST(Payload, KeepsNumbers) {
    EXPECT_EQ(
        kept(R"({"a":9223372036854775807,"b":-9223372036854775808,"c":18446744073709551615})"),
        R"({"a":9223372036854775807,"b":-9223372036854775808,"c":18446744073709551615})");
    EXPECT_EQ(
        kept(R"({"a":1.0,"b":0.1,"c":-0.0,"d":1e2,"e":1E+2,"f":2.50,"g":0.10000000000000001})"),
        R"({"a":1.0,"b":0.1,"c":-0.0,"d":100.0,"e":100.0,"f":2.5,"g":0.1})");
    EXPECT_EQ(kept(R"({"a":1.7976931348623157e308,"b":5e-324,"c":-1e22})"),
              R"({"a":1.7976931348623157e+308,"b":5e-324,"c":-1e+22})");
}

TEST(Payload, TurnsHugeIntegersIntoFloats) {
    EXPECT_EQ(
        kept(R"({"a":18446744073709551616,"s":"9999999999999999999999","b":-9223372036854775809})"),
        R"({"a":18446744073709551616.0,"s":"9999999999999999999999","b":-9223372036854775808.0})");
    EXPECT_EQ(kept(R"({"a":[12,123456789012345678901234567890]})"),
              R"({"a":[12,1.2345678901234568e+29]})");
    EXPECT_NE(refusal("{\"a\":1e400}"), "");
    EXPECT_NE(refusal("{\"a\":" + std::string(400, '9') + "}"), "");
}

TEST(Payload, WritesStringsInOneForm) {
    EXPECT_EQ(kept(R"({"a":"\u0041\/\u00e9\ud83d\ude00"})"), "{\"a\":\"A/é😀\"}");
    EXPECT_EQ(kept(R"({"a":"\"\\\b\f\n\r\t\u0000\u001f\u007f"})"),
              "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"}");
    EXPECT_EQ(kept(R"({"key \"with\" \n and more than eight bytes":"0123456789\\abcdef"})"),
              R"({"key \"with\" \n and more than eight bytes":"0123456789\\abcdef"})");
}

TEST(Payload, LastOfRepeatedKeysStaysAtTheFirstPlace) {
    EXPECT_EQ(kept(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
    EXPECT_EQ(kept(R"({"a":1,"\u0061":[{"x":1,"x":2}]})"), R"({"a":[{"x":2}]})");
    EXPECT_EQ(kept(R"({"o":{"k":1,"k":null},"p":{"k":1}})"), R"({"o":{"k":null},"p":{"k":1}})");
    std::string many = "{";
    for (int i = 0; i < 100; ++i)
        many += fmt::format("\"k{}\":{},", i, i);
    EXPECT_EQ(kept(many + "\"k50\":-1}").find("\"k50\":50"), std::string::npos);
    EXPECT_NE(kept(many + "\"k50\":-1}").find("\"k49\":49,\"k50\":-1,\"k51\":51"),
              std::string::npos);
    EXPECT_NE(kept(many + "\"other\":-1}").find("\"k50\":50"), std::string::npos);
}

TEST(Payload, RefusesWhatIsNoObject) {
    for (const auto* json : {"",
                             " ",
                             "null",
                             "1",
                             "[]",
                             "\"a\"",
                             "{",
                             "}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{a:1}",
                             "{'a':1}",
                             "{\"a\":01}",
                             "{\"a\":1}x",
                             "{}{}",
                             "{\"a\":NaN}",
                             "{\"a\":\"\x01\"}",
                             "{\"a\":\"\\x\"}",
                             "{\"a\":\"\xFF\"}",
                             "{\"a\":\"\\ud800\"}",
                             "{\"a\":\"\\udc00\"}",
                             "{\"a\":\"\\ud800\\u0041\"}",
                             "{\"\\udfff\":1}",
                             "{\"a\":\"\xED\xA0\x80\"}",
                             "{\"a\":tru}"}) {
        EXPECT_NE(refusal(json), "") << json;
    }
    EXPECT_NE(refusal("{\"a\":1,}").find("offset 8"), std::string::npos) << refusal("{\"a\":1,}");
}

std::string nested(std::size_t arrays) {
    return "{\"a\":" + std::string(arrays, '[') + std::string(arrays, ']') + "}";
}

TEST(Payload, LimitsDepth) {
    EXPECT_EQ(kept(nested(Payload::kMaxDepth - 1)), nested(Payload::kMaxDepth - 1));
    EXPECT_NE(refusal(nested(Payload::kMaxDepth)).find("recursion limit"), std::string::npos);
    EXPECT_NE(refusal(nested(5000)).find("recursion limit"), std::string::npos);
    EXPECT_NE(refusal("{\"a\":1,\"a\":" + nested(Payload::kMaxDepth) + "}").find("recursion limit"),
              std::string::npos);
    refusal(std::string(1'000'000, '['));
}

/// A random JSON value; `budget` bounds its size.
nlohmann::ordered_json random_value(Random& random, int& budget) {
    --budget;
    switch (random.below(budget > 0 ? 9 : 6)) {
        case 0:
            return nullptr;
        case 1:
            return random.chance(0.5);
        case 2:
            return random.next();
        case 3:
            return random.between(INT64_MIN, INT64_MAX);
        case 4:
            return std::ldexp(random.unit() - 0.5, static_cast<int>(random.between(-80, 80)));
        case 5: {
            static constexpr const char* kPieces[] = {"a",    "\"", "\\", "\n",
                                                      "\x01", "é",  "😀",  "seven77"};
            std::string text;
            for (auto n = random.below(12); n > 0; --n)
                text += kPieces[random.below(std::size(kPieces))];
            return text;
        }
        case 6: {
            auto array = nlohmann::ordered_json::array();
            for (auto n = random.below(5); n > 0; --n)
                array.push_back(random_value(random, budget));
            return array;
        }
        default: {
            auto object = nlohmann::ordered_json::object();
            for (auto n = random.below(40); n > 0 && budget > 0; --n)
                object[fmt::format("k{}", random.below(50))] = random_value(random, budget);
            return object;
        }
    }
}

nlohmann::ordered_json random_object(Random& random) {
    auto object = nlohmann::ordered_json::object();
    int budget = 60;
    for (auto n = random.below(8); n > 0; --n)
        object[fmt::format("k{}", n)] = random_value(random, budget);
    return object;
}

TEST(Payload, ReadsWhatAnotherParserReads) {
    const auto seed = test_seed();
    SCOPED_TRACE(fmt::format("replay: QDRANTD_SEED={} model_test --gtest_filter=Payload.*", seed));
    Random random(seed);
    for (int round = 0; round < 2000; ++round) {
        const auto value = random_object(random);
        const auto text =
            value.dump(static_cast<int>(random.below(4)) - 1, ' ', random.chance(0.5));
        const auto once = kept(text);
        ASSERT_EQ(nlohmann::ordered_json::parse(once), value) << text;
        ASSERT_EQ(kept(once), once);
    }
}

/// Bytes of `text` changed, dropped, doubled or cut off.
std::string damaged(std::string text, Random& random) {
    for (auto n = 1 + random.below(4); n > 0 && !text.empty(); --n) {
        const auto at = random.below(text.size());
        switch (random.below(5)) {
            case 0:
                text[at] = static_cast<char>(random.below(256));
                break;
            case 1:
                text.erase(at, 1 + random.below(8));
                break;
            case 2:
                text.insert(at, text.substr(random.below(text.size()), random.below(16)));
                break;
            case 3:
                text.resize(at);
                break;
            default:
                text.insert(at, 1, "{}[]\",:\\u-e0"[random.below(12)]);
        }
    }
    return text;
}

TEST(Payload, DamagedTextNeitherCrashesNorPassesInvalid) {
    set_log_level(LogLevel::kOff);
    const auto seed = test_seed();
    SCOPED_TRACE(fmt::format("replay: QDRANTD_SEED={} model_test --gtest_filter=Payload.*", seed));
    Random random(seed);
    const auto path = *JsonPath::parse("k1[].k2");
    Filter filter;
    filter.must_not.emplace_back(FieldCondition{path, Range{.gt = 1.0}});
    FilterEvaluator evaluator(filter);
    PayloadReader reader;
    PathValues values;
    int accepted = 0;
    for (int round = 0; round < 5000; ++round) {
        const auto text = damaged(random_object(random).dump(), random);
        const auto payload = Payload::parse(text);
        if (payload.ok()) {
            ++accepted;
            ASSERT_TRUE(nlohmann::json::accept(payload->json())) << text;
            const auto touched = merge_payload_at(*payload, path, *payload);
            ASSERT_EQ(kept(touched.json()), touched.json());
            EXPECT_TRUE(reader.read(payload->json()));
        }
        // Bytes that were never checked: an answer of either kind will do, a crash will not.
        const bool readable = reader.read(text);
        reader.values_at(path, values);
        EXPECT_TRUE(readable || values.elements.empty());
        const bool matches = evaluator.matches({PointId(1), text, nullptr});
        EXPECT_TRUE(readable || !matches);
    }
    EXPECT_GT(accepted, 0);
    set_log_level(LogLevel::kWarn);
}

}  // namespace
}  // namespace qdrantd::model
