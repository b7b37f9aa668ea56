// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/datetime.hpp>

#include <chrono>

#include <fmt/core.h>

namespace qdrantd::model {

namespace {

constexpr std::int64_t kMicrosPerSec = 1'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes pieces off the front of the text. A piece that is not there leaves the text as it was.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : left_(text) {}

    [[nodiscard]] bool at_end() const { return left_.empty(); }

    bool take(char wanted) {
        if (!left_.starts_with(wanted)) return false;
        left_.remove_prefix(1);
        return true;
    }
    bool take(std::string_view wanted) {
        if (!left_.starts_with(wanted)) return false;
        left_.remove_prefix(wanted.size());
        return true;
    }
    /// Exactly `count` digits.
    std::optional<int> number(std::size_t count) {
        if (left_.size() < count) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!is_digit(left_[i])) return std::nullopt;
            value = value * 10 + (left_[i] - '0');
        }
        left_.remove_prefix(count);
        return value;
    }
    /// The digits after a decimal point, as microseconds. At least one is needed.
    std::optional<std::int64_t> fraction() {
        if (left_.empty() || !is_digit(left_.front())) return std::nullopt;
        std::int64_t micros = 0;
        std::int64_t scale = kMicrosPerSec / 10;
        while (!left_.empty() && is_digit(left_.front())) {
            micros += scale * (left_.front() - '0');
            scale /= 10;
            left_.remove_prefix(1);
        }
        return micros;
    }

  private:
    std::string_view left_;
};

std::optional<std::int64_t> read_day(Scanner& in) {
    using namespace std::chrono;
    const auto y = in.number(4);
    if (!y || !in.take('-')) return std::nullopt;
    const auto m = in.number(2);
    if (!m || !in.take('-')) return std::nullopt;
    const auto d = in.number(2);
    if (!d) return std::nullopt;
    const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)},
                              day{static_cast<unsigned>(*d)}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date}.time_since_epoch().count() * std::int64_t{86400} * kMicrosPerSec;
}

/// Seconds east of Greenwich. Forms: Z, +02:00, +0200, +02, UTC, each with or without a space.
std::optional<std::int64_t> read_offset(Scanner& in) {
    in.take(' ');
    if (in.take('Z') || in.take('z') || in.take(std::string_view("UTC"))) return 0;
    const bool east = in.take('+');
    if (!east && !in.take('-')) return std::nullopt;
    const auto hours = in.number(2);
    if (!hours || *hours > 23) return std::nullopt;
    int minutes = 0;
    const bool colon = in.take(':');
    if (const auto read = in.number(2)) {
        minutes = *read;
    } else if (colon) {
        return std::nullopt;
    }
    if (minutes > 59) return std::nullopt;
    const std::int64_t seconds = *hours * 3600 + minutes * 60;
    return east ? seconds : -seconds;
}

}  // namespace

std::optional<std::int64_t> parse_datetime(std::string_view text) {
    Scanner in(text);
    const auto day = read_day(in);
    if (!day || in.at_end()) return day;
    if (!in.take('T') && !in.take('t') && !in.take(' ')) return std::nullopt;
    const auto hours = in.number(2);
    if (!hours || *hours > 23 || !in.take(':')) return std::nullopt;
    const auto minutes = in.number(2);
    if (!minutes || *minutes > 59) return std::nullopt;
    std::int64_t micros = *day + (*hours * 3600 + *minutes * 60) * kMicrosPerSec;
    if (in.at_end()) return micros;
    if (!in.take(':')) return std::nullopt;
    const auto seconds = in.number(2);
    if (!seconds || *seconds > 60) return std::nullopt;
    micros += *seconds * kMicrosPerSec;
    if (in.take('.')) {
        const auto part = in.fraction();
        if (!part) return std::nullopt;
        micros += *part;
    }
    if (in.at_end()) return micros;
    const auto offset = read_offset(in);
    if (!offset || !in.at_end()) return std::nullopt;
    return micros - *offset * kMicrosPerSec;
}

Result<std::int64_t> parse_filter_datetime(std::string_view text) {
    if (const auto micros = parse_datetime(text)) return *micros;
    return Error{ErrorCode::kFormat,
                 fmt::format("'{}' does not match accepted datetime format (RFC3339). Example: "
                             "2014-01-01T00:00:00Z",
                             text)};
}

}  // namespace qdrantd::model
