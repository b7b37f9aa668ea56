// SPDX-License-Identifier: Apache-2.0
// Reading a payload is on the path of every upload. The common case is one pass of simdjson and one
// walk over its tape that writes the text out again. Repeated keys are only suspected there, by a
// hash for each key; a suspicion is settled by a second, slower walk.
#include <qdrantd/model/payload.hpp>

#include <charconv>
#include <cstring>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "model/json_document.hpp"
#include "model/json_writer.hpp"

namespace qdrantd::model {

namespace {

using simdjson::dom::element;

constexpr std::size_t kLinearKeys = 32;

std::uint64_t load(const char* at, std::size_t bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, bytes);
    return word;
}

/// A quick hash of a key. Equal keys have equal hashes; the rest is luck, and an attacker's luck
/// only leads to the slower walk.
std::uint64_t key_hash(std::string_view key) {
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
    std::uint64_t hash = key.size() * kOdd;
    const char* at = key.data();
    std::size_t left = key.size();
    for (; left >= 8; at += 8, left -= 8) {
        hash = (hash ^ load(at, 8)) * kOdd;
        hash ^= hash >> 29;
    }
    if (left >= 4) {
        hash = (hash ^ load(at, 4) ^ load(at + left - 4, 4) << 32) * kOdd;
    } else if (left > 0) {
        // First, middle and last byte: every byte, for one to three of them.
        const auto byte = [&](std::size_t i) {
            return std::uint64_t{static_cast<unsigned char>(at[i])};
        };
        hash = (hash ^ byte(0) ^ byte(left / 2) << 8 ^ byte(left - 1) << 16) * kOdd;
    }
    return hash ^ hash >> 32;
}

/// Writes an element out and watches for what a plain copy would get wrong.
class WatchfulWriter {
  public:
    WatchfulWriter(JsonWriter& out, std::vector<std::uint64_t>& hashes)
        : out_(out), hashes_(hashes) {
        hashes_.clear();
    }

    /// False: too deep, or a key may be repeated; the output is then of no use.
    bool write(const element& value, std::size_t depth) {
        if (value.is_object()) return object(value, depth + 1);
        if (value.is_array()) return array(value, depth + 1);
        out_.scalar(value);
        return true;
    }
    [[nodiscard]] bool too_deep() const { return too_deep_; }

  private:
    bool object(const element& value, std::size_t depth) {
        if (!depth_is_fine(depth)) return false;
        const auto base = hashes_.size();
        char before = '{';
        for (const auto field : sure(value.get_object())) {
            const auto hash = key_hash(field.key);
            const auto seen = hashes_.size() - base;
            if (seen < kLinearKeys && repeated(base, hash)) return false;
            hashes_.push_back(hash);
            out_.character(before);
            before = ',';
            out_.string(field.key);
            out_.character(':');
            if (!write(field.value, depth)) return false;
        }
        if (hashes_.size() - base > kLinearKeys && repeated_sorted(base)) return false;
        hashes_.resize(base);
        out_.text(before == '{' ? "{}" : "}");
        return true;
    }

    bool array(const element& value, std::size_t depth) {
        if (!depth_is_fine(depth)) return false;
        char before = '[';
        for (const auto item : sure(value.get_array())) {
            out_.character(before);
            before = ',';
            if (!write(item, depth)) return false;
        }
        out_.text(before == '[' ? "[]" : "]");
        return true;
    }

    bool depth_is_fine(std::size_t depth) {
        too_deep_ = depth > Payload::kMaxDepth;
        return !too_deep_;
    }
    [[nodiscard]] bool repeated(std::size_t base, std::uint64_t hash) const {
        for (std::size_t i = base; i < hashes_.size(); ++i) {
            if (hashes_[i] == hash) return true;
        }
        return false;
    }
    bool repeated_sorted(std::size_t base) {
        const auto begin = hashes_.begin() + static_cast<std::ptrdiff_t>(base);
        std::sort(begin, hashes_.end());
        return std::adjacent_find(begin, hashes_.end()) != hashes_.end();
    }

    JsonWriter& out_;
    std::vector<std::uint64_t>& hashes_;
    bool too_deep_ = false;
};

/// Writes an element out with the last value of each repeated key, at the place of the first.
class NormalisingWriter {
  public:
    explicit NormalisingWriter(JsonWriter& out) : out_(out) {}

    /// False: too deep.
    bool write(const element& value, std::size_t depth) {
        if (value.is_object()) return object(value, depth + 1);
        if (!value.is_array()) {
            out_.scalar(value);
            return true;
        }
        if (depth + 1 > Payload::kMaxDepth) return false;
        char before = '[';
        for (const auto item : sure(value.get_array())) {
            out_.character(before);
            before = ',';
            if (!write(item, depth + 1)) return false;
        }
        out_.text(before == '[' ? "[]" : "]");
        return true;
    }

  private:
    struct Field {
        std::string_view key;
        std::size_t place;
        element value;
    };

    bool object(const element& value, std::size_t depth) {
        if (depth > Payload::kMaxDepth) return false;
        std::vector<Field> fields;
        for (const auto field : sure(value.get_object()))
            fields.push_back({field.key, fields.size(), field.value});
        std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) {
            return a.key != b.key ? a.key < b.key : a.place < b.place;
        });
        std::size_t kept = 0;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (kept > 0 && fields[kept - 1].key == fields[i].key) {
                fields[kept - 1].value = fields[i].value;
            } else {
                fields[kept++] = fields[i];
            }
        }
        fields.resize(kept);
        std::sort(fields.begin(), fields.end(),
                  [](const Field& a, const Field& b) { return a.place < b.place; });
        char before = '{';
        for (const auto& field : fields) {
            out_.character(before);
            before = ',';
            out_.string(field.key);
            out_.character(':');
            if (!write(field.value, depth)) return false;
        }
        out_.text(before == '{' ? "{}" : "}");
        return true;
    }

    JsonWriter& out_;
};

