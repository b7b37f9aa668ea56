// SPDX-License-Identifier: Apache-2.0
// The daemon's log: an event name, then key=value pairs. `log_info("shard", "opened",
// "collection={} points={}", c, n)`. Text goes through one type-erased call, so that formatting is
// compiled once. Thread safety: all functions.
#pragma once

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace qdrantd {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };

struct LogOptions {
    LogLevel level = LogLevel::kInfo;
    bool json = false;  // one JSON object per line: timestamp, level, target, fields.message
    bool color = false;
    std::string file;  // also to this file, appended; empty = none
    bool file_json = false;
    LogLevel file_level = LogLevel::kInfo;
};

/// Replaces the sinks. Until called, warnings and worse go to stderr as text. A file that cannot be
/// opened is left out with a note on stderr.
void configure_log(const LogOptions& options);
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);
void vlog(LogLevel level, std::string_view target, std::string_view event, fmt::string_view format,
          fmt::format_args args);
/// Writes out what is buffered.
void flush_log();

template <typename... Args>
void log_at(LogLevel level, std::string_view target, std::string_view event,
            fmt::format_string<Args...> format, Args&&... args) {
    if (log_enabled(level)) vlog(level, target, event, format, fmt::make_format_args(args...));
}
template <typename... Args>
void log_debug(std::string_view target, std::string_view event, fmt::format_string<Args...> format,
               Args&&... args) {
    log_at(LogLevel::kDebug, target, event, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_info(std::string_view target, std::string_view event, fmt::format_string<Args...> format,
              Args&&... args) {
    log_at(LogLevel::kInfo, target, event, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warn(std::string_view target, std::string_view event, fmt::format_string<Args...> format,
              Args&&... args) {
    log_at(LogLevel::kWarn, target, event, format, std::forward<Args>(args)...);
}
/// A human must act.
template <typename... Args>
void log_error(std::string_view target, std::string_view event, fmt::format_string<Args...> format,
               Args&&... args) {
    log_at(LogLevel::kError, target, event, format, std::forward<Args>(args)...);
}

}  // namespace qdrantd
