// SPDX-License-Identifier: Apache-2.0
#include "shard/durable_mark.hpp"

#include <gtest/gtest.h>

#include <qdrantd/store/file.hpp>

namespace qdrantd::shard {
namespace {

class DurableMarkTest : public ::testing::Test {
  protected:
    void SetUp() override {
        path_ = ::testing::TempDir() + "/durable_mark_test_" +
                ::testing::UnitTest::GetInstance()->current_test_info()->name();
    }
    void TearDown() override { ASSERT_TRUE(store::remove_file(path_).ok()); }
    void rewrite(const std::function<void(std::string&)>& change) {
        auto bytes = store::read_file(path_).value();
        change(bytes);
        ASSERT_TRUE(store::write_file_durably(path_, bytes).ok());
    }
    static LogPosition at(std::uint64_t seq) { return {Epoch(3), OpSeq(seq)}; }

    std::string path_;
};

TEST_F(DurableMarkTest, RemembersTheHighestPosition) {
    {
        auto mark = DurableMark::create(path_, 77);
        ASSERT_TRUE(mark.ok());
        EXPECT_EQ(mark.value()->position(), LogPosition{});
        for (std::uint64_t seq = 1; seq < 10; ++seq) {
            ASSERT_TRUE(mark.value()->advance(at(seq)).ok());
        }
        ASSERT_TRUE(mark.value()->advance(at(4)).ok());
        ASSERT_TRUE(mark.value()->persist().ok());
    }
    auto mark = DurableMark::open(path_);
    ASSERT_TRUE(mark.ok());
    EXPECT_EQ(mark.value()->position(), at(9));
    EXPECT_EQ(mark.value()->identity(), 77U);
    ASSERT_TRUE(mark.value()->advance(at(10)).ok());
    EXPECT_EQ(DurableMark::open(path_).value()->position(), at(10));
}

TEST_F(DurableMarkTest, ATornWriteLeavesTheOneBefore) {
    {
        auto mark = DurableMark::create(path_, 77);
        ASSERT_TRUE(mark.value()->advance(at(1)).ok());
        ASSERT_TRUE(mark.value()->advance(at(2)).ok());
    }
    rewrite([](std::string& bytes) { bytes[20] ^= 1; });  // the half written last
    auto mark = DurableMark::open(path_);
    ASSERT_TRUE(mark.ok());
    EXPECT_EQ(mark.value()->position(), at(1));
}

TEST_F(DurableMarkTest, RefusesWhatIsDamagedMissingOrOfAnotherVersion) {
    EXPECT_EQ(DurableMark::open(path_).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(DurableMark::create(path_, 77).ok());
    rewrite([](std::string& bytes) {
        bytes[5] ^= 1;
        bytes[4096 + 5] ^= 1;
    });
    EXPECT_EQ(DurableMark::open(path_).error().code, ErrorCode::kChecksum);
    rewrite([](std::string& bytes) { bytes.resize(3); });
    EXPECT_EQ(DurableMark::open(path_).error().code, ErrorCode::kChecksum);
}

}  // namespace
}  // namespace qdrantd::shard
