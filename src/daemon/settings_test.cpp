// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.hpp"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace qdrantd {
namespace {

/// A working directory with the files a test writes.
class SettingsTest : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
        directory_ = std::filesystem::path(::testing::TempDir()) /
                     (std::string("qdrantd_settings_") + info->name());
        std::filesystem::remove_all(directory_);
        std::filesystem::create_directories(directory_ / "config");
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    void write(const std::string& name, const std::string& text) {
        std::ofstream(directory_ / name) << text;
    }
    Result<LoadedSettings> load(const Environment& environment = {},
                                const CommandLine& flags = {}) {
        return load_settings(flags, environment, directory_);
    }
    Settings loaded(const Environment& environment = {}, const CommandLine& flags = {}) {
        auto result = load(environment, flags);
        EXPECT_TRUE(result.ok()) << result.error().message;
        return result.ok() ? result->settings : Settings{};
    }
    /// The text of the error that loading must give.
    std::string refused(const Environment& environment = {}) {
        auto result = load(environment);
        EXPECT_FALSE(result.ok());
        return result.ok() ? "" : result.error().message;
    }

    std::filesystem::path directory_;
};

bool mentions(const std::vector<SettingsNote>& notes, std::string_view text, bool error = false) {
    return std::any_of(notes.begin(), notes.end(), [&](const SettingsNote& note) {
        return note.error == error && note.text.find(text) != std::string::npos;
    });
}

TEST_F(SettingsTest, StartsWithoutAnyFile) {
    const auto result = load();
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->settings, Settings{});
    EXPECT_TRUE(mentions(result->notes, "Config file not found: config/config"));
    EXPECT_TRUE(mentions(result->notes, "Config file not found: config/development"));
    EXPECT_EQ(result->notes.size(), 2U);
}

TEST_F(SettingsTest, StrongerSourcesWin) {
    write("config/config.yaml", "service: {http_port: 1, max_workers: 1}\nlog_level: WARN\n");
    EXPECT_EQ(loaded().service.http_port, 1);
    write("config/production.yml", "service: {http_port: 2}\n");
    write("config/development.yaml", "service: {http_port: 3}\n");
    EXPECT_EQ(loaded({{"RUN_MODE", "production"}}).service.http_port, 2);
    EXPECT_EQ(loaded().service.http_port, 3);
    write("config/local.yaml", "service: {http_port: 4}\n");
    EXPECT_EQ(loaded().service.http_port, 4);
    write("mine.yaml", "service: {http_port: 5}\n");
    CommandLine flags;
    flags.config_path = "mine.yaml";
    EXPECT_EQ(loaded({}, flags).service.http_port, 5);
    const auto strongest = loaded({{"QDRANT__SERVICE__HTTP_PORT", "6"}}, flags);
    EXPECT_EQ(strongest.service.http_port, 6);
    // What no stronger source names stays.
    EXPECT_EQ(strongest.service.max_workers, 1U);
    EXPECT_EQ(strongest.logger.log_level, "WARN");
}

TEST_F(SettingsTest, ConfigPathIsFoundWithAndWithoutItsExtension) {
    write("mine.yml", "service: {http_port: 5}\n");
    CommandLine flags;
    flags.config_path = "mine";
    EXPECT_EQ(loaded({}, flags).service.http_port, 5);
    flags.config_path = (directory_ / "mine.yml").string();
    EXPECT_EQ(loaded({}, flags).service.http_port, 5);
}

TEST_F(SettingsTest, MissingConfigPathIsAnErrorLineAndNoMore) {
    CommandLine flags;
    flags.config_path = "gone.yaml";
    const auto result = load({}, flags);
    ASSERT_TRUE(result.ok());
    EXPECT_TRUE(mentions(result->notes, "Config file not found: gone.yaml", true));
}

TEST_F(SettingsTest, NullReplacesAMapAndUnsetsAnOption) {
    write("config/config.yaml",
          "service: {grpc_port: 1234}\nstorage: {performance: {max_search_threads: 3}}\n");
    write("config/local.yaml", "service: {grpc_port: null}\nstorage: {performance: ~}\n");
    const auto settings = loaded();
    EXPECT_EQ(settings.service.grpc_port, std::nullopt);
    EXPECT_EQ(settings.storage.performance.max_search_threads, 0U);
}

