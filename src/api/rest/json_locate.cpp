// SPDX-License-Identifier: Apache-2.0
#include "api/rest/json_locate.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <fmt/core.h>

namespace qdrantd::rest {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of the well-formed UTF-8 sequence at the front, 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    if (lead < 0x80) return 1;
    std::size_t length = 0;
    std::uint32_t code = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
        code = lead & 0x1FU;
    } else if ((lead & 0xF0) == 0xE0) {
        length = 3;
        code = lead & 0x0FU;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        code = lead & 0x07U;
    }
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
        code = code << 6U | (byte(i) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return overlong || surrogate || code > 0x10FFFF ? 0 : length;
}

/// A strict JSON recogniser that keeps its open containers in a list, so that no input can exhaust
/// the stack.
class Scanner {
  public:
    Scanner(std::string_view text, std::size_t max_depth) : text_(text), max_depth_(max_depth) {}

    std::optional<std::string> run() {
        skip_space();
        if (!value()) return message();
        while (!open_.empty()) {
            if (!after_value()) return message();
        }
        skip_space();
        if (at_ < text_.size()) {
            error("trailing characters");
            return message();
        }
        return std::nullopt;
    }

  private:
    bool end() const { return at_ >= text_.size(); }
    char peek() const { return text_[at_]; }
    bool error(std::string_view what) {
        what_ = what;
        return false;
    }
    void skip_space() {
        while (!end() && (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t'))
            ++at_;
    }

    std::string message() const {
        std::size_t line = 1;
        std::size_t column = 0;
        for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) {
            ++column;
            if (text_[i] == '\n') {
                ++line;
                column = 0;
            }
        }
        return fmt::format("{} at line {} column {}", what_, line,
                           at_ < text_.size() ? column + 1 : column);
    }

    /// Reads one value, or opens a container and reads up to its first value.
    bool value() {
        for (;;) {
            if (end()) return error("EOF while parsing a value");
            const char c = peek();
            if (c == '"') return string();
            if (c == '-' || is_digit(c)) return number();
            if (c == 't') return literal("true");
            if (c == 'f') return literal("false");
            if (c == 'n') return literal("null");
            if (c != '[' && c != '{') return error("expected value");
            open_.push_back(c);
            ++at_;
            skip_space();
            if (end()) return error(eof_text());
            if (peek() == (c == '[' ? ']' : '}')) {
                ++at_;
                open_.pop_back();
                return true;
            }
            if (open_.size() >= max_depth_) return error("recursion limit exceeded");
            if (c == '{' && !key()) return false;
        }
    }

    std::string_view eof_text() const {
        return open_.back() == '[' ? "EOF while parsing a list" : "EOF while parsing an object";
    }

    bool key() {
        if (peek() != '"') return error("key must be a string");
        if (!string()) return false;
        skip_space();
        if (end()) return error("EOF while parsing an object");
        if (peek() != ':') return error("expected `:`");
        ++at_;
        skip_space();
        return true;
    }

    /// Behind a value inside a container: its end, or the next value.
    bool after_value() {
        const bool list = open_.back() == '[';
        skip_space();
        if (end()) return error(eof_text());
        if (peek() == (list ? ']' : '}')) {
            ++at_;
            open_.pop_back();
            return true;
        }
        if (peek() != ',') return error(list ? "expected `,` or `]`" : "expected `,` or `}`");
        ++at_;
        skip_space();
        if (end()) return error(eof_text());
        if (peek() == (list ? ']' : '}')) return error("trailing comma");
        if (!list && !key()) return false;
        return value();
    }

    bool literal(std::string_view word) {
        for (const char c : word) {
            if (end()) return error("EOF while parsing a value");
            if (peek() != c) return error("expected ident");
            ++at_;
        }
        return true;
    }

    bool number() {
        const auto start = at_;
        if (peek() == '-') ++at_;
        if (end()) return error("EOF while parsing a value");
        if (!is_digit(peek())) return error("invalid number");
        if (peek() == '0') {
            ++at_;
            if (!end() && is_digit(peek())) return error("invalid number");
        }
        digits();
        if (!end() && peek() == '.') {
            ++at_;
            if (end()) return error("EOF while parsing a value");
            if (!is_digit(peek())) return error("invalid number");
            digits();
        }
        if (!end() && (peek() == 'e' || peek() == 'E')) {
            ++at_;
            if (!end() && (peek() == '+' || peek() == '-')) ++at_;
            if (end()) return error("EOF while parsing a value");
            if (!is_digit(peek())) return error("invalid number");
            digits();
        }
        double parsed = 0;
        const auto code = std::from_chars(text_.data() + start, text_.data() + at_, parsed).ec;
        // Too small is zero, too large has no value.
        if (code == std::errc::result_out_of_range && std::isinf(parsed)) {
            return error("number out of range");
        }
        if (code == std::errc::result_out_of_range && large_exponent(start)) {
            return error("number out of range");
        }
        return true;
    }

    bool large_exponent(std::size_t start) const {
        const auto number = text_.substr(start, at_ - start);
        const auto exponent = number.find_first_of("eE");
        return exponent == std::string_view::npos || number[exponent + 1] != '-';
    }

    void digits() {
        while (!end() && is_digit(peek()))
            ++at_;
    }

    bool hex(std::uint32_t& code) {
        code = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            if (end()) return error("EOF while parsing a string");
            const char c = peek();
            const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            if (!is_digit(c) && !letter) return error("invalid escape");
            code = code << 4U |
                   static_cast<std::uint32_t>(is_digit(c) ? c - '0' : (c | 32) - 'a' + 10);
        }
        return true;
    }

