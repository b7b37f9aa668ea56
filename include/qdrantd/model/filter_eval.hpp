// SPDX-License-Identifier: Apache-2.0
// Does a point satisfy a filter, judged by its payload alone: the reference that every index must
// agree with. How to use: one FilterEvaluator per filter and thread, then matches() for each point.
// Thread safety: none (it owns a parser and scratch); copies are cheap to make per thread.
// Ownership: borrows the filter, which must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include <qdrantd/model/filter.hpp>

namespace qdrantd::model {

/// What conditions may ask of a point besides its payload.
struct PointFacts {
    PointId id;
    std::string_view payload_json;  // a Payload's bytes
    /// Has the point the vector of that name? Never null.
    const std::function<bool(std::string_view name)>* has_vector = nullptr;
};

class FilterEvaluator {
  public:
    explicit FilterEvaluator(const Filter& filter);
    ~FilterEvaluator();
    FilterEvaluator(FilterEvaluator&&) noexcept;

    [[nodiscard]] bool matches(const PointFacts& point);
    /// False when no condition reads the payload; then payload_json may be empty.
    [[nodiscard]] bool needs_payload() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// SipHash-2-4 with a zero key of an id, the public contract of `slice` conditions (Aumasson and
/// Bernstein, 2012).
std::uint64_t slice_hash(const PointId& id);

}  // namespace qdrantd::model