TEST_F(SettingsTest, UnknownKeysAreIgnored) {
    write("config/config.yaml",
          "gpu: {indexing: true}\nfuture: [1, {a: 2}]\nservice: {unheard_of: {a: b}}\n");
    EXPECT_EQ(loaded({{"QDRANT__NO__SUCH__KEY", "1"}, {"QDRANT__", "x"}}), Settings{});
}

TEST_F(SettingsTest, VariablesTakeAnyCaseAndKeepSingleUnderscores) {
    const auto settings = loaded({{"qdrant__Storage__On_Disk_Payload", "OFF"},
                                  {"QDRANT__STORAGE__WAL__WAL_CAPACITY_MB", "64"},
                                  {"QDRANT__STORAGE__OPTIMIZERS__DELETED_THRESHOLD", "0.5"},
                                  {"QDRANT__LOG_LEVEL", "debug"},
                                  {"QDRANT__STORAGE__DURABILITY", "interval"},
                                  {"NOT_QDRANT__SERVICE__HTTP_PORT", "1"}});
    EXPECT_FALSE(settings.storage.on_disk_payload);
    EXPECT_EQ(settings.storage.wal_capacity_mb, 64U);
    EXPECT_DOUBLE_EQ(settings.storage.optimizers.deleted_threshold, 0.5);
    EXPECT_EQ(settings.logger.log_level, "debug");
    EXPECT_EQ(settings.storage.durability, DurabilityMode::kInterval);
    EXPECT_EQ(settings.service.http_port, 6333);
}

TEST_F(SettingsTest, BooleanWordsInAnyCaseAlsoAsNumbers) {
    for (const auto* word : {"1", "true", "On", "YES"}) {
        EXPECT_TRUE(loaded({{"QDRANT__TELEMETRY_DISABLED", word}}).telemetry_disabled) << word;
    }
    for (const auto* word : {"0", "False", "off", "nO"}) {
        EXPECT_FALSE(loaded({{"QDRANT__SERVICE__ENABLE_CORS", word}}).service.enable_cors) << word;
    }
    EXPECT_EQ(loaded({{"QDRANT__STORAGE__HNSW_INDEX__M", "true"}}).storage.hnsw_index.m, 1U);
}

TEST_F(SettingsTest, EmptyVariableIsFatalForNumbersAndHarmlessForKeys) {
    EXPECT_NE(refused({{"QDRANT__SERVICE__HTTP_PORT", ""}}).find("found ''"), std::string::npos);
    EXPECT_NE(refused({{"QDRANT__SERVICE__ENABLE_CORS", ""}}).find("found ''"), std::string::npos);
    EXPECT_EQ(loaded({{"QDRANT__SERVICE__API_KEY", ""}}).service.api_key, "");
}

TEST_F(SettingsTest, ShortAndLongNamesOfThresholdsAreOneKey) {
    write("config/config.yaml", "storage: {optimizers: {indexing_threshold_kb: 1}}\n");
    write("config/local.yaml", "storage: {optimizers: {indexing_threshold: 2}}\n");
    EXPECT_EQ(loaded().storage.optimizers.indexing_threshold_kb, 2U);
    EXPECT_EQ(loaded({{"QDRANT__STORAGE__HNSW_INDEX__FULL_SCAN_THRESHOLD", "7"}})
                  .storage.hnsw_index.full_scan_threshold_kb,
              7U);
}

