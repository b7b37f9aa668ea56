// SPDX-License-Identifier: Apache-2.0
// Dates and times as text, in every form that payloads and filters may use (spec data.md §4.4).
// Thread safety: pure functions. Units: microseconds since 1970-01-01T00:00:00 UTC; what is finer
// is cut off. Errors: parse_filter_datetime gives kFormat with the sentence that clients know.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <qdrantd/common/result.hpp>

namespace qdrantd::model {

/// Nothing when the text is in none of the forms, or names a day that does not exist. A leap second
/// (`:60`) is the first instant of the next minute.
std::optional<std::int64_t> parse_datetime(std::string_view text);

/// As above, for text a client sent in a request.
Result<std::int64_t> parse_filter_datetime(std::string_view text);

}  // namespace qdrantd::model
