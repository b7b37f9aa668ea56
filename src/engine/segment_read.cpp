// SPDX-License-Identifier: Apache-2.0
// Reads that need no vectors: retrieve, scroll, count, and what the writer asks.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "engine/deadline_check.hpp"
#include "engine/point_filter.hpp"
#include "engine/segment_read.hpp"

namespace qdrantd::engine {
namespace {

constexpr std::size_t kSlotsPerTurn = 256;

/// Does sorting the candidates cost less than walking over all points in id order until `limit` of
/// them are found? Walking meets one match in live/candidates points; sorting touches every
/// candidate, a few times as dearly.
bool sorts_candidates(std::uint64_t candidates, std::uint64_t live, std::uint64_t limit) {
    constexpr double kSortCost = 6;
    const auto c = static_cast<double>(candidates);
    return static_cast<double>(limit) * static_cast<double>(live) >= kSortCost * c * c;
}

/// Takes slots off the front of `slots`, checks them, and appends matches until there are `limit`.
Status take_matching(PointFilter& filter, std::span<const Slot> slots, std::size_t limit,
                     DeadlineCheck& deadline, std::vector<Slot>& out) {
    for (std::size_t at = 0; at < slots.size() && out.size() < limit;) {
        const auto n = std::min(kSlotsPerTurn, slots.size() - at);
        std::vector<Slot> part(slots.begin() + static_cast<std::ptrdiff_t>(at),
                               slots.begin() + static_cast<std::ptrdiff_t>(at + n));
        QD_TRY(filter.keep_matching(part));
        out.insert(out.end(), part.begin(), part.end());
        at += n;
        QD_TRY(deadline.step(n * 4));
    }
    if (out.size() > limit) out.resize(limit);
    return {};
}

}  // namespace

Result<std::vector<Slot>> slots_in_id_order(const Segment::Impl& segment, const ReadView& view,
                                            PointFilter* filter, std::optional<model::PointId> from,
                                            std::size_t limit, DeadlineCheck& deadline) {
    std::vector<Slot> out;
    const auto& columns = segment.columns;
    if (filter != nullptr && filter->candidates() &&
        sorts_candidates(filter->candidates()->slots.cardinality(), view.live(), limit)) {
        std::vector<Slot> found;
        for (const auto slot : filter->candidates()->slots) {
            QD_TRY(deadline.step());
            if (view.sees(columns, slot) && (!from || columns.id[slot] >= *from)) {
                found.push_back(slot);
            }
        }
        std::sort(found.begin(), found.end(),
                  [&](Slot a, Slot b) { return columns.id[a] < columns.id[b]; });
        QD_TRY(take_matching(*filter, found, limit, deadline, out));
        return out;
    }
    std::vector<Slot> turn;
    auto at = from;
    bool exclusive = false;
    while (out.size() < limit) {
        turn.clear();
        const auto n =
            filter == nullptr ? std::min(kSlotsPerTurn, limit - out.size()) : kSlotsPerTurn;
        if (!segment.directory.next_slots(view, at, exclusive, n, turn)) break;
        exclusive = true;
        QD_TRY(deadline.step(kSlotsPerTurn));
        if (filter == nullptr) {
            out.insert(out.end(), turn.begin(), turn.end());
            continue;
        }
        std::erase_if(turn, [&](Slot slot) { return !filter->may_match(slot); });
        QD_TRY(take_matching(*filter, turn, limit, deadline, out));
    }
    return out;
}

model::NamedVectors Segment::Impl::vectors_at(Slot slot,
                                              const model::VectorSelector& selector) const {
    model::NamedVectors out;
    for (const auto& known : fields) {
        if (!known->has(slot)) continue;
        if (selector.kind == model::VectorSelector::Kind::kNames &&
            std::find(selector.names.begin(), selector.names.end(), known->name()) ==
                selector.names.end()) {
            continue;
        }
        out.push_back({known->name(), known->vector(slot)});
    }
    return out;
}

Result<std::vector<model::Record>> Segment::Impl::records(
    std::vector<Slot> slots, const model::PayloadSelector& payload,
    const model::VectorSelector& vectors) const {
    std::vector<model::Record> out(slots.size());
    const bool with_payload = payload.kind != model::PayloadSelector::Kind::kNone;
    std::vector<std::string> read;
    if (with_payload) {
        QD_ASSIGN(read, payloads.get_many(slots));
    }
    for (std::size_t i = 0; i < slots.size(); ++i) {
        out[i].id = columns.id[slots[i]];
        if (payload.kind == model::PayloadSelector::Kind::kAll) {
            out[i].payload_json = std::move(read[i]);
        } else if (with_payload) {
            out[i].payload_json = model::select_payload(read[i], payload);
        }
        if (vectors.kind != model::VectorSelector::Kind::kNone) {
            out[i].vectors = vectors_at(slots[i], vectors);
        }
    }
    return out;
}

Result<std::vector<model::Record>> Segment::retrieve(const model::RetrieveRequest& request) const {
    const auto& impl = *impl_;
    const auto view = impl.views.take();
    std::vector<Slot> slots;
    std::unordered_set<Slot> seen;
    for (const auto& id : request.ids) {
        const auto slot = impl.directory.slot_at(id, view);
        if (slot != kNoSlot && seen.insert(slot).second) slots.push_back(slot);
    }
    return impl.records(std::move(slots), request.with_payload, request.with_vector);
}

Result<model::ScrollPage> Segment::scroll(const model::ScrollRequest& request,
                                          Deadline deadline) const {
    const auto& impl = *impl_;
    if (request.order_by) {
        return Error{ErrorCode::kUnsupported, "order_by is not served by this build"};
    }
    const auto view = impl.views.take();
    DeadlineCheck check(deadline, "Scroll");
    std::optional<PointFilter> filter;
    if (request.filter && !request.filter->empty()) filter.emplace(impl, view, *request.filter);
    const auto limit = std::min<std::uint64_t>(request.limit, view.live());
    // One more tells where the next page begins.
    QD_ASSIGN(auto slots, slots_in_id_order(impl, view, filter ? &*filter : nullptr, request.offset,
                                            limit + 1, check));
    model::ScrollPage page;
    if (slots.size() > limit) {
        page.next_offset = impl.columns.id[slots.back()];
        slots.pop_back();
    }
    QD_ASSIGN(page.points,
              impl.records(std::move(slots), request.with_payload, request.with_vector));
    return page;
}

Result<std::uint64_t> Segment::count(const model::CountRequest& request, Deadline deadline) const {
    const auto& impl = *impl_;
    const auto view = impl.views.take();
    if (!request.filter || request.filter->empty()) return view.live();
    if (!request.exact) return impl.payload_index.estimate(*request.filter, view.live()).expected;
    PointFilter filter(impl, view, *request.filter);
    DeadlineCheck check(deadline, "Count");
    std::uint64_t count = 0;
    QD_TRY(filter.each_match(view.slots(), check, [&](Slot) { ++count; }));
    return count;
}

Result<std::vector<model::PointId>> Segment::matching_ids(const model::Filter& filter) const {
    const auto& impl = *impl_;
    const auto view = impl.views.take();
    PointFilter points(impl, view, filter);
    std::vector<model::PointId> ids;
    DeadlineCheck check(Deadline::never(), "Filter");
    QD_TRY(points.each_match(view.slots(), check,
                             [&](Slot slot) { ids.push_back(impl.columns.id[slot]); }));
    std::sort(ids.begin(), ids.end());
    return ids;
}

Result<bool> Segment::matches(const model::PointId& id, const model::Filter& filter) const {
    const auto& impl = *impl_;
    const auto slot = impl.current_slot(id);
    if (slot == kNoSlot) {
        return Error{ErrorCode::kNotFound, "No point with id " + id.to_string() + " found"};
    }
    const auto view = impl.views.take();
    // One payload is read faster than the indexes are joined.
    PointFilter points(impl, view, filter, PointFilter::Indexes::kIgnore);
    std::vector<Slot> slots{slot};
    QD_TRY(points.keep_matching(slots));
    return !slots.empty();
}

}  // namespace qdrantd::engine
