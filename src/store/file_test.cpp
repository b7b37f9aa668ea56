// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/store/file.hpp>

#include <cerrno>
#include <filesystem>

#include <gtest/gtest.h>

namespace qdrantd::store {
namespace {

class FileTest : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = ::testing::TempDir() + "/file_test_" +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name();
        ASSERT_TRUE(remove_tree(folder_).ok());
        ASSERT_TRUE(make_folder(folder_).ok());
    }
    void TearDown() override {
        install_file_observer(nullptr);
        ASSERT_TRUE(remove_tree(folder_).ok());
    }
    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

    std::string folder_;
};

/// Fails the n-th step.
class FailingObserver final : public FileObserver {
  public:
    explicit FailingObserver(int at, int error_number) : at_(at), error_number_(error_number) {}
    int before(FileStep, const std::string&) override { return seen_++ == at_ ? error_number_ : 0; }
    void after(FileStep step, const std::string&) override { done_.push_back(step); }
    std::vector<FileStep> done_;
    int seen_ = 0;

  private:
    int at_;
    int error_number_;
};

TEST_F(FileTest, WritesAndReadsBack) {
    const std::string bytes(200'000, 'x');
    ASSERT_TRUE(write_file_durably(path("a"), bytes).ok());
    EXPECT_EQ(read_file(path("a")).value(), bytes);
    ASSERT_TRUE(write_file_durably(path("a"), "").ok());
    EXPECT_EQ(read_file(path("a")).value(), "");
    EXPECT_FALSE(file_exists(path("a.new")));
}

TEST_F(FileTest, MissingFileIsNotFound) {
    const auto result = read_file(path("none"));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
}

TEST_F(FileTest, MakesAndRemovesTrees) {
    ASSERT_TRUE(make_folder(path("x/y/z")).ok());
    ASSERT_TRUE(write_file_durably(path("x/y/z/f"), "12345").ok());
    EXPECT_EQ(folder_bytes(folder_), 5U);
    ASSERT_TRUE(remove_tree(path("x")).ok());
    EXPECT_FALSE(file_exists(path("x")));
    EXPECT_TRUE(remove_tree(path("x")).ok());
    EXPECT_TRUE(remove_file(path("x")).ok());
    EXPECT_EQ(folder_bytes(path("x")), 0U);
}

TEST_F(FileTest, AFileInTheWayIsAnError) {
    ASSERT_TRUE(write_file_durably(path("f"), "").ok());
    EXPECT_FALSE(make_folder(path("f/g")).ok());
    EXPECT_FALSE(write_file_durably(path("f/g"), "").ok());
}

TEST_F(FileTest, SyncsFileBeforeRenameAndFolderAfter) {
    FailingObserver observer(-1, 0);
    install_file_observer(&observer);
    ASSERT_TRUE(write_file_durably(path("a"), "b").ok());
    const std::vector<FileStep> wanted{FileStep::kWrite, FileStep::kSyncFile, FileStep::kRename,
                                       FileStep::kSyncFolder};
    EXPECT_EQ(observer.done_, wanted);
}

TEST_F(FileTest, FailureOfAnyStepLeavesOldOrNewContent) {
    for (int at = 0;; ++at) {
        ASSERT_TRUE(write_file_durably(path("a"), "old").ok());
        FailingObserver observer(at, ENOSPC);
        install_file_observer(&observer);
        const auto status = write_file_durably(path("a"), "new");
        install_file_observer(nullptr);
        const auto content = read_file(path("a")).value();
        if (status.ok()) {
            EXPECT_EQ(content, "new");
            EXPECT_EQ(at, 4);
            break;
        }
        EXPECT_EQ(status.error().code, ErrorCode::kInsufficientStorage);
        EXPECT_TRUE(content == "old" || content == "new");
    }
}

}  // namespace
}  // namespace qdrantd::store
