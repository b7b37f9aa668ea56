// SPDX-License-Identifier: Apache-2.0
// The flags of the program. parse_command_line() never prints and never exits: it returns what to
// print and the exit status.
//
// Thread safety: values. Errors: a bad command line gives exit status 2 and a text for stderr.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config_tree.hpp"

namespace qdrantd {

struct CommandLine {
    std::optional<std::string> config_path;
    std::optional<std::string> uri;        // of this peer; also QDRANT_URI
    std::optional<std::string> bootstrap;  // peer to join; also QDRANT_BOOTSTRAP
    bool disable_telemetry = false;
    bool reinit = false;
    bool operator==(const CommandLine&) const = default;
};

struct ParsedCommandLine {
    CommandLine options;
    /// Set when the program ends here, with this status.
    std::optional<int> exit_status;
    std::string out;  // for stdout
    std::string err;  // for stderr
};

/// `arguments` without the name of the program.
ParsedCommandLine parse_command_line(const std::vector<std::string>& arguments,
                                     const Environment& environment);

}  // namespace qdrantd
