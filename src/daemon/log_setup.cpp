// SPDX-License-Identifier: Apache-2.0
#include "daemon/log_setup.hpp"

#include <cctype>

#include <fmt/format.h>

#include "daemon/version.hpp"

namespace qdrantd {

namespace {

std::optional<LogLevel> level_word(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, LogLevel>, 6> kWords = {{
        {"trace", LogLevel::kTrace},
        {"debug", LogLevel::kDebug},
        {"info", LogLevel::kInfo},
        {"warn", LogLevel::kWarn},
        {"error", LogLevel::kError},
        {"off", LogLevel::kOff},
    }};
    std::string word(text);
    for (char& c : word)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const auto& [name, level] : kWords) {
        if (word == name) return level;
    }
    return std::nullopt;
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view directives) {
    auto level = LogLevel::kInfo;
    while (!directives.empty()) {
        const auto comma = std::min(directives.find(','), directives.size());
        const auto item = trim(directives.substr(0, comma));
        directives.remove_prefix(std::min(comma + 1, directives.size()));
        if (item.empty()) continue;
        if (const auto equals = item.rfind('='); equals != std::string_view::npos) {
            if (equals == 0 || !level_word(item.substr(equals + 1))) return std::nullopt;
            continue;
        }
        const auto word = level_word(item);
        if (!word) return std::nullopt;
        level = *word;
    }
    return level;
}

LogOptions to_log_options(const LoggerSettings& settings, bool terminal) {
    LogOptions options;
    options.level = parse_log_level(settings.log_level).value_or(LogLevel::kInfo);
    options.json = settings.format == LogFormat::kJson;
    options.color =
        settings.color == ColorMode::kAlways || (settings.color == ColorMode::kAuto && terminal);
    if (settings.on_disk.enabled) {
        options.file = settings.on_disk.log_file.value_or("");
        options.file_json = settings.on_disk.format == LogFormat::kJson;
        options.file_level = parse_log_level(settings.on_disk.log_level).value_or(LogLevel::kInfo);
    }
    return options;
}

std::string banner(const ServiceSettings& settings, bool terminal) {
    const bool local = settings.host == "0.0.0.0" || settings.host == "::" ||
                       settings.host == "127.0.0.1" || settings.host == "::1";
    auto host = local ? std::string("localhost") : settings.host;
    if (!local && host.find(':') != std::string::npos) host = "[" + host + "]";
    const std::string_view strong = terminal ? "\x1b[1m" : "";
    const std::string_view plain = terminal ? "\x1b[0m" : "";
    return fmt::format(
        "{}"
        "             _                 _      _ \n"
        "  __ _    __| |_ __ __ _ _ __ | |_ __| |\n"
        " / _` |  / _` | '__/ _` | '_ \\| __/ _` |\n"
        "| (_| | | (_| | | | (_| | | | | || (_| |\n"
        " \\__, |  \\__,_|_|  \\__,_|_| |_|\\__\\__,_|\n"
        "    |_|\n"
        "{}\n"
        "Version: {}, qdrantd {}\n"
        "REST API at {}://{}:{}\n"
        "\n",
        strong, plain, kApiVersion, kProgramVersion, settings.enable_tls ? "https" : "http", host,
        settings.http_port);
}

}  // namespace qdrantd