/// The code unit of a `\uXXXX` whose backslash is at `at`; nothing for another escape.
std::optional<unsigned> unit_escape(std::string_view json, std::size_t at) {
    if (json.size() < at + 6 || json[at + 1] != 'u') return std::nullopt;
    unsigned unit = 0;
    const char* const digits = json.data() + at + 2;
    const auto [stop, error] = std::from_chars(digits, digits + 4, unit, 16);
    if (error != std::errc{} || stop != digits + 4) return std::nullopt;
    return unit;
}

/// Offset of an escaped surrogate without its other half. Backslashes are in strings only, or the
/// parser has refused the text already.
std::optional<std::size_t> lone_surrogate(std::string_view json) {
    std::size_t at = json.find('\\');
    while (at != std::string_view::npos) {
        std::size_t next = at + 2;
        if (const auto unit = unit_escape(json, at); unit && *unit >= 0xD800 && *unit <= 0xDFFF) {
            const auto low = json.substr(std::min(json.size(), at + 6)).starts_with('\\')
                                 ? unit_escape(json, at + 6)
                                 : std::nullopt;
            if (*unit >= 0xDC00 || !low || *low < 0xDC00 || *low > 0xDFFF) return at;
            next = at + 12;
        }
        at = json.find('\\', next);
    }
    return std::nullopt;
}

bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

bool is_huge_integer(std::string_view token) {
    if (token.find_first_of(".eE") != std::string_view::npos) return false;
    const char* const end = token.data() + token.size();
    std::uint64_t big = 0;
    std::int64_t small = 0;
    const bool fits = std::from_chars(token.data(), end, big).ec == std::errc{} ||
                      std::from_chars(token.data(), end, small).ec == std::errc{};
    return !fits;
}

/// The same text with integers that 64 bits cannot hold written as floats.
std::string with_huge_integers_as_floats(std::string_view json) {
    std::string out;
    out.reserve(json.size() + 16);
    std::size_t at = 0;
    while (at < json.size()) {
        std::size_t end = at + 1;
        if (json[at] == '"') {
            while (end < json.size() && json[end] != '"')
                end += json[end] == '\\' ? 2U : 1U;
            end = std::min(end + 1, json.size());
            out.append(json.substr(at, end - at));
        } else if (json[at] == '-' || (json[at] >= '0' && json[at] <= '9')) {
            while (end < json.size() && is_number_char(json[end]))
                ++end;
            const auto token = json.substr(at, end - at);
            out.append(token);
            if (is_huge_integer(token)) out.append(".0");
        } else {
            out.push_back(json[at]);
        }
        at = end;
    }
    return out;
}

/// Finds where a text stops being JSON; everything else is ignored.
class OffsetFinder : public nlohmann::json_sax<nlohmann::json> {
  public:
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::json::exception&) override {
        offset = position;
        return false;
    }

    std::optional<std::size_t> offset;
};

Error unreadable(std::string_view json, simdjson::error_code code) {
    OffsetFinder finder;
    nlohmann::json::sax_parse(json, &finder);
    auto message = fmt::format("payload: {}", simdjson::error_message(code));
    if (finder.offset) message += fmt::format(" at offset {}", *finder.offset);
    return {ErrorCode::kFormat, std::move(message)};
}

Error too_deep() {
    return {ErrorCode::kFormat,
            fmt::format("payload: recursion limit of {} levels exceeded", Payload::kMaxDepth)};
}

struct Scratch {
    JsonDocument document;
    JsonWriter writer;
    std::vector<std::uint64_t> hashes;
};

constexpr std::size_t kKeptTextBytes = std::size_t{1} << 20;

}  // namespace

Result<Payload> Payload::parse(std::string_view json) {
    thread_local Scratch scratch;
    auto code = scratch.document.parse(json);
    if (code == simdjson::NUMBER_ERROR) {
        code = scratch.document.parse(with_huge_integers_as_floats(json));
    }
    if (code == simdjson::DEPTH_ERROR) return too_deep();
    if (code != simdjson::SUCCESS) return unreadable(json, code);
    const auto root = scratch.document.root();
    if (!root.is_object()) {
        return Error{ErrorCode::kFormat, "payload: expected a JSON object at offset 0"};
    }
    if (const auto at = lone_surrogate(json)) {
        return Error{ErrorCode::kFormat,
                     fmt::format("payload: lone surrogate in hex escape at offset {}", *at)};
    }
    scratch.writer.reset();
    WatchfulWriter quick(scratch.writer, scratch.hashes);
    if (!quick.write(root, 0)) {
        if (quick.too_deep()) return too_deep();
        scratch.writer.reset();
        if (!NormalisingWriter(scratch.writer).write(root, 0)) return too_deep();
    }
    auto payload = Payload(std::string(scratch.writer.text()));
    // A thread keeps room for the next payload, but not for another huge one.
    if (json.size() > kKeptTextBytes) scratch = Scratch{};
    return payload;
}

}  // namespace qdrantd::model
