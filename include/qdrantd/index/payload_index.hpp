// SPDX-License-Identifier: Apache-2.0
// The payload field indexes of one segment: which slots can satisfy a filter, and about how many.
// An indexed field gives the same answers as reading the payloads (model/filter_eval.hpp is the
// reference). How to use: the writer calls put()/remove() as payloads change; readers call
// candidates(). Thread safety: all methods (one internal reader-writer lock, never held across
// I/O).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include <roaring/roaring.hh>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/model/filter.hpp>

namespace qdrantd::index {

/// Slots that may match a filter.
struct Candidates {
    Roaring slots;
    /// True: exactly the matching slots (dead ones included). False: a superset; check each with a
    /// FilterEvaluator.
    bool exact = false;
};

/// Number of matching slots among the ones indexed (spec search.md §7.2).
struct CardinalityEstimate {
    std::uint64_t min = 0;
    std::uint64_t expected = 0;
    std::uint64_t max = 0;
};

class PayloadIndex {
  public:
    PayloadIndex();
    ~PayloadIndex();

    /// Starts an empty index of `path`; the caller then put()s existing payloads with put_field.
    /// Replaces an index of another schema.
    void add_field(const model::JsonPath& path, const model::FieldSchema& schema);
    void remove_field(const model::JsonPath& path);
    [[nodiscard]] bool has_field(const model::JsonPath& path) const;
    /// A field answers no query before this: its building has seen every live slot.
    void mark_ready(const model::JsonPath& path);

    /// Indexes the payload of a new slot in all fields.
    void put(Slot slot, std::string_view payload_json);
    /// Forgets `slot`, whose payload was `payload_json`.
    void remove(Slot slot, std::string_view payload_json);
    /// As remove(old) and put(now), in one step for readers: a slot that matches before and after
    /// is never missed.
    void replace(Slot slot, std::string_view old_json, std::string_view new_json);
    /// As put, for one field that is being built. Idempotent.
    void put_field(const model::JsonPath& path, Slot slot, std::string_view payload_json);

    /// A set for the part of the filter that the ready fields can serve; nullopt when they cannot
    /// narrow it at all. `id_to_slot` resolves has_id conditions (kNoSlot when unknown).
    [[nodiscard]] std::optional<Candidates> candidates(
        const model::Filter& filter,
        const std::function<Slot(const model::PointId&)>& id_to_slot) const;
    /// Estimate for `filter` over `total` live slots; unindexed conditions count as (0, total/2,
    /// total).
    [[nodiscard]] CardinalityEstimate estimate(const model::Filter& filter,
                                               std::uint64_t total) const;

    /// Slots outside `ended` with at least one indexed value, by path.
    [[nodiscard]] std::map<model::JsonPath, std::uint64_t> points_indexed(
        const Roaring& ended = {}) const;
    [[nodiscard]] std::size_t bytes() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace qdrantd::index
