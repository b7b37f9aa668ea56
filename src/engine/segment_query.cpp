// SPDX-License-Identifier: Apache-2.0
// Queries: hits of a search, or points in id order, as the caller wants them shown.
#include <algorithm>
#include <utility>

#include "engine/segment_read.hpp"
#include "engine/segment_search.hpp"

namespace qdrantd::engine {
namespace {

Result<const model::DenseVector*> query_vector(const model::NearestQuery& nearest,
                                               const VectorField* field, const std::string& name) {
    if (field == nullptr) {
        return Error{ErrorCode::kBadInput, "Not existing vector name error: " + name};
    }
    const auto* value = std::get_if<model::VectorValue>(&nearest.target);
    if (value == nullptr) {
        return Error{ErrorCode::kInternal, "a query by id reached the segment unresolved"};
    }
    if (std::holds_alternative<model::SparseVector>(*value)) {
        return Error{ErrorCode::kBadInput, "Conversion between sparse and regular vectors failed"};
    }
    if (std::holds_alternative<model::MultiVector>(*value)) {
        return Error{ErrorCode::kBadInput, "Conversion between multi and regular vectors failed"};
    }
    const auto& dense = std::get<model::DenseVector>(*value);
    if (dense.size() != field->dimension()) {
        return Error{ErrorCode::kBadInput,
                     "Vector dimension error: expected dim: " + std::to_string(field->dimension()) +
                         ", got " + std::to_string(dense.size())};
    }
    return &dense;
}

Result<std::vector<model::ScoredPoint>> shown(const Segment::Impl& segment,
                                              const model::QueryRequest& request,
                                              std::vector<Slot> slots) {
    QD_ASSIGN(auto records, segment.records(slots, request.with_payload, request.with_vector));
    std::vector<model::ScoredPoint> out(records.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].id = records[i].id;
        out[i].payload_json = std::move(records[i].payload_json);
        out[i].vectors = std::move(records[i].vectors);
    }
    return out;
}

}  // namespace

Result<std::vector<model::ScoredPoint>> Segment::query(const model::QueryRequest& request,
                                                       Deadline deadline) const {
    const auto& impl = *impl_;
    const auto view = impl.views.take();
    if (!request.nearest) {
        DeadlineCheck check(deadline, "Query");
        std::optional<PointFilter> filter;
        if (request.filter && !request.filter->empty()) filter.emplace(impl, view, *request.filter);
        const auto limit = std::min<std::uint64_t>(request.limit, view.live());
        QD_ASSIGN(auto slots, slots_in_id_order(impl, view, filter ? &*filter : nullptr,
                                                std::nullopt, limit, check));
        QD_ASSIGN(auto points, shown(impl, request, std::move(slots)));
        for (auto& point : points)
            point.score = 1.0F;
        return points;
    }
    const auto* field = impl.field(request.using_vector);
    QD_ASSIGN(const auto* query, query_vector(*request.nearest, field, request.using_vector));
    SegmentSearch search(impl, view, request, *field, *query, deadline);
    QD_ASSIGN(const auto hits, search.run());
    std::vector<Slot> slots;
    slots.reserve(hits.size());
    for (const auto& hit : hits)
        slots.push_back(hit.slot);
    QD_ASSIGN(auto points, shown(impl, request, std::move(slots)));
    for (std::size_t i = 0; i < points.size(); ++i) {
        points[i].score = vec::score_from_raw(field->distance(), hits[i].raw);
        points[i].version = impl.columns.version.load(hits[i].slot);
    }
    return points;
}

}  // namespace qdrantd::engine
