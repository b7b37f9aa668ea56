// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/collection/update_router.hpp>

#include <map>

namespace qdrantd::collection {

namespace {

template <typename T, typename IdOf>
std::map<ShardId, std::vector<T>> split(const HashRing& ring, std::vector<T>& items, IdOf id_of) {
    std::map<ShardId, std::vector<T>> parts;
    for (auto& item : items)
        parts[ring.owner(id_of(item))].push_back(std::move(item));
    return parts;
}

std::map<ShardId, std::vector<model::PointId>> split_ids(const HashRing& ring,
                                                         std::vector<model::PointId>& ids) {
    return split(ring, ids, [](const model::PointId& id) { return id; });
}

struct Router {
    const HashRing& ring;
    const std::vector<ShardId>& shards;

    /// Operations that are a list of points and fields that every part repeats.
    template <typename Operation>
    RoutedUpdate by_points(Operation& operation) const {
        auto parts = split(ring, operation.points, [](const auto& point) { return point.id; });
        operation.points.clear();  // so that the parts copy the other fields only
        RoutedUpdate routed;
        for (auto& [shard, points] : parts) {
            auto part = operation;
            part.points = std::move(points);
            routed.emplace_back(shard, std::move(part));
        }
        return routed;
    }

    /// Operations with a selector: ids go to their owners, a filter to all.
    template <typename Operation>
    RoutedUpdate by_selector(Operation& operation) const {
        RoutedUpdate routed;
        auto* ids = std::get_if<std::vector<model::PointId>>(&operation.selector);
        if (ids == nullptr) {
            for (const auto shard : shards)
                routed.emplace_back(shard, operation);
            return routed;
        }
        auto parts = split_ids(ring, *ids);
        ids->clear();
        for (auto& [shard, own] : parts) {
            auto part = operation;
            part.selector = std::move(own);
            routed.emplace_back(shard, std::move(part));
        }
        return routed;
    }

    RoutedUpdate operator()(model::UpsertPoints& operation) const { return by_points(operation); }
    RoutedUpdate operator()(model::UpdateVectors& operation) const { return by_points(operation); }
    RoutedUpdate operator()(model::DeleteVectors& operation) const {
        std::map<ShardId, std::vector<model::PointId>> parts;
        if (operation.ids) parts = split_ids(ring, *operation.ids);
        RoutedUpdate routed;
        for (const auto shard : shards) {
            const auto own = parts.find(shard);
            if (own == parts.end() && !operation.filter) continue;
            model::DeleteVectors part{operation.names, std::nullopt, operation.filter};
            if (own != parts.end()) part.ids = std::move(own->second);
            routed.emplace_back(shard, std::move(part));
        }
        return routed;
    }
    RoutedUpdate operator()(auto& operation) const { return by_selector(operation); }
};

}  // namespace

RoutedUpdate route_update(const HashRing& ring, const std::vector<ShardId>& shards,
                          model::UpdateOperation operation) {
    if (shards.size() == 1) {
        RoutedUpdate whole;
        whole.emplace_back(shards.front(), std::move(operation));
        return whole;
    }
    return std::visit(Router{ring, shards}, operation);
}

}  // namespace qdrantd::collection
