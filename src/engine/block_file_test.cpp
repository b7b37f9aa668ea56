// SPDX-License-Identifier: Apache-2.0
#include "engine/block_file.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>
#include <qdrantd/store/file.hpp>

#include "engine/mapped_chunks.hpp"

namespace qdrantd::engine {
namespace {

class BlockFileTest : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = ::testing::TempDir() + "/block_file_" +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name();
        ASSERT_TRUE(store::remove_tree(folder_).ok());
        ASSERT_TRUE(store::make_folder(folder_).ok());
        Random random(1);
        content_.resize(2 * kBlockBytes + 777);
        for (auto& byte : content_)
            byte = static_cast<std::byte>(random.below(256));
    }
    void TearDown() override { ASSERT_TRUE(store::remove_tree(folder_).ok()); }

    [[nodiscard]] std::string path() const { return folder_ + "/f"; }
    [[nodiscard]] std::span<const std::byte> content(std::size_t n) const {
        return std::span(content_).first(n);
    }
    [[nodiscard]] Status read(const SegmentManifest::File& file) const {
        std::vector<std::byte> target(file.bytes);
        const auto status = read_verified(path(), file, target);
        if (status.ok()) {
            EXPECT_TRUE(std::equal(target.begin(), target.end(), content_.begin()));
        }
        return status;
    }
    void flip(std::uint64_t at) const {
        std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        const auto byte = static_cast<char>(file.get() ^ 1);
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte);
    }

    std::string folder_;
    std::vector<std::byte> content_;
};

TEST_F(BlockFileTest, GrowsBitByBitAndReadsBack) {
    SegmentManifest::File file{"f", 0, {}};
    for (const std::size_t n :
         {std::size_t{100}, std::size_t{4096}, kBlockBytes, kBlockBytes + 1, content_.size()}) {
        ASSERT_TRUE(write_durably(path(), file.bytes, content(n).subspan(file.bytes)).ok());
        extend_checksums(file, content(n));
        EXPECT_EQ(file.bytes, n);
        ASSERT_TRUE(read(file).ok());
    }
    EXPECT_EQ(cover_file(folder_, "f").value(), file);
    EXPECT_TRUE(verify_file(folder_, file).ok());
    // An older manifest still holds after the file has grown.
    SegmentManifest::File older{"f", 0, {}};
    extend_checksums(older, content(5000));
    EXPECT_TRUE(read(older).ok());
}

TEST_F(BlockFileTest, FindsDamage) {
    SegmentManifest::File file{"f", 0, {}};
    EXPECT_EQ(read({"f", 5, {1}}).error().code, ErrorCode::kChecksum);  // missing
    ASSERT_TRUE(write_durably(path(), 0, content_).ok());
    extend_checksums(file, content_);
    for (const std::uint64_t at :
         {std::uint64_t{0}, std::uint64_t{kBlockBytes}, std::uint64_t{content_.size() - 1}}) {
        flip(at);
        EXPECT_EQ(read(file).error().code, ErrorCode::kChecksum) << at;
        EXPECT_EQ(verify_file(folder_, file).error().code, ErrorCode::kChecksum) << at;
        flip(at);
    }
    ASSERT_TRUE(read(file).ok());
    std::filesystem::resize_file(path(), content_.size() - 1);
    EXPECT_EQ(read(file).error().code, ErrorCode::kChecksum);
    file.checksums.pop_back();
    EXPECT_EQ(read(file).error().code, ErrorCode::kChecksum);
}

class FailSync final : public store::FileObserver {
  public:
    int before(store::FileStep step, const std::string&) override {
        return step == store::FileStep::kSyncFile && fail ? EIO : 0;
    }
    void after(store::FileStep, const std::string&) override {}
    bool fail = true;
};

TEST_F(BlockFileTest, AMappedChunkIsKeptAndAFailedSyncIsNeverForgotten) {
    {
        MappedChunks chunks(path());
        const auto memory = chunks.chunk(0, 8192).value();
        std::copy_n(content_.begin(), memory.size(), memory.begin());
        ASSERT_TRUE(chunks.sync(0).ok());
        EXPECT_EQ(chunks.chunk(0, 8192).value().data(), memory.data());
        FailSync observer;
        store::install_file_observer(&observer);
        EXPECT_EQ(chunks.sync(0).error().code, ErrorCode::kIo);
        observer.fail = false;
        EXPECT_EQ(chunks.sync(0).error().code, ErrorCode::kIo);
        store::install_file_observer(nullptr);
    }
    MappedChunks again(path());
    const auto memory = again.chunk(0, 8192).value();
    EXPECT_TRUE(std::equal(memory.begin(), memory.end(), content_.begin()));
}

}  // namespace
}  // namespace qdrantd::engine
