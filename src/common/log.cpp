// SPDX-License-Identifier: Apache-2.0
// The only source that includes spdlog.
#include <qdrantd/common/log.hpp>

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace qdrantd {

namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::kTrace:
            return spdlog::level::trace;
        case LogLevel::kDebug:
            return spdlog::level::debug;
        case LogLevel::kInfo:
            return spdlog::level::info;
        case LogLevel::kWarn:
            return spdlog::level::warn;
        case LogLevel::kError:
            return spdlog::level::err;
        case LogLevel::kOff:
            return spdlog::level::off;
    }
    return spdlog::level::info;
}

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::kTrace:
            return "TRACE";
        case LogLevel::kDebug:
            return "DEBUG";
        case LogLevel::kInfo:
            return "INFO";
        case LogLevel::kWarn:
            return "WARN";
        case LogLevel::kError:
            return "ERROR";
        case LogLevel::kOff:
            break;
    }
    return "OFF";
}

struct Loggers {
    std::shared_ptr<spdlog::logger> console;
    std::shared_ptr<spdlog::logger> file;
    bool console_json = false;
    bool file_json = false;
};

Loggers make_default() {
    Loggers loggers;
    loggers.console = std::make_shared<spdlog::logger>(
        "qdrantd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    loggers.console->set_pattern("%v");
    loggers.console->set_level(spdlog::level::warn);
    return loggers;
}

std::mutex loggers_mutex;
// Leaked on purpose: threads may log while static objects are destroyed.
std::shared_ptr<const Loggers>& current() {
    static auto* loggers =
        new std::shared_ptr<const Loggers>(std::make_shared<Loggers>(make_default()));
    return *loggers;
}
std::atomic<int> lowest_level{static_cast<int>(LogLevel::kWarn)};

std::shared_ptr<const Loggers> loggers() {
    const std::lock_guard lock(loggers_mutex);
    return current();
}

std::string timestamp() {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
    const auto seconds = static_cast<std::time_t>(micros / 1'000'000);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900,
                       utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                       micros % 1'000'000);
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
                } else {
                    out.push_back(c);
                }
        }
    }
}

/// One record, one line: a line break in the text of a record must not look like a second record.
std::string render(bool json, LogLevel level, std::string_view target, std::string_view message) {
    std::string line;
    if (json) {
        line = fmt::format(R"({{"timestamp":"{}","level":"{}","fields":{{"message":")", timestamp(),
                           level_name(level));
        append_escaped(line, message);
        line += fmt::format(R"("}},"target":"qdrantd::{}"}})", target);
        return line;
    }
    line = fmt::format("{} {:>5} qdrantd::{}: ", timestamp(), level_name(level), target);
    for (const char c : message)
        line.push_back(c == '\n' || c == '\r' ? ' ' : c);
    return line;
}

/// Null, after a note on stderr, when the file cannot be opened: a server without its second log
/// still serves.
std::shared_ptr<spdlog::logger> open_file(const LogOptions& options) {
    try {
        auto file = std::make_shared<spdlog::logger>(
            "qdrantd_file", std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file));
        file->set_pattern("%v");
        file->set_level(to_spdlog(options.file_level));
        file->flush_on(spdlog::level::warn);
        return file;
    } catch (const spdlog::spdlog_ex& e) {
        fmt::print(stderr, "The log file is off: {}\n", e.what());
        return nullptr;
    }
}

}  // namespace

void configure_log(const LogOptions& options) {
    auto next = std::make_shared<Loggers>();
    spdlog::sink_ptr console;
    if (options.color && !options.json) {
        console = std::make_shared<spdlog::sinks::stdout_color_sink_mt>();
    } else {
        console = std::make_shared<spdlog::sinks::stdout_sink_mt>();
    }
    next->console = std::make_shared<spdlog::logger>("qdrantd", console);
    next->console->set_pattern(options.color && !options.json ? "%^%v%$" : "%v");
    next->console->set_level(to_spdlog(options.level));
    next->console->flush_on(spdlog::level::info);
    next->console_json = options.json;
    auto lowest = options.level;
    if (!options.file.empty()) next->file = open_file(options);
    if (next->file) lowest = std::min(lowest, options.file_level);
    next->file_json = options.file_json;
    const std::lock_guard lock(loggers_mutex);
    current() = std::move(next);
    lowest_level.store(static_cast<int>(lowest));
}

void set_log_level(LogLevel level) {
    const auto targets = loggers();
    targets->console->set_level(to_spdlog(level));
    // The file keeps its own level.
    auto lowest = to_spdlog(level);
    if (targets->file) lowest = std::min(lowest, targets->file->level());
    lowest_level.store(static_cast<int>(lowest));
}

bool log_enabled(LogLevel level) {
    return static_cast<int>(level) >= lowest_level.load(std::memory_order_relaxed);
}

void vlog(LogLevel level, std::string_view target, std::string_view event, fmt::string_view format,
          fmt::format_args args) {
    const auto targets = loggers();
    auto message = std::string(event);
    const auto details = fmt::vformat(format, args);
    if (!details.empty()) message += " " + details;
    const auto severity = to_spdlog(level);
    if (targets->console->should_log(severity)) {
        targets->console->log(severity, render(targets->console_json, level, target, message));
    }
    if (targets->file && targets->file->should_log(severity)) {
        targets->file->log(severity, render(targets->file_json, level, target, message));
    }
}

void flush_log() {
    const auto targets = loggers();
    targets->console->flush();
    if (targets->file) targets->file->flush();
}

}  // namespace qdrantd
