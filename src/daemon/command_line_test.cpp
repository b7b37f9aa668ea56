// SPDX-License-Identifier: Apache-2.0
#include "daemon/command_line.hpp"

#include <gtest/gtest.h>

#include "daemon/log_setup.hpp"
#include "daemon/version.hpp"

namespace qdrantd {
namespace {

TEST(CommandLineTest, NoFlagsStartTheServer) {
    const auto parsed = parse_command_line({}, {});
    EXPECT_FALSE(parsed.exit_status.has_value());
    EXPECT_EQ(parsed.options, CommandLine{});
    EXPECT_TRUE(parsed.out.empty());
    EXPECT_TRUE(parsed.err.empty());
}

TEST(CommandLineTest, TakesEveryServedFlag) {
    const auto parsed =
        parse_command_line({"--config-path", "a.yaml", "--uri", "http://a:6335", "--bootstrap",
                            "http://b:6335", "--disable-telemetry", "--reinit", "-f"},
                           {});
    ASSERT_FALSE(parsed.exit_status.has_value()) << parsed.err;
    EXPECT_EQ(parsed.options.config_path, "a.yaml");
    EXPECT_EQ(parsed.options.uri, "http://a:6335");
    EXPECT_EQ(parsed.options.bootstrap, "http://b:6335");
    EXPECT_TRUE(parsed.options.disable_telemetry);
    EXPECT_TRUE(parsed.options.reinit);
}

TEST(CommandLineTest, VariablesStandInForFlagsAndFlagsWin) {
    const Environment environment = {{"QDRANT_URI", "http://env"},
                                     {"QDRANT_BOOTSTRAP", "http://eb"}};
    EXPECT_EQ(parse_command_line({}, environment).options.uri, "http://env");
    EXPECT_EQ(parse_command_line({}, environment).options.bootstrap, "http://eb");
    EXPECT_EQ(parse_command_line({"--uri", "http://flag"}, environment).options.uri, "http://flag");
}

TEST(CommandLineTest, VersionLineIsTheOneToolsParse) {
    for (const auto* flag : {"--version", "-V"}) {
        const auto parsed = parse_command_line({flag}, {});
        EXPECT_EQ(parsed.exit_status, 0);
        EXPECT_TRUE(parsed.out.starts_with("qdrant 1.19.0\nqdrantd ")) << parsed.out;
        EXPECT_NE(parsed.out.find(kProgramVersion), std::string::npos);
    }
}

TEST(CommandLineTest, HelpNamesEveryFlag) {
    for (const auto* flag : {"--help", "-h"}) {
        const auto parsed = parse_command_line({flag}, {});
        EXPECT_EQ(parsed.exit_status, 0);
        for (const auto* name : {"--bootstrap", "--uri", "--config-path", "--disable-telemetry",
                                 "--reinit", "--snapshot", "--storage-snapshot", "--force-snapshot",
                                 "--stacktrace", "--version"}) {
            EXPECT_NE(parsed.out.find(name), std::string::npos) << name;
        }
    }
}

TEST(CommandLineTest, BadCommandLinesEndWithTwo) {
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {"--no-such-flag"}, {"--uri"}, {"stray"}, {"--uri", "a", "--uri", "b"}}) {
        const auto parsed = parse_command_line(arguments, {});
        EXPECT_EQ(parsed.exit_status, 2) << arguments.front();
        EXPECT_FALSE(parsed.err.empty()) << arguments.front();
    }
}

TEST(CommandLineTest, RefusesToStartWithoutTheSnapshotThatWasAsked) {
    for (const auto* flag : {"--snapshot", "--collection-snapshot", "--storage-snapshot"}) {
        const auto parsed = parse_command_line({flag, "file:name"}, {});
        EXPECT_EQ(parsed.exit_status, 2);
        EXPECT_NE(parsed.err.find("cannot restore snapshots"), std::string::npos) << parsed.err;
    }
}

TEST(CommandLineTest, StacktraceHelperEndsAtOnce) {
    EXPECT_EQ(parse_command_line({"--stacktrace"}, {}).exit_status, 0);
}

TEST(LogSetupTest, LevelIsTheBareWordOfTheDirectives) {
    EXPECT_EQ(parse_log_level("INFO"), LogLevel::kInfo);
    EXPECT_EQ(parse_log_level("warn"), LogLevel::kWarn);
    EXPECT_EQ(parse_log_level("debug,qdrant::load_timing=trace"), LogLevel::kDebug);
    EXPECT_EQ(parse_log_level("hyper=off, error"), LogLevel::kError);
    EXPECT_EQ(parse_log_level("a::b=debug"), LogLevel::kInfo);
    EXPECT_EQ(parse_log_level(""), LogLevel::kInfo);
    EXPECT_EQ(parse_log_level("loud"), std::nullopt);
    EXPECT_EQ(parse_log_level("info,a=loud"), std::nullopt);
    EXPECT_EQ(parse_log_level("=info"), std::nullopt);
}

TEST(LogSetupTest, OptionsFollowTheSettings) {
    LoggerSettings settings;
    settings.log_level = "debug";
    settings.format = LogFormat::kJson;
    auto options = to_log_options(settings, true);
    EXPECT_EQ(options.level, LogLevel::kDebug);
    EXPECT_TRUE(options.json);
    EXPECT_TRUE(options.color);
    EXPECT_TRUE(options.file.empty());
    EXPECT_FALSE(to_log_options(settings, false).color);

    settings.color = ColorMode::kNever;
    settings.on_disk = {true, "a.log", "error", LogFormat::kText, 8192};
    options = to_log_options(settings, true);
    EXPECT_FALSE(options.color);
    EXPECT_EQ(options.file, "a.log");
    EXPECT_EQ(options.file_level, LogLevel::kError);
    EXPECT_FALSE(options.file_json);
}

TEST(LogSetupTest, BannerNamesTheAddress) {
    ServiceSettings settings;
    settings.http_port = 7777;
    EXPECT_NE(banner(settings, false).find("REST API at http://localhost:7777\n"),
              std::string::npos);
    EXPECT_NE(banner(settings, false).find("Version: 1.19.0, qdrantd "), std::string::npos);
    EXPECT_EQ(banner(settings, false).find('\x1b'), std::string::npos);
    EXPECT_NE(banner(settings, true).find('\x1b'), std::string::npos);
    settings.host = "10.1.2.3";
    EXPECT_NE(banner(settings, false).find("http://10.1.2.3:7777"), std::string::npos);
    settings.host = "fd00::1";
    EXPECT_NE(banner(settings, false).find("http://[fd00::1]:7777"), std::string::npos);
}

}  // namespace
}  // namespace qdrantd
