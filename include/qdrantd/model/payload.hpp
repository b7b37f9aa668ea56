// SPDX-License-Identifier: Apache-2.0
// The payload of a point: a JSON object kept as its bytes, so that it is stored and spliced into
// answers without parsing. Invariants: json() is a valid, minified JSON object with unique keys at
// every level. Its depth is at most kMaxDepth, plus JsonPath::kMaxSteps when something was merged
// at a path. Equal values have equal bytes. Thread safety: value.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/result.hpp>
#include <qdrantd/model/json_path.hpp>

namespace qdrantd::model {

class Payload {
  public:
    static constexpr std::size_t kMaxDepth = 128;

    Payload() = default;
    /// Checks and minifies; of a repeated key the last value stays. Integers beyond u64 become
    /// floats. Errors: kFormat naming the offset when the text is not a JSON object.
    static Result<Payload> parse(std::string_view json);
    /// For bytes this class wrote earlier. REQUIRES: the invariants.
    static Payload trusted(std::string json) { return Payload(std::move(json)); }

    [[nodiscard]] const std::string& json() const { return json_; }
    [[nodiscard]] bool empty() const { return json_.size() <= 2; }
    bool operator==(const Payload&) const = default;

  private:
    explicit Payload(std::string json) : json_(std::move(json)) {}
    std::string json_ = "{}";
};

/// Changes of payloads (spec data.md §3.8). All return the new payload; the old one is not touched.
/// Merges the top level of `patch`; a null value removes the key.
Payload merge_payload(const Payload& old, const Payload& patch);
/// Merges `patch` into the object at `path`, making missing objects on the way.
Payload merge_payload_at(const Payload& old, const JsonPath& path, const Payload& patch);
/// Removes what the paths name.
Payload remove_from_payload(const Payload& old, std::span<const JsonPath> paths);

/// What of a payload an answer shows (spec data.md §3.4).
struct PayloadSelector {
    enum class Kind { kNone, kAll, kInclude, kExclude };
    Kind kind = Kind::kNone;
    std::vector<JsonPath> paths;

    static PayloadSelector none() { return {}; }
    static PayloadSelector all() { return {Kind::kAll, {}}; }
};
/// The selected part as JSON bytes. REQUIRES: kind is not kNone.
std::string select_payload(std::string_view payload_json, const PayloadSelector& selector);

}  // namespace qdrantd::model
