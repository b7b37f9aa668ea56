// SPDX-License-Identifier: Apache-2.0
// Staging and publishing. An effect is staged in two parts: what can fail (checks, reads, memory)
// comes first and changes nothing that counts; then everything is entered at once.
#include <algorithm>
#include <limits>
#include <utility>

#include <qdrantd/common/assert.hpp>

#include "engine/segment_impl.hpp"
#include "engine/store_keys.hpp"

namespace qdrantd::engine {
namespace {

Error missing(const model::PointId& id) {
    return {ErrorCode::kInternal,
            "an effect changes point " + id.to_string() + ", which is not there"};
}

/// Ended slots purged with one operation; more when it may end more itself.
constexpr std::size_t kPurgedPerStage = 64;

}  // namespace

Slot Segment::Impl::last_slot(const model::PointId& id) const {
    const auto staged = staging.places.find(id);
    return staged != staging.places.end() ? staged->second.slot : directory.latest(id);
}

Slot Segment::Impl::current_slot(const model::PointId& id) const {
    const auto staged = staging.places.find(id);
    if (staged != staging.places.end()) {
        return staged->second.removed ? kNoSlot : staged->second.slot;
    }
    const auto slot = directory.latest(id);
    return slot != kNoSlot && columns.ended.load(slot) == 0 ? slot : kNoSlot;
}

Result<std::string> Segment::Impl::current_payload(Slot slot) const {
    const auto staged = staging.payloads.find(slot);
    if (staged != staging.payloads.end()) return staged->second.now;
    return payloads.get(slot);
}

Status Segment::Impl::check_vectors(const model::NamedVectors& vectors) const {
    for (const auto& vector : vectors) {
        const auto* known = field(vector.name);
        const auto* dense = std::get_if<model::DenseVector>(&vector.value);
        if (known == nullptr || dense == nullptr || dense->size() != known->dimension()) {
            return Error{ErrorCode::kInternal,
                         "an effect has a vector '" + vector.name + "' that does not fit"};
        }
    }
    return {};
}

std::vector<std::string> Segment::Impl::names_of(Slot slot) const {
    std::vector<std::string> names;
    for (const auto& known : fields) {
        if (known->has(slot)) names.push_back(known->name());
    }
    return names;
}

Status Segment::Impl::reserve(Slot first, std::size_t count) {
    if (count > kNoSlot - 2 - first) {
        return Error{ErrorCode::kInsufficientStorage, "the segment has no slots left"};
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto slot = first + static_cast<Slot>(i);
        columns.reserve(slot);
        for (const auto& known : fields)
            QD_TRY(known->reserve(slot));
    }
    return {};
}

void Segment::Impl::fill_slot(Slot slot, const model::PointId& id,
                              const model::NamedVectors& vectors) {
    columns.id[slot] = id;
    for (const auto& known : fields) {
        const auto* value = model::find_vector(vectors, known->name());
        const auto* dense = value == nullptr ? nullptr : std::get_if<model::DenseVector>(value);
        known->put(slot, dense == nullptr ? std::span<const float>() : std::span(*dense));
    }
}

Status Segment::stage(OpSeq seq, const Effect& effect, store::WriteBatch& batch) {
    auto& impl = *impl_;
    QD_ASSERT(!impl.replaying);
    if (const auto* put = std::get_if<PutPoints>(&effect)) {
        QD_TRY(impl.stage_put(seq, *put, batch));
    } else if (const auto* vectors = std::get_if<PutVectors>(&effect)) {
        QD_TRY(impl.stage_vectors(seq, *vectors, batch));
    } else if (const auto* remove = std::get_if<RemovePoints>(&effect)) {
        QD_TRY(impl.stage_remove(seq, *remove, batch));
    } else if (const auto* patch = std::get_if<PatchPayload>(&effect)) {
        QD_TRY(impl.stage_patch(seq, *patch, batch));
    }
    return {};
}

Status Segment::Impl::stage_put(OpSeq seq, const PutPoints& put, store::WriteBatch& batch) {
    std::vector<NewPoint> points;
    points.reserve(put.points.size());
    for (const auto& point : put.points) {
        points.push_back({&point.id, &point.vectors, point.payload.json()});
    }
    return stage_new(seq, points, batch);
}

Status Segment::Impl::stage_vectors(OpSeq seq, const PutVectors& put, store::WriteBatch& batch) {
    std::vector<NewPoint> points;
    points.reserve(put.points.size());
    for (const auto& point : put.points) {
        const auto slot = current_slot(point.id);
        if (slot == kNoSlot) return missing(point.id);
        QD_ASSIGN(auto payload, current_payload(slot));
        points.push_back({&point.id, &point.vectors, std::move(payload)});
    }
    return stage_new(seq, points, batch);
}

Status Segment::Impl::stage_new(OpSeq seq, const std::vector<NewPoint>& points,
                                store::WriteBatch& batch) {
    for (const auto& point : points)
        QD_TRY(check_vectors(*point.vectors));
    QD_TRY(reserve(staging.next_slot, points.size()));
    QD_TRY(stage_purge(points.size(), batch));

    for (const auto& point : points) {
        const auto slot = staging.next_slot++;
        const auto before = last_slot(*point.id);
        if (const auto replaced = current_slot(*point.id); replaced != kNoSlot) {
            staging.ended.push_back({replaced, seq.value});
        } else {
            ++staging.live;
        }
        columns.version.store(slot, seq.value);
        columns.ended.store(slot, 0);
        columns.previous[slot] = before;
        fill_slot(slot, *point.id, *point.vectors);

        std::string id_key;
        point.id->append_key(id_key);
        batch.put(kPointsFamily, point_key(options.number, *point.id),
                  encode_point_value({slot, seq.value, names_of(slot)}));
        batch.put(kSlotsFamily, slot_key(options.number, slot), id_key);
        payloads.put(slot, point.payload, batch);
        staging.places[*point.id] = {slot, false};
        staging.payloads[slot] = {true, {}, point.payload};
    }
    return {};
}

Status Segment::Impl::stage_remove(OpSeq seq, const RemovePoints& remove,
                                   store::WriteBatch& batch) {
    QD_TRY(stage_purge(remove.ids.size(), batch));
    for (const auto& id : remove.ids) {
        const auto slot = current_slot(id);
        if (slot == kNoSlot) continue;
        staging.ended.push_back({slot, seq.value});
        staging.places[id] = {slot, true};
        --staging.live;
        batch.erase(kPointsFamily, point_key(options.number, id));
    }
    return {};
}

Status Segment::Impl::stage_patch(OpSeq seq, const PatchPayload& patch, store::WriteBatch& batch) {
    struct Change {
        Slot slot;
        std::string before;
        model::Payload now;
    };
    std::vector<Change> changes;
    changes.reserve(patch.ids.size());
    for (const auto& id : patch.ids) {
        const auto slot = current_slot(id);
        if (slot == kNoSlot) return missing(id);
        QD_ASSIGN(auto json, current_payload(slot));
        const auto old = model::Payload::trusted(std::move(json));
        model::Payload now;
        switch (patch.kind) {
            case PatchPayload::Kind::kMerge:
                now = merge_payload(old, patch.payload);
                break;
            case PatchPayload::Kind::kMergeAt:
                QD_ASSERT(patch.keys.size() == 1);
                now = merge_payload_at(old, patch.keys.front(), patch.payload);
                break;
            case PatchPayload::Kind::kOverwrite:
                now = patch.payload;
                break;
            case PatchPayload::Kind::kRemoveKeys:
                now = remove_from_payload(old, patch.keys);
                break;
            case PatchPayload::Kind::kClear:
                break;
        }
        changes.push_back({slot, old.json(), std::move(now)});
    }
    QD_TRY(stage_purge(0, batch));

    for (auto& change : changes) {
        payloads.put(change.slot, change.now.json(), batch);
        batch.put(kPointsFamily, point_key(options.number, columns.id[change.slot]),
                  encode_point_value({change.slot, seq.value, names_of(change.slot)}));
        staging.versions[change.slot] = seq.value;
        const auto [staged, is_first] = staging.payloads.try_emplace(change.slot);
        if (is_first) staged->second.published = std::move(change.before);
        staged->second.now = change.now.json();
    }
    return {};
}

Status Segment::Impl::stage_purge(std::size_t ending, store::WriteBatch& batch) {
    const auto oldest = views.oldest().value;
    const auto most = std::max(kPurgedPerStage, 2 * ending);
    std::vector<Slot> slots;
    while (slots.size() < most && slots.size() < ended.size() &&
           ended[slots.size()].seq <= oldest) {
        slots.push_back(ended[slots.size()].slot);
    }
    if (slots.empty()) return {};
    QD_ASSIGN(auto old, payloads.get_many(slots));
    for (std::size_t i = 0; i < slots.size(); ++i) {
        payloads.erase(slots[i], batch);
        batch.erase(kSlotsFamily, slot_key(options.number, slots[i]));
        staging.purged.push_back({slots[i], std::move(old[i])});
        ended.pop_front();
    }
    return {};
}

void Segment::publish(OpSeq applied) {
    auto& impl = *impl_;
    auto& staging = impl.staging;
    const auto before = impl.views.current().slots;
    std::vector<Slot> added;
    std::vector<Slot> dropped;
    // Up to the end: who begins to build an index either gets the new slots from here, or sees them
    // in the view it takes.
    const std::lock_guard lock(impl.payload_build);
    for (const auto& [slot, change] : staging.payloads) {
        if (change.new_slot) {
            impl.payload_index.put(slot, change.now);
        } else {
            impl.payload_index.replace(slot, change.published, change.now);
        }
    }
    for (const auto& gone : staging.purged) {
        impl.payload_index.remove(gone.slot, gone.payload);
        dropped.push_back(gone.slot);
    }
    for (const auto& [id, place] : staging.places) {
        if (place.slot >= before) added.push_back(place.slot);
    }
    impl.directory.change(added, dropped);
    for (const auto& [slot, version] : staging.versions)
        impl.columns.version.store(slot, version);

    for (const auto& known : impl.fields) {
        std::int64_t change = 0;
        for (auto slot = before; slot < staging.next_slot; ++slot)
            change += known->has(slot);
        for (const auto& gone : staging.ended)
            change -= known->has(gone.slot);
        known->count_live(change);
    }
    if (!staging.ended.empty() || !staging.purged.empty()) {
        const auto ended_slots = impl.ended_slots.lock();
        for (const auto& gone : staging.ended)
            ended_slots->add(gone.slot);
        for (const auto& gone : staging.purged)
            ended_slots->remove(gone.slot);
    }
    for (const auto& gone : staging.ended) {
        impl.columns.ended.store(gone.slot, gone.seq);
        impl.ended.push_back(gone);
    }
    impl.views.publish({applied, staging.next_slot, staging.live});
    staging.restart(staging.next_slot, staging.live);
}

void Segment::discard() {
    auto& impl = *impl_;
    for (auto gone = impl.staging.purged.rbegin(); gone != impl.staging.purged.rend(); ++gone) {
        impl.ended.push_front({gone->slot, impl.columns.ended.load(gone->slot)});
    }
    const auto now = impl.views.current();
    impl.staging.restart(now.slots, now.live);
}

bool Segment::exists(const model::PointId& id) const { return impl_->current_slot(id) != kNoSlot; }

Result<model::Payload> Segment::payload_of(const model::PointId& id) const {
    const auto slot = impl_->current_slot(id);
    if (slot == kNoSlot) {
        return Error{ErrorCode::kNotFound, "No point with id " + id.to_string() + " found"};
    }
    QD_ASSIGN(auto json, impl_->current_payload(slot));
    return model::Payload::trusted(std::move(json));
}

Result<model::NamedVectors> Segment::vectors_of(const model::PointId& id) const {
    const auto slot = impl_->current_slot(id);
    if (slot == kNoSlot) {
        return Error{ErrorCode::kNotFound, "No point with id " + id.to_string() + " found"};
    }
    return impl_->vectors_at(slot, model::VectorSelector::all());
}

}  // namespace qdrantd::engine
