// SPDX-License-Identifier: Apache-2.0
// The only source that includes CLI11.
#include "daemon/command_line.hpp"

#include <sstream>

#include <CLI/CLI.hpp>

#include "daemon/version.hpp"

namespace qdrantd {

namespace {

constexpr int kBadCommandLine = 2;

/// Flags of the public program that this version does not serve. Starting without what they ask for
/// would mislead.
struct LaterFlags {
    std::vector<std::string> snapshots;
    std::string storage_snapshot;
    bool force_snapshot = false;
    bool stacktrace = false;
};

std::string refusal(const LaterFlags& flags) {
    std::string text;
    if (!flags.snapshots.empty()) text += "--snapshot: this version cannot restore snapshots\n";
    if (!flags.storage_snapshot.empty()) {
        text += "--storage-snapshot: this version cannot restore snapshots\n";
    }
    return text;
}

std::optional<std::string> given(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

std::string variable_or(const Environment& environment, std::string_view name, std::string flag) {
    if (!flag.empty()) return flag;
    const auto* value = find_variable(environment, name);
    return value == nullptr ? std::string() : *value;
}

}  // namespace

std::string version_text() {
    return fmt::format("qdrant {}\nqdrantd {} (API of Qdrant {})\n", kApiVersion, kProgramVersion,
                       kApiVersion);
}

ParsedCommandLine parse_command_line(const std::vector<std::string>& arguments,
                                     const Environment& environment) {
    ParsedCommandLine parsed;
    LaterFlags later;
    bool version = false;
    std::string config_path;
    std::string uri;
    std::string bootstrap;

    CLI::App app("Vector database that speaks the API of Qdrant " + std::string(kApiVersion),
                 "qdrantd");
    app.add_option("--bootstrap", bootstrap,
                   "URI of an existing peer to join (also QDRANT_BOOTSTRAP)")
        ->type_name("URI");
    app.add_option("--uri", uri,
                   "URI at which other peers reach this one; needed by the first peer of a cluster "
                   "(also QDRANT_URI)")
        ->type_name("URI");
    app.add_option("--config-path", config_path,
                   "Configuration file, stronger than those in config/")
        ->type_name("PATH");
    app.add_flag("--disable-telemetry", parsed.options.disable_telemetry,
                 "Accepted; this program reports to nobody");
    app.add_flag("--reinit", parsed.options.reinit, "Rebuild the consensus state of this peer");
    app.add_option("--snapshot,--collection-snapshot", later.snapshots,
                   "Restore a collection before start (not in this version)")
        ->type_name("PATH:NAME");
    app.add_option("--storage-snapshot", later.storage_snapshot,
                   "Restore a full snapshot before start (not in this version)")
        ->type_name("PATH");
    app.add_flag("-f,--force-snapshot", later.force_snapshot,
                 "Let restored snapshots replace existing collections");
    app.add_flag("--stacktrace", later.stacktrace, "Accepted; ends at once");
    app.add_flag("-V,--version", version, "Print the version");

    try {
        // CLI11 takes the arguments last first.
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& e) {
        std::ostringstream out;
        std::ostringstream err;
        const int status = app.exit(e, out, err);
        parsed.exit_status = status == 0 ? 0 : kBadCommandLine;
        parsed.out = out.str();
        parsed.err = err.str();
        return parsed;
    }
    if (version || later.stacktrace) {
        parsed.exit_status = 0;
        if (version) parsed.out = version_text();
        return parsed;
    }
    if (auto text = refusal(later); !text.empty()) {
        parsed.exit_status = kBadCommandLine;
        parsed.err = std::move(text);
        return parsed;
    }
    parsed.options.config_path = given(config_path);
    parsed.options.uri = given(variable_or(environment, "QDRANT_URI", uri));
    parsed.options.bootstrap = given(variable_or(environment, "QDRANT_BOOTSTRAP", bootstrap));
    return parsed;
}

}  // namespace qdrantd
