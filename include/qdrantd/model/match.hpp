// SPDX-License-Identifier: Apache-2.0
// What single values satisfy a clause of a field condition (spec data.md §5.3, §5.4). The one place
// that says it, for the evaluation of payloads and for indexes. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include <qdrantd/model/filter.hpp>

namespace qdrantd::model {

/// Is `value` inside all the bounds that are given? Number is double, int64 or uint64.
template <typename Bounds, typename Number>
bool within(const Bounds& bounds, Number value) {
    return (!bounds.gt || value > *bounds.gt) && (!bounds.gte || value >= *bounds.gte) &&
           (!bounds.lt || value < *bounds.lt) && (!bounds.lte || value <= *bounds.lte);
}

/// Substrings, words and prefixes, case-sensitive, as for a field without a text index.
bool text_matches(const MatchText& match, std::string_view value);

}  // namespace qdrantd::model
