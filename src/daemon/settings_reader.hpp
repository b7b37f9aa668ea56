// SPDX-License-Identifier: Apache-2.0
// Takes typed values out of a ConfigTree. Each read() leaves the default where the tree has no
// value, remembers the key, and collects every mistake instead of stopping at the first.
//
// Thread safety: none; one reader, one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "daemon/config_tree.hpp"
#include "daemon/settings.hpp"

namespace qdrantd {

class SettingsReader {
  public:
    explicit SettingsReader(const ConfigTree& tree) : tree_(tree) {}

    void read(std::string_view key, bool& out);
    void read(std::string_view key, std::string& out);
    void read(std::string_view key, double& out, double lowest, double highest);

    /// A whole number. Text, or a number that the type cannot hold, is an error; outside [lowest,
    /// highest] the nearest allowed number is taken and a note says so.
    template <typename T>
    requires(std::is_integral_v<T> &&
             !std::is_same_v<T, bool>) void read(std::string_view key, T& out,
                                                 T lowest = std::numeric_limits<T>::min(),
                                                 T highest = std::numeric_limits<T>::max()) {
        const auto* value = scalar(key, "an integer");
        if (value == nullptr) return;
        using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
        const auto number = whole_number(*value, key, Wide{std::numeric_limits<T>::min()},
                                         Wide{std::numeric_limits<T>::max()});
        if (number)
            out = static_cast<T>(nearest(*value, key, *number, Wide{lowest}, Wide{highest}));
    }

    /// Null means "not set".
    template <typename T, typename... Range>
    void read(std::string_view key, std::optional<T>& out, Range... range) {
        const auto* value = tree_.find(key);
        if (value != nullptr && value->kind == ConfigValue::Kind::kNull) {
            known_.emplace_back(key);
            out.reset();
            return;
        }
        T inner = out.value_or(T{});
        const auto mistakes = mistakes_.size();
        read(key, inner, range...);
        if (value != nullptr && mistakes_.size() == mistakes) out = std::move(inner);
    }

    /// One of a few words, case-sensitive.
    template <typename E>
    void read_word(std::string_view key, E& out,
                   std::initializer_list<std::pair<std::string_view, E>> words) {
        const auto* value = scalar(key, "a word");
        if (value == nullptr) return;
        std::string allowed;
        for (const auto& [word, meaning] : words) {
            if (value->text == word) {
                out = meaning;
                return;
            }
            allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", word);
        }
        mistake(*value, key, fmt::format("expected one of {}, found '{}'", allowed, value->text));
    }

    /// Adds a mistake about a key that has, or should have, a value.
    void mistake(std::string_view key, const std::string& text);

    [[nodiscard]] const ConfigTree& tree() const { return tree_; }
    std::vector<std::string>& mistakes() { return mistakes_; }
    std::vector<SettingsNote>& notes() { return notes_; }
    [[nodiscard]] const std::vector<std::string>& known() const { return known_; }

  private:
    /// The scalar at a key; null when there is none, or when something else stands there, which is
    /// a mistake.
    const ConfigValue* scalar(std::string_view key, std::string_view expected);
    std::optional<std::int64_t> whole_number(const ConfigValue& value, std::string_view key,
                                             std::int64_t lowest, std::int64_t highest);
    std::optional<std::uint64_t> whole_number(const ConfigValue& value, std::string_view key,
                                              std::uint64_t lowest, std::uint64_t highest);
    template <typename T>
    T nearest(const ConfigValue& value, std::string_view key, T number, T lowest, T highest) {
        if (number >= lowest && number <= highest) return number;
        const T taken = number < lowest ? lowest : highest;
        notes_.push_back(
            {false, fmt::format("{}: {} is {} {}, which is used instead ({})", key, number,
                                number < lowest ? "below" : "above", taken, value.origin)});
        return taken;
    }
    void mistake(const ConfigValue& value, std::string_view key, const std::string& text);

    const ConfigTree& tree_;
    std::vector<std::string> mistakes_;
    std::vector<SettingsNote> notes_;
    std::vector<std::string> known_;
};

}  // namespace qdrantd
