// SPDX-License-Identifier: Apache-2.0
// Creating, opening and replaying. The store says which points there are and in which slots; the
// files and the replayed effects must have a row for each of them.
#include <algorithm>
#include <utility>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/log.hpp>
#include <qdrantd/store/file.hpp>

#include "engine/segment_impl.hpp"
#include "engine/store_keys.hpp"

namespace qdrantd::engine {
namespace {

Error disagree(const std::string& what) {
    return {ErrorCode::kChecksum, "segment and store disagree: " + what};
}

}  // namespace

Result<std::unique_ptr<Segment>> Segment::create(SegmentOptions options) {
    store::WriteBatch batch;
    erase_keys(options.number, batch);
    QD_TRY(options.store->write(batch, store::Sync::kNoSync));
    QD_TRY(store::remove_tree(options.folder));
    QD_TRY(store::make_folder(options.folder));
    SegmentManifest manifest;
    manifest.number = options.number;
    QD_ASSIGN(auto segment, open(std::move(options), manifest));
    QD_TRY(segment->finish_replay(OpSeq(0)));
    return segment;
}

Result<std::unique_ptr<Segment>> Segment::open(SegmentOptions options,
                                               const SegmentManifest& manifest) {
    if (manifest.number != options.number) {
        return Error{ErrorCode::kFormat, "the manifest is of another segment"};
    }
    QD_TRY(store::make_folder(options.folder));
    auto impl = std::make_unique<Impl>(std::move(options));
    impl->make_fields(manifest);
    for (const auto& field : impl->fields)
        QD_TRY(field->load(manifest));
    impl->covered = manifest.covered;
    impl->replayed_slots = manifest.slots;
    QD_TRY(impl->load_points());
    impl->replaying = true;
    std::unique_ptr<Segment> segment(new Segment(std::move(impl)));
    segment->release_files(manifest);
    return segment;
}

Status Segment::Impl::load_points() {
    const auto begin = segment_begin(options.number);
    const auto end = segment_end(options.number);
    const auto points = options.store->iterate(kPointsFamily, begin, end);
    // Every slot counts as dead unless a point is in it.
    const auto bury = [&](Slot until) -> Status {
        if (until <= loaded_slots) return {};
        QD_TRY(reserve(loaded_slots, until - loaded_slots));
        for (; loaded_slots < until; ++loaded_slots) {
            columns.ended[loaded_slots] = 1;
            columns.previous[loaded_slots] = kNoSlot;
        }
        return {};
    };
    QD_TRY(bury(replayed_slots));
    std::vector<Slot> live;
    for (points->seek(begin); points->valid(); points->next()) {
        QD_ASSIGN(const auto id, point_of_key(points->key()));
        QD_ASSIGN(const auto value, decode_point_value(points->value()));
        if (value.slot >= kNoSlot - 1) return disagree("a point has an impossible slot");
        QD_TRY(bury(value.slot + 1));
        if (columns.ended[value.slot] == 0) return disagree("two points share a slot");
        columns.id[value.slot] = id;
        columns.version[value.slot] = value.version;
        columns.ended[value.slot] = 0;
        for (const auto& name : value.vectors) {
            auto* known = field(name);
            if (known == nullptr)
                return disagree("point " + id.to_string() + " has an unknown vector");
            known->set_present(value.slot, true);
            known->count_live(1);
        }
        live.push_back(value.slot);
    }
    QD_TRY(points->status());
    directory.change(live, {});
    staging.live = live.size();
    return {};
}

Status Segment::replay(OpSeq seq, const Effect& effect) {
    auto& impl = *impl_;
    QD_ASSERT(impl.replaying);
    if (seq <= impl.covered) return {};
    const auto count = slots_taken(effect);
    if (count == 0) return {};
    QD_TRY(impl.reserve(impl.replayed_slots, count));
    const auto enter = [&](const model::PointId& id, const model::NamedVectors& vectors) -> Status {
        QD_TRY(impl.check_vectors(vectors));
        const auto slot = impl.replayed_slots++;
        const bool known = slot < impl.loaded_slots;
        if (!known) {
            impl.loaded_slots = slot + 1;
            impl.columns.ended[slot] = 1;
            impl.columns.previous[slot] = kNoSlot;
        }
        if (impl.columns.ended[slot] == 0) {
            if (!(impl.columns.id[slot] == id)) {
                return disagree("slot " + std::to_string(slot) + " holds another point");
            }
            if (impl.names_of(slot).size() != vectors.size()) {
                return disagree("point " + id.to_string() + " has other vectors");
            }
        }
        impl.fill_slot(slot, id, vectors);
        return {};
    };
    if (const auto* put = std::get_if<PutPoints>(&effect)) {
        for (const auto& point : put->points)
            QD_TRY(enter(point.id, point.vectors));
    } else if (const auto* vectors = std::get_if<PutVectors>(&effect)) {
        for (const auto& point : vectors->points)
            QD_TRY(enter(point.id, point.vectors));
    }
    return {};
}

Status Segment::finish_replay(OpSeq applied) {
    auto& impl = *impl_;
    QD_ASSERT(impl.replaying);
    if (applied < impl.covered) return disagree("the files are ahead of the store");
    if (impl.loaded_slots > impl.replayed_slots) {
        return disagree("the log does not reach the last slot");
    }
    QD_TRY(impl.load_payloads());
    QD_TRY(impl.erase_leftovers());
    impl.replaying = false;
    const auto live = impl.staging.live;
    impl.staging.restart(impl.replayed_slots, live);
    impl.views.publish({applied, impl.replayed_slots, live});
    return {};
}

Status Segment::Impl::load_payloads() {
    for (const auto& [path, schema] : options.schema)
        payload_index.add_field(path, schema);
    auto cursor = payloads.cursor();
    for (Slot slot = 0; slot < replayed_slots; ++slot) {
        if (columns.ended[slot] != 0) continue;
        // Without a field to index, the index only has to know which slots there are.
        std::string_view json = "{}";
        if (!options.schema.empty()) {
            QD_ASSIGN(json, cursor.at(slot));
        }
        payload_index.put(slot, json);
    }
    for (const auto& [path, schema] : options.schema)
        payload_index.mark_ready(path);
    return {};
}

Status Segment::Impl::erase_leftovers() {
    const auto begin = segment_begin(options.number);
    const auto slots = options.store->iterate(kSlotsFamily, begin, segment_end(options.number));
    store::WriteBatch batch;
    std::uint64_t live = 0;
    for (slots->seek(begin); slots->valid(); slots->next()) {
        QD_ASSIGN(const auto slot, slot_of_key(slots->key()));
        if (slot < replayed_slots && columns.ended[slot] == 0) {
            auto key = slots->value();
            QD_ASSIGN(const auto id, model::PointId::take_key(key));
            if (!(id == columns.id[slot])) return disagree("slots and points");
            ++live;
            continue;
        }
        payloads.erase(slot, batch);
        batch.erase(kSlotsFamily, slots->key());
    }
    QD_TRY(slots->status());
    if (live != staging.live) return disagree("slots and points");
    if (batch.count() == 0) return {};
    // Only a clean-up: a store that cannot write now will say so to the next operation.
    if (const auto written = options.store->write(batch, store::Sync::kNoSync); !written.ok()) {
        log_warn("engine", "leftovers_kept", "segment={} reason=\"{}\"", options.number,
                 describe(written.error()));
    }
    return {};
}

}  // namespace qdrantd::engine
