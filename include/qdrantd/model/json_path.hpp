// SPDX-License-Identifier: Apache-2.0
// Path into a payload: `a.b[0].c[]."x.y"` (grammar: spec data.md §3.9).
// Thread safety: value. Errors: parse gives kBadInput `Invalid json path: 'x'`, also for paths of
// more than kMaxSteps steps.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <qdrantd/common/result.hpp>

namespace qdrantd::model {

class JsonPath {
  public:
    struct Key {
        std::string name;
        auto operator<=>(const Key&) const = default;
    };
    struct Index {
        std::uint64_t at = 0;
        auto operator<=>(const Index&) const = default;
    };
    struct AllElements {
        auto operator<=>(const AllElements&) const = default;
    };
    using Step = std::variant<Key, Index, AllElements>;

    static constexpr std::size_t kMaxSteps = 128;

    /// One key, as for a payload's top level.
    static JsonPath key(std::string name);
    static Result<JsonPath> parse(std::string_view text);

    /// Never empty; the first step is a Key.
    [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
    /// `this` followed by `tail`.
    [[nodiscard]] JsonPath join(const JsonPath& tail) const;
    /// With `[]` at the end, unless it is there.
    [[nodiscard]] JsonPath with_all_elements() const;
    /// Canonical text; quoted keys only where needed. Identifies a payload index.
    [[nodiscard]] std::string to_string() const;

    auto operator<=>(const JsonPath&) const = default;

  private:
    std::vector<Step> steps_;
};

}  // namespace qdrantd::model
