// SPDX-License-Identifier: Apache-2.0
// What a segment knows of every slot besides vectors and payload.
// Thread safety: one writer; readers look at slots published to them; `ended` and `version` may
// change under them and are read with load(). Invariants: a slot's id and predecessor never change
// once it is published; `ended` goes from 0 to a sequence number once.
#pragma once

#include <qdrantd/common/ids.hpp>
#include <qdrantd/model/point_id.hpp>

#include "engine/chunked_column.hpp"

namespace qdrantd::engine {

struct SlotColumns {
    ChunkedColumn<model::PointId> id;
    /// Sequence number of the operation that wrote the point last.
    ChunkedColumn<std::uint64_t> version;
    /// Sequence number of the operation that replaced or removed the point; 0 = it lives.
    ChunkedColumn<std::uint64_t> ended;
    /// The slot the point had before, or kNoSlot. Leads a reader with an old view back in time.
    ChunkedColumn<Slot> previous;

    void reserve(Slot slot) {
        id.reserve(slot);
        version.reserve(slot);
        ended.reserve(slot);
        previous.reserve(slot);
    }
    static constexpr std::size_t kBytesPerSlot =
        sizeof(model::PointId) + 2 * sizeof(std::uint64_t) + sizeof(Slot);
};

}  // namespace qdrantd::engine
