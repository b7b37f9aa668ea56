// SPDX-License-Identifier: Apache-2.0
// The slow path for bodies the fast parser refuses: says where and why. Thread safety: free
// functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace qdrantd::rest {

/// `expected value at line 1 column 5`, or nothing when the text is valid JSON within the depth.
std::optional<std::string> locate_json_error(std::string_view text, std::size_t max_depth);

/// Rewrites integers beyond 64 bits as floats (`e0` appended). False when there were none.
bool widen_integers(std::string& text);

}  // namespace qdrantd::rest
