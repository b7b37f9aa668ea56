// SPDX-License-Identifier: Apache-2.0
// Turns an update as a client asks for it into effects: filters, conditions and selectors are
// answered from the shard's state, vectors are normalised and made complete (spec data.md §3.2,
// §3.7, §3.8). The primary does it once; what is logged and replayed is the effect. How to use:
// where needs_published_state() is true, everything staged must be published first; then resolve().
// Thread safety: one thread, the shard's writer. Ownership: borrows state and parameters for the
// call. Errors: resolve() fails with what reading the state gives; a mistake of the request is
// Resolved::mistake, beside the effects of what came before it.
#pragma once

#include <optional>
#include <vector>

#include <qdrantd/common/result.hpp>
#include <qdrantd/engine/effect.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::shard {

/// What resolving asks of the points; staged operations count, except for filters.
class PointsState {
  public:
    virtual ~PointsState() = default;
    [[nodiscard]] virtual bool exists(const model::PointId& id) const = 0;
    /// REQUIRES: the point exists.
    [[nodiscard]] virtual Result<model::NamedVectors> vectors_of(
        const model::PointId& id) const = 0;
    /// REQUIRES: nothing is staged.
    [[nodiscard]] virtual Result<std::vector<model::PointId>> matching_ids(
        const model::Filter& filter) const = 0;
    /// REQUIRES: nothing is staged, the point exists.
    [[nodiscard]] virtual Result<bool> matches(const model::PointId& id,
                                               const model::Filter& filter) const = 0;
};

struct Resolved {
    /// In order, at least one; more where one would be too large for a record. Ids in one are
    /// unique.
    std::vector<engine::Effect> effects;
    /// Told to the client after the effects were applied.
    std::optional<Error> mistake;
};

/// Does the operation ask for a filter to be answered?
bool needs_published_state(const model::UpdateOperation& operation);

Result<Resolved> resolve(model::UpdateOperation operation, const model::CollectionParams& params,
                         const PointsState& state);

}  // namespace qdrantd::shard
