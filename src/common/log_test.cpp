// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/log.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace qdrantd {
namespace {

class LogTest : public ::testing::Test {
  protected:
    void TearDown() override {
        LogOptions quiet;
        quiet.level = LogLevel::kWarn;
        configure_log(quiet);
        std::filesystem::remove(path_);
    }
    std::string written() {
        flush_log();
        std::ostringstream text;
        text << std::ifstream(path_).rdbuf();
        return text.str();
    }

    const std::string path_ = ::testing::TempDir() + "qdrantd_log_test.log";
};

TEST_F(LogTest, FileHasItsOwnLevelAndForm) {
    LogOptions options;
    options.level = LogLevel::kOff;
    options.file = path_;
    options.file_json = true;
    options.file_level = LogLevel::kInfo;
    configure_log(options);
    log_debug("t", "hidden", "");
    log_info("t", "shown", "text={}", "a\"b\nc");
    const auto text = written();
    EXPECT_EQ(text.find("hidden"), std::string::npos);
    EXPECT_NE(text.find(R"("level":"INFO","fields":{"message":"shown text=a\"b\nc"})"),
              std::string::npos)
        << text;
    // The level of the console can change at run time; the file keeps its own.
    set_log_level(LogLevel::kError);
    log_info("t", "again", "");
    EXPECT_NE(written().find("again"), std::string::npos);
}

TEST_F(LogTest, FileThatCannotBeOpenedIsLeftOut) {
    LogOptions options;
    options.level = LogLevel::kOff;
    std::ofstream(path_) << "a file, not a folder";
    options.file = path_ + "/x.log";
    ::testing::internal::CaptureStderr();
    configure_log(options);
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("The log file is off"),
              std::string::npos);
    EXPECT_FALSE(log_enabled(LogLevel::kError));
}

TEST_F(LogTest, ARecordIsOneLine) {
    LogOptions options;
    options.level = LogLevel::kOff;
    options.file = path_;
    configure_log(options);
    log_warn("t", "event", "text={}", "a\nb\rc");
    const auto text = written();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_NE(text.find("  WARN qdrantd::t: event text=a b c"), std::string::npos) << text;
}

}  // namespace
}  // namespace qdrantd
