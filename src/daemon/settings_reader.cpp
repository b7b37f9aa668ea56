// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings_reader.hpp"

#include <cctype>
#include <charconv>
#include <cmath>

namespace qdrantd {

namespace {

/// The boolean words, in any case.
std::optional<bool> to_bool(std::string_view text) {
    std::string word(text);
    for (char& c : word)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (word == "1" || word == "true" || word == "on" || word == "yes") return true;
    if (word == "0" || word == "false" || word == "off" || word == "no") return false;
    return std::nullopt;
}

template <typename T>
std::optional<T> to_number(std::string_view text) {
    T number{};
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

template <typename T>
std::optional<T> to_whole_number(std::string_view text) {
    if (const auto number = to_number<T>(text)) return number;
    // The words count as 1 and 0, as the public configuration has it.
    if (const auto word = to_bool(text)) return static_cast<T>(*word ? 1 : 0);
    return std::nullopt;
}

}  // namespace

const ConfigValue* SettingsReader::scalar(std::string_view key, std::string_view expected) {
    known_.emplace_back(key);
    const auto* value = tree_.find(key);
    if (value == nullptr) {
        // A map where a value belongs.
        const auto below = std::string(key) + ".";
        const auto it = tree_.values().lower_bound(below);
        if (it != tree_.values().end() && it->first.starts_with(below)) {
            mistake(it->second, key, fmt::format("expected {}, found keys below it", expected));
        }
        return nullptr;
    }
    if (value->kind == ConfigValue::Kind::kScalar) return value;
    mistake(*value, key,
            fmt::format("expected {}, found {}", expected,
                        value->kind == ConfigValue::Kind::kList ? "a list" : "null"));
    return nullptr;
}

void SettingsReader::read(std::string_view key, bool& out) {
    const auto* value = scalar(key, "true or false");
    if (value == nullptr) return;
    const auto word = to_bool(value->text);
    if (!word) {
        mistake(*value, key, fmt::format("expected true or false, found '{}'", value->text));
        return;
    }
    out = *word;
}

void SettingsReader::read(std::string_view key, std::string& out) {
    const auto* value = scalar(key, "text");
    if (value != nullptr) out = value->text;
}

void SettingsReader::read(std::string_view key, double& out, double lowest, double highest) {
    const auto* value = scalar(key, "a number");
    if (value == nullptr) return;
    const auto number = to_number<double>(value->text);
    if (!number || !std::isfinite(*number)) {
        mistake(*value, key, fmt::format("expected a number, found '{}'", value->text));
        return;
    }
    out = nearest(*value, key, *number, lowest, highest);
}

std::optional<std::int64_t> SettingsReader::whole_number(const ConfigValue& value,
                                                         std::string_view key, std::int64_t lowest,
                                                         std::int64_t highest) {
    const auto number = to_whole_number<std::int64_t>(value.text);
    if (number && *number >= lowest && *number <= highest) return number;
    mistake(
        value, key,
        fmt::format("expected an integer from {} to {}, found '{}'", lowest, highest, value.text));
    return std::nullopt;
}

std::optional<std::uint64_t> SettingsReader::whole_number(const ConfigValue& value,
                                                          std::string_view key,
                                                          std::uint64_t lowest,
                                                          std::uint64_t highest) {
    const auto number = to_whole_number<std::uint64_t>(value.text);
    if (number && *number >= lowest && *number <= highest) return number;
    mistake(
        value, key,
        fmt::format("expected an integer from {} to {}, found '{}'", lowest, highest, value.text));
    return std::nullopt;
}

void SettingsReader::mistake(const ConfigValue& value, std::string_view key,
                             const std::string& text) {
    mistakes_.push_back(fmt::format("{}: {} ({})", key, text, value.origin));
}

void SettingsReader::mistake(std::string_view key, const std::string& text) {
    const auto* value = tree_.find(key);
    if (value != nullptr) {
        mistake(*value, key, text);
    } else {
        mistakes_.push_back(fmt::format("{}: {}", key, text));
    }
}

}  // namespace qdrantd
