// SPDX-License-Identifier: Apache-2.0
#include "engine/point_filter.hpp"

namespace qdrantd::engine {

PointFilter::PointFilter(const Segment::Impl& segment, const ReadView& view,
                         const model::Filter& filter, Indexes indexes)
    : segment_(segment), view_(view), evaluator_(filter) {
    if (indexes == Indexes::kUse) {
        candidates_ = segment.payload_index.candidates(
            filter, [&](const model::PointId& id) { return segment.directory.slot_at(id, view); });
    }
    has_vector_ = [this](std::string_view name) {
        const auto* field = segment_.field(name);
        return field != nullptr && field->has(asked_);
    };
}

bool PointFilter::matches(Slot slot, std::string_view payload_json) {
    asked_ = slot;
    return evaluator_.matches({segment_.columns.id[slot], payload_json, &has_vector_});
}

Status PointFilter::keep_matching(std::vector<Slot>& slots) {
    if (settled() || slots.empty()) return {};
    std::vector<std::string> read;
    if (needs_payload()) {
        QD_ASSIGN(read, segment_.payloads.get_many(slots));
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (matches(slots[i], needs_payload() ? std::string_view(read[i]) : "{}")) {
            slots[kept++] = slots[i];
        }
    }
    slots.resize(kept);
    return {};
}

Status PointFilter::each_match(Slot end, DeadlineCheck& deadline,
                               const std::function<void(Slot)>& visit) {
    std::optional<PayloadCursor> cursor;
    const bool reads = !settled() && needs_payload();
    if (reads) cursor.emplace(segment_.payloads.cursor());
    const auto one = [&](Slot slot) -> Status {
        QD_TRY(deadline.step());
        if (!view_.sees(segment_.columns, slot)) return {};
        if (!settled()) {
            std::string_view json = "{}";
            if (reads) {
                QD_ASSIGN(json, cursor->at(slot));
            }
            if (!matches(slot, json)) return {};
        }
        visit(slot);
        return {};
    };
    if (!candidates_) {
        for (Slot slot = 0; slot < end; ++slot)
            QD_TRY(one(slot));
        return {};
    }
    for (const auto slot : candidates_->slots) {
        if (slot >= end) break;
        QD_TRY(one(slot));
    }
    return {};
}

}  // namespace qdrantd::engine
