// SPDX-License-Identifier: Apache-2.0
// The inside of a segment, shared by the sources that implement it: writing (segment_write.cpp),
// opening (segment_open.cpp), checkpoints and background work (segment_upkeep.cpp), reading
// (segment_read.cpp, segment_search.cpp).
//
// Publication, in this order: payload indexes get the new slots; the directory lists them; ended
// slots are marked; the view is published. A reader takes a view first, so it finds every slot it
// may see in every index, and drops what is newer or ended by asking its view. What ended stays in
// indexes, directory and store until the oldest view is past its end; then it is purged with a
// later batch (stage_purge).
//
// Lock order: payload_build, then the locks inside the payload index and the directory.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <roaring/roaring.hh>

#include <qdrantd/common/guarded.hpp>
#include <qdrantd/engine/segment.hpp>
#include <qdrantd/index/payload_index.hpp>

#include "engine/payload_storage.hpp"
#include "engine/point_directory.hpp"
#include "engine/staging.hpp"
#include "engine/vector_field.hpp"

namespace qdrantd::engine {

struct Segment::Impl {
    explicit Impl(SegmentOptions given);

    /// Vector fields by manifest order, then those it lacks.
    void make_fields(const SegmentManifest& manifest);
    [[nodiscard]] VectorField* field(std::string_view name) const;

    // --- writing: segment_write.cpp ---
    struct NewPoint {
        const model::PointId* id;
        const model::NamedVectors* vectors;
        std::string payload;
    };
    /// Where the writer sees a point; no slot when there is none.
    [[nodiscard]] Slot current_slot(const model::PointId& id) const;
    /// The slot a new one of this point follows, dead or alive.
    [[nodiscard]] Slot last_slot(const model::PointId& id) const;
    [[nodiscard]] Result<std::string> current_payload(Slot slot) const;
    [[nodiscard]] Status check_vectors(const model::NamedVectors& vectors) const;
    [[nodiscard]] std::vector<std::string> names_of(Slot slot) const;
    Status reserve(Slot first, std::size_t count);
    void fill_slot(Slot slot, const model::PointId& id, const model::NamedVectors& vectors);
    Status stage_put(OpSeq seq, const PutPoints& put, store::WriteBatch& batch);
    Status stage_vectors(OpSeq seq, const PutVectors& put, store::WriteBatch& batch);
    Status stage_new(OpSeq seq, const std::vector<NewPoint>& points, store::WriteBatch& batch);
    Status stage_remove(OpSeq seq, const RemovePoints& remove, store::WriteBatch& batch);
    Status stage_patch(OpSeq seq, const PatchPayload& patch, store::WriteBatch& batch);
    Status stage_purge(std::size_t ending, store::WriteBatch& batch);

    // --- opening: segment_open.cpp ---
    Status prepare_folder();
    Status load_points();
    Status load_payloads();
    Status erase_leftovers();

    // --- reading: segment_read.cpp ---
    [[nodiscard]] model::NamedVectors vectors_at(Slot slot,
                                                 const model::VectorSelector& selector) const;
    [[nodiscard]] Result<std::vector<model::Record>> records(
        std::vector<Slot> slots, const model::PayloadSelector& payload,
        const model::VectorSelector& vectors) const;

    const SegmentOptions options;  // its config is that of the opening
    SlotColumns columns;
    PointDirectory directory{columns};
    mutable ViewTracker views;
    PayloadStorage payloads;
    index::PayloadIndex payload_index;
    std::vector<std::unique_ptr<VectorField>> fields;  // constant once open

    /// Held while payloads are read and indexed by a builder, and while a publication changes them.
    std::mutex payload_build;

    // Of the writer.
    Staging staging;
    std::deque<Staging::Ended> ended;  // published, not purged
    Guarded<Roaring> ended_slots;      // the same, for those who count
    // Of the opening.
    Slot loaded_slots = 0;  // one past the highest slot of a point in the store
    Slot replayed_slots = 0;
    OpSeq covered;
    bool replaying = false;

    std::mutex checkpointing;
};

}  // namespace qdrantd::engine
