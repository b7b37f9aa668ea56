// SPDX-License-Identifier: Apache-2.0
#include "api/rest/query_params.hpp"

#include <charconv>

#include <fmt/core.h>

#include "api/rest/json_text.hpp"

namespace qdrantd::rest {

namespace {

constexpr std::chrono::seconds kUpdateWait{60};
constexpr std::chrono::seconds kAdminWait{10};
/// More would overflow the clock; nobody waits longer.
constexpr std::uint64_t kSecondsMax = 366ULL * 24 * 3600;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Error undecodable(std::string_view detail) {
    return {ErrorCode::kFormat, fmt::format("Deserialize error in query parameters: {}", detail)};
}

std::chrono::seconds seconds_of(std::uint64_t count) {
    return std::chrono::seconds(std::min(count, kSecondsMax));
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        }
    }
    if (!is_utf8(out)) return std::nullopt;
    return out;
}

Result<QueryParams> QueryParams::parse(std::string_view query) {
    QueryParams params;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = equals == std::string_view::npos
                         ? std::optional<std::string>(std::string())
                         : percent_decode(pair.substr(equals + 1), true);
        if (!name || !value) return undecodable(fmt::format("malformed `{}`", pair));
        params.values_.emplace_back(*std::move(name), *std::move(value));
    }
    for (const std::string_view known : {"wait", "ordering", "timeout", "consistency"}) {
        const auto count = std::count_if(params.values_.begin(), params.values_.end(),
                                         [&](const auto& pair) { return pair.first == known; });
        if (count > 1) return undecodable(fmt::format("duplicate field `{}`", known));
    }
    return params;
}

std::optional<std::string_view> QueryParams::find(std::string_view name) const {
    for (const auto& [key, value] : values_) {
        if (key == name) return value;
    }
    return std::nullopt;
}

Result<bool> QueryParams::flag(std::string_view name, bool otherwise) const {
    const auto value = find(name);
    if (!value) return otherwise;
    if (*value == "true") return true;
    if (*value == "false") return false;
    return undecodable(
        fmt::format("{}: provided string was not `true` or `false`: `{}`", name, *value));
}

Result<std::optional<std::uint64_t>> QueryParams::number(std::string_view name) const {
    const auto value = find(name);
    if (!value) return std::optional<std::uint64_t>();
    std::uint64_t parsed = 0;
    const auto* end = value->data() + value->size();
    const auto result = std::from_chars(value->data(), end, parsed);
    if (result.ec != std::errc() || result.ptr != end) {
        return undecodable(fmt::format("{}: invalid digit found in string `{}`", name, *value));
    }
    return std::optional<std::uint64_t>(parsed);
}

Result<cluster::ReadContext> QueryParams::read_context(std::chrono::milliseconds otherwise) const {
    QD_ASSIGN(const auto timeout, number("timeout"));
    if (timeout && *timeout == 0) {
        return undecodable("timeout: invalid value: integer `0`, expected a nonzero u64");
    }
    if (const auto word = find("consistency");
        word && !word->empty() && *word != "majority" && *word != "quorum" && *word != "all") {
        const auto factor = number("consistency");
        if (!factor.ok() || *factor == 0U) {
            return undecodable(
                fmt::format("consistency: `{}` is not a valid read consistency, "
                            "expected `majority`, `quorum`, `all` or an integer "
                            "greater than 0",
                            *word));
        }
    }
    if (timeout) return cluster::ReadContext{Deadline::after(seconds_of(*timeout))};
    return cluster::ReadContext{Deadline::after(otherwise)};
}

Result<cluster::WriteContext> QueryParams::write_context() const {
    cluster::WriteContext context;
    QD_ASSIGN(context.wait, flag("wait", false));
    if (const auto word = find("ordering");
        word && *word != "weak" && *word != "medium" && *word != "strong") {
        return undecodable(fmt::format(
            "ordering: unknown variant `{}`, expected one of `weak`, `medium`, `strong`", *word));
    }
    QD_ASSIGN(const auto timeout, number("timeout"));
    context.deadline = Deadline::after(timeout ? seconds_of(*timeout) : kUpdateWait);
    return context;
}

Result<Deadline> QueryParams::admin_deadline() const {
    QD_ASSIGN(const auto timeout, number("timeout"));
    if (timeout && *timeout == 0) {
        return Error{ErrorCode::kValidation,
                     "Validation error in query parameters: [timeout: value 0 invalid, must be 1 "
                     "or larger]"};
    }
    return Deadline::after(timeout ? seconds_of(*timeout) : kAdminWait);
}

}  // namespace qdrantd::rest
