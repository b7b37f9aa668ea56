// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/collection/query_merge.hpp>

#include <unordered_map>

namespace qdrantd::collection {

namespace {

bool comes_before(const model::ScoredPoint& a, const model::ScoredPoint& b, HitOrder order) {
    switch (order) {
        case HitOrder::kScoreDescending:
            return a.score != b.score ? a.score > b.score : a.id > b.id;
        case HitOrder::kScoreAscending:
            return a.score != b.score ? a.score < b.score : a.id < b.id;
        case HitOrder::kIdAscending:
            break;
    }
    return a.id < b.id;
}

/// Keeps the newest version of each point.
void drop_older_versions(std::vector<model::ScoredPoint>& hits) {
    std::unordered_map<model::PointId, std::uint64_t> newest;
    newest.reserve(hits.size());
    bool repeated = false;
    for (const auto& hit : hits) {
        const auto [found, fresh] = newest.try_emplace(hit.id, hit.version);
        if (!fresh) {
            repeated = true;
            found->second = std::max(found->second, hit.version);
        }
    }
    if (!repeated) return;
    std::erase_if(hits, [&](const model::ScoredPoint& hit) {
        const auto found = newest.find(hit.id);
        if (found == newest.end() || found->second != hit.version) return true;
        newest.erase(found);
        return false;
    });
}

}  // namespace

std::vector<model::ScoredPoint> merge_hits(std::vector<std::vector<model::ScoredPoint>> parts,
                                           HitOrder order, std::uint64_t offset,
                                           std::uint64_t limit) {
    std::vector<model::ScoredPoint> hits;
    if (parts.size() == 1) {
        hits = std::move(parts.front());
    } else {
        std::size_t total = 0;
        for (const auto& part : parts)
            total += part.size();
        hits.reserve(total);
        for (auto& part : parts)
            std::move(part.begin(), part.end(), std::back_inserter(hits));
        drop_older_versions(hits);
        std::sort(hits.begin(), hits.end(),
                  [order](const auto& a, const auto& b) { return comes_before(a, b, order); });
    }
    if (offset >= hits.size()) return {};
    hits.erase(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(offset));
    if (hits.size() > limit) hits.resize(limit);
    return hits;
}

model::ScrollPage merge_pages(std::vector<model::ScrollPage> pages, std::uint64_t limit) {
    model::ScrollPage merged;
    const auto note_next = [&merged](const model::PointId& id) {
        if (!merged.next_offset || id < *merged.next_offset) merged.next_offset = id;
    };
    for (auto& page : pages) {
        std::move(page.points.begin(), page.points.end(), std::back_inserter(merged.points));
        if (page.next_offset) note_next(*page.next_offset);
    }
    std::sort(merged.points.begin(), merged.points.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    if (merged.points.size() > limit) {
        note_next(merged.points[limit].id);
        merged.points.resize(limit);
    }
    return merged;
}

std::vector<model::Record> order_records(std::vector<model::Record> records,
                                         const std::vector<model::PointId>& ids) {
    std::unordered_map<model::PointId, std::size_t> places;
    places.reserve(records.size());
    for (std::size_t i = 0; i < records.size(); ++i)
        places.emplace(records[i].id, i);
    std::vector<model::Record> ordered;
    ordered.reserve(records.size());
    for (const auto& id : ids) {
        const auto found = places.find(id);
        if (found == places.end()) continue;
        ordered.push_back(std::move(records[found->second]));
        places.erase(found);
    }
    return ordered;
}

model::UpdateResult merge_results(const std::vector<model::UpdateResult>& parts) {
    model::UpdateResult merged;
    if (parts.empty()) return merged;
    merged.status = model::UpdateStatus::kAcknowledged;
    for (const auto& part : parts) {
        if (part.operation_id)
            merged.operation_id = std::max(merged.operation_id.value_or(0), *part.operation_id);
        merged.status = std::max(merged.status, part.status);
    }
    return merged;
}

}  // namespace qdrantd::collection
