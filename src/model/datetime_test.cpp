// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/datetime.hpp>

#include <gtest/gtest.h>

namespace qdrantd::model {
namespace {

// 2024-01-02T03:04:05Z
constexpr std::int64_t kMoment = 1'704'164'645'000'000;

TEST(Datetime, ReadsEveryForm) {
    const struct {
        const char* text;
        std::int64_t micros;
    } cases[] = {
        {"2024-01-02T03:04:05.678Z", kMoment + 678'000},
        {"2024-01-02t03:04:05z", kMoment},
        {"2024-01-02 05:04:05+02:00", kMoment},
        {"2024-01-02T05:04:05+0200", kMoment},
        {"2024-01-02T05:04:05 +02", kMoment},
        {"2024-01-01T21:34:05-05:30", kMoment},
        {"2024-01-02T03:04:05 UTC", kMoment},
        {"2024-01-02T03:04:05", kMoment},
        {"2024-01-02 03:04:05.5", kMoment + 500'000},
        {"2024-01-02 03:04:05.1234567891", kMoment + 123'456},
        {"2024-01-02T03:04", kMoment - 5'000'000},
        {"2024-01-02 03:04", kMoment - 5'000'000},
        {"2024-01-02", kMoment - 11'045'000'000},
        {"1970-01-01", 0},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"2024-02-29", 1'709'164'800'000'000},
        {"2016-12-31T23:59:60Z", 1'483'228'800'000'000},
        {"0000-01-01", -62'167'219'200'000'000},
        {"9999-12-31T23:59:59Z", 253'402'300'799'000'000},
    };
    for (const auto& c : cases)
        EXPECT_EQ(parse_datetime(c.text), c.micros) << c.text;
}

TEST(Datetime, RefusesTheRest) {
    for (const auto* text : {"",
                             "2024",
                             "2024-01",
                             "2024-1-2",
                             "2024-13-01",
                             "2023-02-29",
                             "2024-01-02T",
                             "2024-01-02T03",
                             "2024-01-02T03:04Z",
                             "2024-01-02T24:00:00",
                             "2024-01-02T03:60:00",
                             "2024-01-02T03:04:61",
                             "2024-01-02T03:04:05.",
                             "2024-01-02T03:04:05.Z",
                             "2024-01-02T03:04:05X",
                             "2024-01-02T03:04:05+2",
                             "2024-01-02T03:04:05+02:",
                             "2024-01-02T03:04:05+02:60",
                             "2024-01-02T03:04:05+24:00",
                             "2024-01-02T03:04:05Zjunk",
                             " 2024-01-02",
                             "2024-01-02 ",
                             "2024/01/02",
                             "24-01-02",
                             "-2024-01-02",
                             "2024-01-02_03:04:05",
                             "now"}) {
        EXPECT_EQ(parse_datetime(text), std::nullopt) << text;
    }
    const auto refused = parse_filter_datetime("soon");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kFormat);
    EXPECT_EQ(
        refused.error().message,
        "'soon' does not match accepted datetime format (RFC3339). Example: 2014-01-01T00:00:00Z");
    EXPECT_EQ(*parse_filter_datetime("2024-01-02T03:04:05"), kMoment);
}

}  // namespace
}  // namespace qdrantd::model