TEST_F(SettingsTest, EveryMistakeIsListedWithItsPlace) {
    write("config/config.yaml",
          "service:\n"
          "  http_port: 65536\n"
          "  enable_cors: maybe\n"
          "  host: [a, b]\n"
          "storage:\n"
          "  durability: sometimes\n"
          "  storage_path: ''\n"
          "  hnsw_index:\n"
          "    m: {a: 1}\n"
          "    ef_construct: 1.5\n"
          "  on_disk_payload: null\n"
          "logger: {format: xml, log_level: loud}\n");
    write("config/local.yaml", "cluster: {peer_id: -1}\n");
    const auto text = refused({{"QDRANT__STORAGE__OPTIMIZERS__DELETED_THRESHOLD", "half"}});
    for (const auto* line :
         {"the configuration has 12 mistakes:",
          "service.http_port: expected an integer from 0 to 65535, found '65536' "
          "(config/config.yaml line 2)",
          "service.enable_cors: expected true or false, found 'maybe' (config/config.yaml line 3)",
          "service.host: expected text, found a list (config/config.yaml line 4)",
          "storage.durability: expected one of disk, interval, os, found 'sometimes' "
          "(config/config.yaml line 6)",
          "storage.storage_path: must not be empty (config/config.yaml line 7)",
          "storage.hnsw_index.m: expected an integer, found keys below it (config/config.yaml line "
          "9)",
          "storage.hnsw_index.ef_construct: expected an integer from 0 to 4294967295, found '1.5' "
          "(config/config.yaml line 10)",
          "storage.on_disk_payload: expected true or false, found null (config/config.yaml line "
          "11)",
          "logger.format: expected one of text, json, found 'xml' (config/config.yaml line 12)",
          "logger.log_level: expected a level such as INFO or debug,target=trace, found 'loud' "
          "(config/config.yaml line 12)",
          "cluster.peer_id: expected an integer from 0 to 18446744073709551615, found '-1' "
          "(config/local.yaml line 1)",
          "storage.optimizers.deleted_threshold: expected a number, found 'half' (variable "
          "QDRANT__STORAGE__OPTIMIZERS__DELETED_THRESHOLD)"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
    }
}

TEST_F(SettingsTest, MalformedFilesAreListedBesideOtherMistakes) {
    write("config/config.yaml", "service: {http_port: [\n");
    write("config/local.yaml", "- just\n- a list\n");
    const auto text = refused({{"QDRANT__SERVICE__HTTP_PORT", "x"}});
    EXPECT_NE(text.find("3 mistakes"), std::string::npos) << text;
    EXPECT_NE(text.find("config/config.yaml line"), std::string::npos) << text;
    EXPECT_NE(text.find("config/local.yaml: expected keys and values"), std::string::npos) << text;
}

TEST_F(SettingsTest, DeepNestingIsRefused) {
    std::string text;
    for (int i = 0; i < 40; ++i)
        text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    write("config/config.yaml", text + std::string(40, ' ') + "b: 1\n");
    EXPECT_NE(refused().find("nested too deeply"), std::string::npos);
}

TEST_F(SettingsTest, OutOfRangeGivesANoteAndTheNearestValue) {
    write("config/config.yaml",
          "storage: {hnsw_index: {ef_construct: 2}, optimizers: {deleted_threshold: 1.5}, "
          "collection: {shard_number: 0}}\nservice: {http_keep_alive_timeout_sec: 0}\n");
    const auto result = load();
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->settings.storage.hnsw_index.ef_construct, 4U);
    EXPECT_DOUBLE_EQ(result->settings.storage.optimizers.deleted_threshold, 1.0);
    EXPECT_EQ(result->settings.storage.collection.shard_number, 1U);
    EXPECT_EQ(result->settings.service.http_keep_alive_timeout_sec, 1U);
    EXPECT_TRUE(mentions(result->notes,
                         "storage.hnsw_index.ef_construct: 2 is below 4, which is used instead "
                         "(config/config.yaml line 1)"));
    EXPECT_TRUE(mentions(result->notes, "deleted_threshold: 1.5 is above 1"));
    EXPECT_TRUE(mentions(result->notes, "storage.collection.shard_number: 0 is below 1"));
    EXPECT_TRUE(mentions(result->notes, "http_keep_alive_timeout_sec: 0 is below 1"));
}

