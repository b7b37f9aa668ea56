// SPDX-License-Identifier: Apache-2.0
#include "tests/raft/script.hpp"

#include <fstream>

namespace qdrantd::raft {

Result<Script> Script::load(const std::string& path) {
    std::ifstream file(path);
    if (!file) return Error{ErrorCode::kIo, "cannot open " + path};
    Script script;
    ScriptBlock block;
    std::string line;
    bool in_output = false;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        if (in_output) {
            if (!line.empty()) {
                block.expected += line + "\n";
                continue;
            }
            script.blocks.push_back(std::move(block));
            block = {};
            in_output = false;
        } else if (line == "----") {
            if (block.command.empty())
                return Error{ErrorCode::kFormat, path + ": output without a command"};
            in_output = true;
        } else if (line.empty() || line[0] == '#') {
            block.comments.push_back(line);
        } else {
            if (!block.command.empty())
                return Error{ErrorCode::kFormat, path + ": two commands in a block"};
            block.command = line;
            block.line = number;
        }
    }
    if (in_output) {
        script.blocks.push_back(std::move(block));
    } else if (!block.command.empty()) {
        return Error{ErrorCode::kFormat, path + ": a command without ----"};
    } else {
        script.tail = block.comments;
    }
    return script;
}

Status Script::save(const std::string& path) const {
    std::string text;
    for (const auto& block : blocks) {
        for (const auto& comment : block.comments)
            text += comment + "\n";
        text += block.command + "\n----\n" + block.expected + "\n";
    }
    for (const auto& comment : tail)
        text += comment + "\n";
    while (text.size() > 1 && text[text.size() - 1] == '\n' && text[text.size() - 2] == '\n')
        text.pop_back();
    std::ofstream file(path, std::ios::trunc);
    file << text;
    file.flush();
    if (!file) return Error{ErrorCode::kIo, "cannot write " + path};
    return {};
}

}  // namespace qdrantd::raft
