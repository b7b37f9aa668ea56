// SPDX-License-Identifier: Apache-2.0
#include "api/rest/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace qdrantd::rest {

namespace {

/// Plain digits between 1e-5 and 1e16, an exponent outside, as the original engine prints floats.
template <typename Float>
void append_float(std::string& out, Float value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::array<char, 64> text{};
    const auto size = std::fabs(value);
    const bool plain = value == Float(0) || (size >= Float(1e-5) && size < Float(1e16));
    const auto* end =
        std::to_chars(text.data(), text.data() + text.size(), value,
                      plain ? std::chars_format::fixed : std::chars_format::scientific)
            .ptr;
    const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
    if (plain) {
        out += digits;
        if (digits.find('.') == std::string_view::npos) out += ".0";
        return;
    }
    // "1e-07" to "1e-7", "1e+20" to "1e20".
    const auto exponent = digits.find('e');
    out += digits.substr(0, exponent + 1);
    auto rest = digits.substr(exponent + 1);
    if (rest.front() == '-') out.push_back('-');
    rest.remove_prefix(1);
    while (rest.size() > 1 && rest.front() == '0')
        rest.remove_prefix(1);
    out += rest;
}

template <typename Integer>
void append_integer(std::string& out, Integer value) {
    std::array<char, 24> text{};
    const auto* end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

/// Length of the well-formed sequence that starts here, 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const auto lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return text.size() >= 2 && tail(1) ? 2 : 0;
    if ((lead & 0xF0) == 0xE0) {
        if (text.size() < 3 || !tail(1) || !tail(2)) return 0;
        if (lead == 0xE0 && byte(1) < 0xA0) return 0;
        return lead == 0xED && byte(1) > 0x9F ? 0 : 3;
    }
    if (lead < 0xF0 || lead > 0xF4) return 0;
    if (text.size() < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    return lead == 0xF4 && byte(1) > 0x8F ? 0 : 4;
}

void append_escape(std::string& out, unsigned char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        default:
            break;
    }
    out += "\\u00";
    out.push_back(kHex[c >> 4U]);
    out.push_back(kHex[c & 15U]);
}

}  // namespace

void append_f32(std::string& out, float value) { append_float(out, value); }
void append_f64(std::string& out, double value) { append_float(out, value); }
void append_int(std::string& out, std::uint64_t value) { append_integer(out, value); }
void append_int(std::string& out, std::int64_t value) { append_integer(out, value); }

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            ++i;
            continue;
        }
        const auto length = c < 0x80 ? 0 : sequence_length(text.substr(i, 4));
        if (length > 0) {
            i += length;
            continue;
        }
        out.append(text, copied, i - copied);
        if (c < 0x80) {
            append_escape(out, c);
        } else {
            out += "\xEF\xBF\xBD";
        }
        copied = ++i;
    }
    out.append(text, copied);
    out.push_back('"');
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = sequence_length(text.substr(0, 4));
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::size_t utf8_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text)
        count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    return count;
}

}  // namespace qdrantd::rest