    bool escape() {
        ++at_;
        if (end()) return error("EOF while parsing a string");
        const char c = peek();
        if (c != 'u') {
            if (std::string_view(R"("\/bfnrt)").find(c) == std::string_view::npos) {
                return error("invalid escape");
            }
            ++at_;
            return true;
        }
        ++at_;
        std::uint32_t code = 0;
        if (!hex(code)) return false;
        if (code >= 0xDC00 && code <= 0xDFFF) return error("lone leading surrogate in hex escape");
        if (code < 0xD800 || code > 0xDBFF) return true;
        if (text_.substr(at_, 2) != "\\u") return error("lone leading surrogate in hex escape");
        at_ += 2;
        if (!hex(code)) return false;
        if (code < 0xDC00 || code > 0xDFFF) return error("lone leading surrogate in hex escape");
        return true;
    }

    bool string() {
        ++at_;
        for (;;) {
            if (end()) return error("EOF while parsing a string");
            const char c = peek();
            if (c == '"') {
                ++at_;
                return true;
            }
            if (c == '\\') {
                if (!escape()) return false;
            } else if (static_cast<unsigned char>(c) < 0x20) {
                return error("control character (\\u0000-\\u001F) found while parsing a string");
            } else {
                const auto length = utf8_length(text_.substr(at_, 4));
                if (length == 0) return error("invalid unicode code point");
                at_ += length;
            }
        }
    }

    const std::string_view text_;
    const std::size_t max_depth_;
    std::size_t at_ = 0;
    std::vector<char> open_;
    std::string_view what_;
};

/// An integer token that no 64-bit type holds.
bool beyond_64_bits(std::string_view token) {
    const bool negative = token.front() == '-';
    const auto digits = negative ? token.substr(1) : token;
    if (digits.empty() || digits.size() < 19) return false;
    if (negative) {
        std::int64_t value = 0;
        return std::from_chars(token.data(), token.data() + token.size(), value).ec != std::errc();
    }
    std::uint64_t value = 0;
    return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc();
}

}  // namespace

std::optional<std::string> locate_json_error(std::string_view text, std::size_t max_depth) {
    return Scanner(text, max_depth).run();
}

bool widen_integers(std::string& text) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '"') {
            for (++i; i < text.size() && text[i] != '"'; ++i) {
                if (text[i] == '\\') ++i;
            }
            ++i;
            continue;
        }
        if (text[i] != '-' && !is_digit(text[i])) {
            ++i;
            continue;
        }
        const auto start = i++;
        while (i < text.size() && is_digit(text[i]))
            ++i;
        if (i < text.size() && (text[i] == '.' || text[i] == 'e' || text[i] == 'E')) {
            while (i < text.size() && (is_digit(text[i]) || text[i] == '.' || text[i] == 'e' ||
                                       text[i] == 'E' || text[i] == '+' || text[i] == '-'))
                ++i;
            continue;
        }
        if (!beyond_64_bits(std::string_view(text).substr(start, i - start))) continue;
        out.append(text, copied, i - copied).append("e0");
        copied = i;
    }
    if (copied == 0) return false;
    out.append(text, copied);
    text = std::move(out);
    return true;
}

}  // namespace qdrantd::rest