TEST_F(SettingsTest, RefusesWhatThisVersionCannotHonour) {
    const std::vector<std::pair<std::string, std::string>> asked = {
        {"QDRANT__CLUSTER__ENABLED", "cluster.enabled: this version has no cluster mode"},
        {"QDRANT__SERVICE__ENABLE_TLS", "service.enable_tls: this version has no TLS"},
        {"QDRANT__SERVICE__VERIFY_HTTPS_CLIENT_CERTIFICATE",
         "service.verify_https_client_certificate: this version has no TLS"},
        {"QDRANT__SERVICE__API_KEY", "service.api_key: this version has no authentication"},
        {"QDRANT__SERVICE__ALT_API_KEY", "service.alt_api_key: this version has no authentication"},
        {"QDRANT__SERVICE__READ_ONLY_API_KEY",
         "read_only_api_key: this version has no authentication"},
        {"QDRANT__SERVICE__JWT_RBAC", "service.jwt_rbac: this version has no authentication"},
        {"QDRANT__AUDIT__ENABLED", "audit.enabled: this version has no audit log"},
        {"QDRANT__STORAGE__RECOVERY_MODE",
         "storage.recovery_mode: this version has no recovery mode"},
        {"QDRANT__STORAGE__QUOTAS__ENABLED", "storage.quotas.enabled: this version has no quotas"},
    };
    for (const auto& [variable, text] : asked) {
        EXPECT_NE(refused({{variable, "1"}}).find(text), std::string::npos) << variable;
    }
    EXPECT_NE(refused({{"QDRANT__STORAGE__NODE_TYPE", "Listener"}}).find("storage.node_type"),
              std::string::npos);
}

TEST_F(SettingsTest, FlagsReachTheSettings) {
    CommandLine flags;
    flags.uri = "http://a:6335";
    flags.bootstrap = "http://b:6335";
    flags.reinit = true;
    flags.disable_telemetry = true;
    const auto settings = loaded({}, flags);
    EXPECT_EQ(settings.cluster.uri, "http://a:6335");
    EXPECT_EQ(settings.cluster.bootstrap, "http://b:6335");
    EXPECT_TRUE(settings.cluster.reinit);
    EXPECT_TRUE(settings.telemetry_disabled);
}

TEST_F(SettingsTest, BootstrapFromItselfIsAFirstPeer) {
    CommandLine flags;
    flags.uri = "http://a:6335";
    flags.bootstrap = "http://a:6335";
    const auto result = load({}, flags);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->settings.cluster.bootstrap, std::nullopt);
    EXPECT_TRUE(mentions(result->notes, "--bootstrap"));
}

TEST_F(SettingsTest, BothLogLevelsGiveANote) {
    write("config/config.yaml", "log_level: DEBUG\nlogger: {log_level: ERROR}\n");
    const auto result = load();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->settings.logger.log_level, "ERROR");
    EXPECT_TRUE(mentions(result->notes, "log_level is not"));
}

TEST_F(SettingsTest, FileLogNeedsAFile) {
    EXPECT_NE(refused({{"QDRANT__LOGGER__ON_DISK__ENABLED", "1"}})
                  .find("logger.on_disk.log_file: needed"),
              std::string::npos);
}

TEST(ShippedConfig, HoldsEveryKeyWithItsDefault) {
    const std::filesystem::path root(QD_SOURCE_DIR);
    const auto tree = read_yaml_file((root / "config/config.yaml").string(), "config/config.yaml");
    ASSERT_TRUE(tree.ok()) << tree.error().message;
    for (const auto& key : known_setting_keys()) {
        EXPECT_NE(tree->find(key), nullptr) << key << " is missing in config/config.yaml";
    }
    const auto known = known_setting_keys();
    for (const auto& [key, value] : tree->values()) {
        EXPECT_NE(std::find(known.begin(), known.end(), key), known.end())
            << key << " has no meaning (" << value.origin << ")";
    }
    const auto result = load_settings({}, {}, root);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->settings, Settings{});
    EXPECT_TRUE(result->notes.empty()) << result->notes.front().text;
}

TEST(ShippedConfig, ProductionExampleLoads) {
    const auto result =
        load_settings({}, {{"RUN_MODE", "production"}}, std::filesystem::path(QD_SOURCE_DIR));
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result->settings.storage.durability, DurabilityMode::kDisk);
    EXPECT_TRUE(result->notes.empty()) << result->notes.front().text;
}

}  // namespace
}  // namespace qdrantd
