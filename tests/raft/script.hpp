// SPDX-License-Identifier: Apache-2.0
// Golden scripts: blocks of "command arguments", "----", expected output, a blank line; "#" starts
// a comment. Use: Script::load(path), run each block, compare or rewrite(). Thread safety: none.
// Errors: load() says why.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <qdrantd/common/result.hpp>

namespace qdrantd::raft {

struct ScriptBlock {
    std::vector<std::string> comments;  // lines before the command, kept on rewriting
    std::string command;
    std::string expected;
    std::size_t line = 0;
};

struct Script {
    std::vector<ScriptBlock> blocks;
    std::vector<std::string> tail;  // comments after the last block

    static Result<Script> load(const std::string& path);
    Status save(const std::string& path) const;
};

}  // namespace qdrantd::raft
