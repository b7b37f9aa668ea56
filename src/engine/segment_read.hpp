// SPDX-License-Identifier: Apache-2.0
// Points in id order, for scrolling and for queries without a vector.
// Thread safety: free function. Errors: kTimeout, those of the store.
#pragma once

#include <optional>
#include <vector>

#include "engine/deadline_check.hpp"
#include "engine/point_filter.hpp"

namespace qdrantd::engine {

/// The first `limit` slots of ids from `from` on that `view` sees and `filter` (may be null)
/// accepts.
Result<std::vector<Slot>> slots_in_id_order(const Segment::Impl& segment, const ReadView& view,
                                            PointFilter* filter, std::optional<model::PointId> from,
                                            std::size_t limit, DeadlineCheck& deadline);

}  // namespace qdrantd::engine
