// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/vector/vector_rows.hpp>

#include <bit>
#include <cstdint>
#include <fstream>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

namespace qdrantd::vec {
namespace {

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST(VectorRows, RowsPerChunkIsAPowerOfTwoNearFourMebibytes) {
    for (const std::uint32_t dimension : {1U, 3U, 16U, 17U, 128U, 384U, 1536U, 4096U, 65536U}) {
        const std::size_t rows = VectorRows::rows_per_chunk(dimension);
        EXPECT_TRUE(std::has_single_bit(rows));
        EXPECT_GE(rows, 64U);
        if (rows > 64) {
            EXPECT_LE(rows * dimension * sizeof(float), std::size_t{4} << 20);
        }
    }
    // Part of the disk format: do not change.
    EXPECT_EQ(VectorRows::rows_per_chunk(384), 2048U);
    EXPECT_EQ(VectorRows::rows_per_chunk(1), 65536U);
}

TEST(VectorRows, RowsAreAlignedPaddedAndStayInPlace) {
    VectorRows rows(21, make_anonymous_chunks());
    EXPECT_EQ(rows.stride(), 32U);
    const auto per_chunk = static_cast<Slot>(VectorRows::rows_per_chunk(21));
    ASSERT_TRUE(rows.reserve(0).ok());
    const float* first = rows.row(0);
    for (Slot slot = 0; slot < 3 * per_chunk; slot += per_chunk / 2) {
        ASSERT_TRUE(rows.reserve(slot).ok());
        float* row = rows.mutable_row(slot);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(row) % 64, 0U);
        for (std::size_t i = 21; i < rows.stride(); ++i)
            EXPECT_EQ(row[i], 0.0F);
        row[0] = static_cast<float>(slot);
    }
    EXPECT_EQ(rows.row(0), first);
    for (Slot slot = 0; slot < 3 * per_chunk; slot += per_chunk / 2)
        EXPECT_EQ(rows.row(slot)[0], static_cast<float>(slot));
    EXPECT_EQ(rows.chunk_count(), 3U);
    EXPECT_EQ(rows.bytes(), 3U * per_chunk * 32 * sizeof(float));
    EXPECT_TRUE(rows.has_chunk(3 * per_chunk - 1));
    EXPECT_FALSE(rows.has_chunk(3 * per_chunk));
    EXPECT_FALSE(rows.has_chunk(kNoSlot));
}

TEST(VectorRows, RefusesASlotPastTheLastChunk) {
    VectorRows rows(65536, make_anonymous_chunks());
    const Status status = rows.reserve(kNoSlot - 1);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kInsufficientStorage);
}

TEST(VectorRows, AFewRowsCostLittleMemory) {
    constexpr std::size_t kOwners = 64;
    std::vector<std::unique_ptr<VectorRows>> owners;
    const std::size_t before = resident_bytes();
    for (std::size_t i = 0; i < kOwners; ++i) {
        owners.push_back(std::make_unique<VectorRows>(384, make_anonymous_chunks()));
        ASSERT_TRUE(owners.back()->reserve(0).ok());
        for (Slot slot = 0; slot < 10; ++slot)
            owners.back()->mutable_row(slot)[0] = 1.0F;
    }
    const std::size_t after = resident_bytes();
    // Ten rows are 15 KiB; the sanitizers' shadow memory may double what is touched.
    EXPECT_LT(after - std::min(before, after), kOwners * (std::size_t{96} << 10));
}

}  // namespace
}  // namespace qdrantd::vec
