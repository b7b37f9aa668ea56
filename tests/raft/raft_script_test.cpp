// SPDX-License-Identifier: Apache-2.0
// Runs tests/raft/scripts/*.txt. QDRANTD_REWRITE=1 writes what came out instead of comparing it:
// read the diff, and keep it only if you can explain it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tests/raft/script.hpp"
#include "tests/raft/script_cluster.hpp"

namespace qdrantd::raft {
namespace {

std::vector<std::string> script_names() {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(QD_RAFT_SCRIPTS)) {
        if (file.path().extension() == ".txt") names.push_back(file.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

class RaftScript : public testing::TestWithParam<std::string> {};

TEST_P(RaftScript, OutputIsAsWritten) {
    const auto path = std::string(QD_RAFT_SCRIPTS) + "/" + GetParam() + ".txt";
    auto script = Script::load(path);
    ASSERT_TRUE(script.ok()) << script.error().message;
    ASSERT_FALSE(script->blocks.empty());
    const bool rewrite = std::getenv("QDRANTD_REWRITE") != nullptr;
    ScriptCluster cluster;
    for (auto& block : script->blocks) {
        const auto output = cluster.run(block.command);
        ASSERT_NE(output, "unknown command\n") << block.command;
        ASSERT_NE(output.substr(0, 11), "bad command") << block.command << ": " << output;
        if (rewrite) {
            block.expected = output;
            continue;
        }
        ASSERT_EQ(output, block.expected) << path << ":" << block.line << ": " << block.command;
    }
    if (rewrite) {
        ASSERT_TRUE(script->save(path).ok());
    }
}

TEST(RaftScripts, ThereAreAtLeastForty) { EXPECT_GE(script_names().size(), 40U); }

std::string test_name(const testing::TestParamInfo<std::string>& info) {
    auto name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Scripts, RaftScript, testing::ValuesIn(script_names()), test_name);

}  // namespace
}  // namespace qdrantd::raft
