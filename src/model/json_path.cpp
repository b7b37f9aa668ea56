// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/json_path.hpp>

#include <charconv>
#include <optional>

#include <fmt/core.h>

#include <qdrantd/common/assert.hpp>

#include "model/utf8.hpp"

namespace qdrantd::model {

namespace {

struct CodeRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

// Code points beyond ASCII that are neither letters nor numbers: controls, punctuation, symbols,
// spaces. Whole blocks, so that a key in any script can be written without quotes.
constexpr CodeRange kNotAlphanumeric[] = {
    {0x0080, 0x00A9},   {0x00AB, 0x00B1},   {0x00B4, 0x00B4},   {0x00B6, 0x00B8},
    {0x00BB, 0x00BB},   {0x00BF, 0x00BF},   {0x00D7, 0x00D7},   {0x00F7, 0x00F7},
    {0x1680, 0x1680},   {0x2000, 0x206F},   {0x20A0, 0x20CF},   {0x2190, 0x245F},
    {0x2500, 0x2775},   {0x2794, 0x2BFF},   {0x2E00, 0x2E7F},   {0x3000, 0x3004},
    {0x3008, 0x3020},   {0xE000, 0xF8FF},   {0xFE10, 0xFE6F},   {0xFF01, 0xFF0F},
    {0xFF1A, 0xFF20},   {0xFF3B, 0xFF40},   {0xFF5B, 0xFF65},   {0xFFE0, 0xFFFF},
    {0x1F000, 0x1F0FF}, {0x1F110, 0x1F12F}, {0x1F200, 0x1FBEF}, {0xE0000, 0x10FFFF},
};

bool is_raw(std::uint32_t c) {
    if (c < 0x80) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '_' || c == '-';
    }
    for (const auto& range : kNotAlphanumeric) {
        if (c >= range.first && c <= range.last) return false;
    }
    return true;
}

/// Length of the raw key at the front of `text`.
std::size_t raw_prefix(std::string_view text) {
    std::size_t size = 0;
    while (const auto c = first_code_point(text.substr(size))) {
        if (!is_raw(c->value)) break;
        size += c->bytes;
    }
    return size;
}

/// Reads a path from the front of its text; each function takes off what it understood.
class PathReader {
  public:
    explicit PathReader(std::string_view text) : left_(text) {}

    std::optional<std::vector<JsonPath::Step>> read() {
        std::vector<JsonPath::Step> steps;
        if (!read_key(steps)) return std::nullopt;
        while (!left_.empty()) {
            if (steps.size() >= JsonPath::kMaxSteps) return std::nullopt;
            const char sign = left_.front();
            left_.remove_prefix(1);
            const bool understood = sign == '.'   ? read_key(steps)
                                    : sign == '[' ? read_bracket(steps)
                                                  : false;
            if (!understood) return std::nullopt;
        }
        return steps;
    }

  private:
    bool read_key(std::vector<JsonPath::Step>& steps) {
        if (left_.starts_with('"')) {
            const auto end = left_.find_first_of("\"\\", 1);
            if (end == std::string_view::npos || left_[end] != '"') return false;
            steps.emplace_back(JsonPath::Key{std::string(left_.substr(1, end - 1))});
            left_.remove_prefix(end + 1);
            return true;
        }
        const auto size = raw_prefix(left_);
        if (size == 0) return false;
        steps.emplace_back(JsonPath::Key{std::string(left_.substr(0, size))});
        left_.remove_prefix(size);
        return true;
    }

    bool read_bracket(std::vector<JsonPath::Step>& steps) {
        const auto end = left_.find(']');
        if (end == std::string_view::npos) return false;
        const auto digits = left_.substr(0, end);
        left_.remove_prefix(end + 1);
        if (digits.empty()) {
            steps.emplace_back(JsonPath::AllElements{});
            return true;
        }
        std::uint64_t at = 0;
        const auto [stop, error] = std::from_chars(digits.data(), digits.data() + end, at);
        if (error != std::errc{} || stop != digits.data() + end) return false;
        steps.emplace_back(JsonPath::Index{at});
        return true;
    }

    std::string_view left_;
};

}  // namespace

JsonPath JsonPath::key(std::string name) {
    JsonPath path;
    path.steps_.emplace_back(Key{std::move(name)});
    return path;
}

Result<JsonPath> JsonPath::parse(std::string_view text) {
    auto steps = PathReader(text).read();
    if (!steps) {
        return Error{ErrorCode::kBadInput, fmt::format("Invalid json path: '{}'", text)};
    }
    JsonPath path;
    path.steps_ = *std::move(steps);
    return path;
}

JsonPath JsonPath::join(const JsonPath& tail) const {
    JsonPath path = *this;
    path.steps_.insert(path.steps_.end(), tail.steps_.begin(), tail.steps_.end());
    return path;
}

JsonPath JsonPath::with_all_elements() const {
    JsonPath path = *this;
    QD_ASSERT(!steps_.empty());
    if (!std::holds_alternative<AllElements>(steps_.back())) {
        path.steps_.emplace_back(AllElements{});
    }
    return path;
}

std::string JsonPath::to_string() const {
    std::string text;
    for (const auto& step : steps_) {
        if (const auto* key = std::get_if<Key>(&step)) {
            if (!text.empty()) text.push_back('.');
            const bool raw = !key->name.empty() && raw_prefix(key->name) == key->name.size();
            if (!raw) text.push_back('"');
            text.append(key->name);
            if (!raw) text.push_back('"');
        } else if (const auto* index = std::get_if<Index>(&step)) {
            text.append(fmt::format("[{}]", index->at));
        } else {
            text.append("[]");
        }
    }
    return text;
}

}  // namespace qdrantd::model
