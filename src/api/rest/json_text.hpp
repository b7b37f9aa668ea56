// SPDX-License-Identifier: Apache-2.0
// JSON text appended to a string: numbers in the shortest form that reads back equal, whole floats
// with `.0` (spec data.md §1.1). Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace qdrantd::rest {

/// NaN and infinities, which JSON cannot say, become null.
void append_f32(std::string& out, float value);
void append_f64(std::string& out, double value);
void append_int(std::string& out, std::uint64_t value);
void append_int(std::string& out, std::int64_t value);
/// With the quotes. Bytes that are not UTF-8 become U+FFFD, so that the answer stays JSON.
void append_json_string(std::string& out, std::string_view text);

/// True when `text` is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);
/// Number of characters of well-formed UTF-8.
std::size_t utf8_characters(std::string_view text);

}  // namespace qdrantd::rest
