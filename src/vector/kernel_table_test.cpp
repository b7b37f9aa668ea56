// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/vector/kernel_table.hpp>

#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>
#include <qdrantd/vector/distance.hpp>

namespace qdrantd::vec {
namespace {

constexpr SimdLevel kLevels[] = {SimdLevel::kSse2, SimdLevel::kAvx2, SimdLevel::kAvx512};
constexpr std::size_t kSizes[] = {16, 32, 48, 64, 80, 112, 128, 144, 384, 400, 768, 1536, 4112};

std::uint64_t test_seed() {
    const char* given = std::getenv("QDRANTD_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : Random::entropy();
}

std::string replay(std::uint64_t seed) {
    return "replay: QDRANTD_SEED=" + std::to_string(seed) + " ./vector_test";
}

std::vector<float> random_floats(Random& random, std::size_t n) {
    std::vector<float> values(n);
    for (float& value : values)
        value = static_cast<float>(random.unit() * 2 - 1);
    return values;
}

class KernelLevel : public testing::TestWithParam<SimdLevel> {
  protected:
    void SetUp() override {
        table_ = kernels_of(GetParam());
        if (table_ == nullptr) GTEST_SKIP() << "this CPU lacks " << simd_level_name(GetParam());
    }
    const KernelTable* table_ = nullptr;
};

TEST_P(KernelLevel, FloatKernelsAgreeWithReferenceAlsoUnaligned) {
    const std::uint64_t seed = test_seed();
    SCOPED_TRACE(replay(seed));
    Random random(seed);
    for (const std::size_t n : kSizes) {
        for (const std::size_t shift : {std::size_t{0}, std::size_t{1}, std::size_t{5}}) {
            const std::vector<float> a = random_floats(random, n + shift);
            const std::vector<float> b = random_floats(random, n + 2 * shift);
            const float* x = a.data() + shift;
            const float* y = b.data() + 2 * shift;
            const float tolerance = 2e-6F * static_cast<float>(n);
            EXPECT_NEAR(table_->dot(x, y, n), reference_dot(x, y, n), tolerance);
            EXPECT_NEAR(table_->negative_squared_euclid(x, y, n),
                        -reference_squared_euclid(x, y, n), tolerance);
            EXPECT_NEAR(table_->negative_manhattan(x, y, n), -reference_manhattan(x, y, n),
                        tolerance);
        }
    }
}

TEST_P(KernelLevel, ManyKernelsAgreeWithSingleOnesForEveryCount) {
    const std::uint64_t seed = test_seed();
    SCOPED_TRACE(replay(seed));
    Random random(seed);
    for (const std::size_t n : {std::size_t{16}, std::size_t{80}, std::size_t{384}}) {
        const std::vector<float> query = random_floats(random, n);
        std::vector<std::vector<float>> rows;
        std::vector<const float*> pointers;
        for (std::size_t count = 0; count <= 9; ++count) {
            std::vector<float> out(count + 1, 77.0F);
            for (const auto distance : {model::Distance::kDot, model::Distance::kEuclid,
                                        model::Distance::kManhattan, model::Distance::kCosine}) {
                table_->similarity_many(distance)(query.data(), pointers.data(), count, n,
                                                  out.data());
                for (std::size_t i = 0; i < count; ++i) {
                    EXPECT_EQ(out[i], table_->similarity(distance)(query.data(), pointers[i], n))
                        << "a pair has one score, wherever it is computed";
                }
                EXPECT_EQ(out[count], 77.0F) << "wrote past the last result";
            }
            rows.push_back(random_floats(random, n));
            pointers.push_back(rows.back().data());
        }
    }
}

TEST_P(KernelLevel, CodeKernelIsExactAtRandomAndExtremeCodes) {
    const std::uint64_t seed = test_seed();
    SCOPED_TRACE(replay(seed));
    Random random(seed);
    for (const std::size_t n : {std::size_t{64}, std::size_t{128}, std::size_t{192},
                                std::size_t{384}, std::size_t{1536}, std::size_t{65536}}) {
        for (const bool extreme : {false, true}) {
            std::vector<std::int8_t> query(n + 3);
            for (auto& code : query)
                code = static_cast<std::int8_t>(extreme ? (random.chance(0.9) ? 127 : -127)
                                                        : random.between(-127, 127));
            std::vector<std::vector<std::uint8_t>> rows(7, std::vector<std::uint8_t>(n + 3));
            std::vector<const std::uint8_t*> pointers;
            for (auto& row : rows) {
                for (auto& code : row)
                    code = static_cast<std::uint8_t>(extreme ? 255 : random.below(256));
                pointers.push_back(row.data() + 3);
            }
            std::vector<std::int32_t> out(rows.size());
            table_->dot_s8_u8_many(query.data() + 1, pointers.data(), rows.size(), n, out.data());
            for (std::size_t r = 0; r < rows.size(); ++r) {
                std::int64_t expected = 0;
                for (std::size_t i = 0; i < n; ++i)
                    expected += std::int64_t{query[i + 1]} * pointers[r][i];
                EXPECT_EQ(out[r], expected) << "row " << r << " of length " << n;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, KernelLevel, testing::ValuesIn(kLevels), [](const auto& level) {
    return std::string(simd_level_name(level.param));
});

TEST(KernelTable, ChosenLevelIsOneTheCpuHas) {
    EXPECT_EQ(&kernels(), kernels_of(kernels().level));
    const char* limit = std::getenv("QDRANTD_SIMD");
    if (limit != nullptr && std::string(limit) == "sse2") {
        EXPECT_EQ(kernels().level, SimdLevel::kSse2);
    }
}

TEST(Distance, ScoresConvertBothWays) {
    EXPECT_FLOAT_EQ(score_from_raw(model::Distance::kEuclid, -9.0F), 3.0F);
    EXPECT_FLOAT_EQ(score_from_raw(model::Distance::kManhattan, -4.5F), 4.5F);
    EXPECT_FLOAT_EQ(score_from_raw(model::Distance::kCosine, 0.25F), 0.25F);
    EXPECT_FLOAT_EQ(raw_from_score(model::Distance::kEuclid, 3.0F), -9.0F);
    EXPECT_FLOAT_EQ(raw_from_score(model::Distance::kManhattan, 4.5F), -4.5F);
    EXPECT_FLOAT_EQ(raw_from_score(model::Distance::kDot, -7.0F), -7.0F);
    EXPECT_FLOAT_EQ(score_from_raw(model::Distance::kEuclid, 0.0F), 0.0F);
    EXPECT_TRUE(larger_is_better(model::Distance::kDot));
    EXPECT_FALSE(larger_is_better(model::Distance::kManhattan));
    // A negative threshold lets nothing pass: it lies above every raw similarity of Euclid.
    EXPECT_GT(raw_from_score(model::Distance::kEuclid, -1.0F), 0.0F);
}

}  // namespace
}  // namespace qdrantd::vec
