// SPDX-License-Identifier: Apache-2.0
#include "model/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "model/json_document.hpp"

namespace qdrantd::model {

namespace {

using simdjson::dom::element_type;

constexpr std::size_t kFirstCapacity = 4096;
constexpr std::size_t kKeptCapacity = std::size_t{1} << 20;
constexpr std::size_t kNumberChars = 32;  // the longest double has 24
constexpr std::size_t kEscapeChars = 6;   // \u001f

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

/// Is there a byte in the word that must be escaped? (Bit tricks after Mycroft; false alarms only
/// cost time.)
bool word_needs_escape(std::uint64_t word) {
    constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
    constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
    const auto has_zero = [](std::uint64_t w) { return (w - kOnes) & ~w & kHighs; };
    const auto below_space = (word - kOnes * 0x20) & ~word & kHighs;
    return (below_space | has_zero(word ^ kOnes * '"') | has_zero(word ^ kOnes * '\\')) != 0;
}

}  // namespace

void JsonWriter::reset() {
    size_ = 0;
    if (capacity_ > kKeptCapacity) {
        buffer_.reset();
        capacity_ = 0;
    }
}

void JsonWriter::grow(std::size_t more) {
    const auto wanted = std::max({kFirstCapacity, size_ + more, capacity_ * 2});
    auto bigger = std::make_unique_for_overwrite<char[]>(wanted);
    if (size_ != 0) std::memcpy(bigger.get(), buffer_.get(), size_);
    buffer_ = std::move(bigger);
    capacity_ = wanted;
}

void JsonWriter::text(std::string_view plain) {
    if (plain.empty()) return;
    ensure(plain.size());
    std::memcpy(buffer_.get() + size_, plain.data(), plain.size());
    size_ += plain.size();
}

char* JsonWriter::escaped(char* out, unsigned char c) {
    constexpr char kDigits[] = "0123456789abcdef";
    *out++ = '\\';
    switch (c) {
        case '"':
        case '\\':
            *out++ = static_cast<char>(c);
            return out;
        case '\b':
            *out++ = 'b';
            return out;
        case '\f':
            *out++ = 'f';
            return out;
        case '\n':
            *out++ = 'n';
            return out;
        case '\r':
            *out++ = 'r';
            return out;
        case '\t':
            *out++ = 't';
            return out;
        default:
            out[0] = 'u';
            out[1] = '0';
            out[2] = '0';
            out[3] = kDigits[c >> 4];
            out[4] = kDigits[c & 0xF];
            return out + 5;
    }
}

void JsonWriter::string(std::string_view value) {
    ensure(value.size() * kEscapeChars + 2);
    char* out = buffer_.get() + size_;
    *out++ = '"';
    const char* in = value.data();
    const char* const end = in + value.size();
    const auto copy_byte = [&] {
        const auto c = static_cast<unsigned char>(*in++);
        if (needs_escape(c)) {
            out = escaped(out, c);
        } else {
            *out++ = static_cast<char>(c);
        }
    };
    while (end - in >= 8) {
        std::uint64_t word;
        std::memcpy(&word, in, sizeof word);
        if (!word_needs_escape(word)) {
            std::memcpy(out, &word, sizeof word);
            in += 8;
            out += 8;
            continue;
        }
        for (int i = 0; i < 8; ++i)
            copy_byte();
    }
    while (in != end)
        copy_byte();
    *out++ = '"';
    size_ = static_cast<std::size_t>(out - buffer_.get());
}

void JsonWriter::integer(std::int64_t value) {
    ensure(kNumberChars);
    char* const at = buffer_.get() + size_;
    size_ += static_cast<std::size_t>(std::to_chars(at, at + kNumberChars, value).ptr - at);
}

void JsonWriter::integer(std::uint64_t value) {
    ensure(kNumberChars);
    char* const at = buffer_.get() + size_;
    size_ += static_cast<std::size_t>(std::to_chars(at, at + kNumberChars, value).ptr - at);
}

void JsonWriter::real(double value) {
    ensure(kNumberChars + 2);
    char* const at = buffer_.get() + size_;
    const auto written =
        static_cast<std::size_t>(std::to_chars(at, at + kNumberChars, value).ptr - at);
    size_ += written;
    const std::string_view digits(at, written);
    if (digits.find_first_of(".e") == std::string_view::npos) text(".0");
}

void JsonWriter::scalar(const simdjson::dom::element& value) {
    switch (value.type()) {
        case element_type::STRING:
            return string(sure(value.get_string()));
        case element_type::INT64:
            return integer(sure(value.get_int64()));
        case element_type::UINT64:
            return integer(sure(value.get_uint64()));
        case element_type::DOUBLE:
            return real(sure(value.get_double()));
        case element_type::BOOL:
            return text(sure(value.get_bool()) ? "true" : "false");
        default:
            return text("null");
    }
}

void JsonWriter::element(const simdjson::dom::element& value) {
    if (value.is_object()) {
        char before = '{';
        for (const auto field : sure(value.get_object())) {
            character(before);
            before = ',';
            string(field.key);
            character(':');
            element(field.value);
        }
        return text(before == '{' ? "{}" : "}");
    }
    if (value.is_array()) {
        char before = '[';
        for (const auto item : sure(value.get_array())) {
            character(before);
            before = ',';
            element(item);
        }
        return text(before == '[' ? "[]" : "]");
    }
    scalar(value);
}

}  // namespace qdrantd::model
