// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/collection/collection.hpp>

#include <fmt/core.h>

#include <qdrantd/collection/hash_ring.hpp>
#include <qdrantd/collection/query_merge.hpp>
#include <qdrantd/collection/update_router.hpp>
#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/gather.hpp>
#include <qdrantd/common/guarded.hpp>

#include "collection/local_shard.hpp"

namespace qdrantd::collection {

namespace {

/// Best points first to ask each shard for: what is skipped at the end is asked for too.
/// Saturating, for limits come from clients.
std::uint64_t wanted(const model::QueryRequest& request) {
    const auto sum = request.limit + request.offset;
    return sum < request.limit ? UINT64_MAX : sum;
}

class ShardedCollection final : public Collection,
                                public std::enable_shared_from_this<ShardedCollection> {
  public:
    explicit ShardedCollection(CollectionOptions options)
        : ids_(options.shards),
          ring_(options.shards),
          state_(State{std::make_shared<const model::CollectionConfig>(options.config),
                       options.schema}) {
        for (const auto id : ids_) {
            auto shard = options.shard;
            shard.folder = fmt::format("{}/{}", options.folder, id.value);
            shard.config = options.config;
            shard.schema = options.schema;
            shards_.emplace(id, std::make_unique<LocalShard>(std::move(shard), *options.searchers));
        }
    }

    void update(model::UpdateOperation operation, bool wait, Deadline deadline,
                Reply<model::UpdateResult> reply) override {
        if (ids_.size() == 1) {
            only().update(std::move(operation), wait, deadline, std::move(reply));
            return;
        }
        auto parts = route_update(ring_, ids_, std::move(operation));
        auto gather = Gather<model::UpdateResult>::make(
            parts.size(),
            [reply = std::move(reply)](Result<std::vector<model::UpdateResult>> results) mutable {
                if (results.ok()) {
                    reply(merge_results(*results));
                } else {
                    reply(std::move(results).error());
                }
            });
        for (std::size_t i = 0; i < parts.size(); ++i) {
            shard(parts[i].first)
                .update(std::move(parts[i].second), wait, deadline, gather->part(i));
        }
    }

    void query(model::QueryRequest request, Deadline deadline,
               Reply<std::vector<model::ScoredPoint>> reply) override {
        if (request.nearest && std::holds_alternative<model::PointId>(request.nearest->target)) {
            resolve_target(std::move(request), deadline, std::move(reply));
            return;
        }
        if (ids_.size() == 1 && request.offset == 0) {
            only().query(std::move(request), deadline, std::move(reply));
            return;
        }
        query_all(std::move(request), deadline, std::move(reply));
    }

    void retrieve(model::RetrieveRequest request, Deadline deadline,
                  Reply<std::vector<model::Record>> reply) override {
        std::map<ShardId, model::RetrieveRequest> parts;
        for (const auto& id : request.ids) {
            auto& part = parts[ring_.owner(id)];
            part.ids.push_back(id);
        }
        auto gather = Gather<std::vector<model::Record>>::make(
            parts.size(), [reply = std::move(reply), ids = request.ids](
                              Result<std::vector<std::vector<model::Record>>> results) mutable {
                if (!results.ok()) {
                    reply(std::move(results).error());
                    return;
                }
                std::vector<model::Record> records;
                for (auto& part : *results)
                    std::move(part.begin(), part.end(), std::back_inserter(records));
                reply(order_records(std::move(records), ids));
            });
        std::size_t index = 0;
        for (auto& [id, part] : parts) {
            part.with_payload = request.with_payload;
            part.with_vector = request.with_vector;
            shard(id).retrieve(std::move(part), deadline, gather->part(index++));
        }
    }

    void scroll(model::ScrollRequest request, Deadline deadline,
                Reply<model::ScrollPage> reply) override {
        auto gather = Gather<model::ScrollPage>::make(
            ids_.size(), [reply = std::move(reply), limit = request.limit](
                             Result<std::vector<model::ScrollPage>> pages) mutable {
                if (pages.ok()) {
                    reply(merge_pages(std::move(*pages), limit));
                } else {
                    reply(std::move(pages).error());
                }
            });
        for (std::size_t i = 0; i < ids_.size(); ++i)
            shard(ids_[i]).scroll(request, deadline, gather->part(i));
    }

    void count(model::CountRequest request, Deadline deadline,
               Reply<std::uint64_t> reply) override {
        auto gather = Gather<std::uint64_t>::make(
            ids_.size(),
            [reply = std::move(reply)](Result<std::vector<std::uint64_t>> counts) mutable {
                if (!counts.ok()) {
                    reply(std::move(counts).error());
                    return;
                }
                std::uint64_t sum = 0;
                for (const auto count : *counts)
                    sum += count;
                reply(sum);
            });
        for (std::size_t i = 0; i < ids_.size(); ++i)
            shard(ids_[i]).count(request, deadline, gather->part(i));
    }

    Result<shard::ShardInfo> info() override {
        shard::ShardInfo sum;
        sum.segments = 0;
        for (auto& [id, local] : shards_) {
            QD_ASSIGN(const auto* opened, local->open());
            const auto one = opened->info();
            sum.points += one.points;
            sum.slots += one.slots;
            sum.indexed_vectors += one.indexed_vectors;
            sum.pending_vectors += one.pending_vectors;
            sum.segments += one.segments;
            sum.queue_length += one.queue_length;
            sum.applied = std::max(sum.applied, one.applied);
            sum.optimizing = sum.optimizing || one.optimizing;
            if (sum.failure.empty() && !one.failure.empty()) {
                sum.failure = fmt::format("shard {}: {}", id.value, one.failure);
            }
            for (const auto& [path, points] : one.indexed_payloads)
                sum.indexed_payloads[path] += points;
            sum.disk_bytes += one.disk_bytes;
            sum.memory_bytes += one.memory_bytes;
        }
        return sum;
    }

    std::shared_ptr<const model::CollectionConfig> config() const override {
        return state_.read()->config;
    }
    FieldSchemas schema() const override { return state_.read()->schema; }

    void set_config(const model::CollectionConfig& config) override {
        state_.lock()->config = std::make_shared<const model::CollectionConfig>(config);
        for (auto& [id, local] : shards_)
            local->set_config(config);
    }

    void create_field_index(const model::JsonPath& path, const model::FieldSchema& schema,
                            Reply<model::UpdateResult> reply) override {
        state_.lock()->schema.insert_or_assign(path, schema);
        auto gather = Gather<OpSeq>::make(
            ids_.size(), [reply = std::move(reply)](Result<std::vector<OpSeq>> built) mutable {
                if (!built.ok()) {
                    reply(std::move(built).error());
                    return;
                }
                const auto last = *std::max_element(built->begin(), built->end());
                reply(model::UpdateResult{last.value, model::UpdateStatus::kCompleted});
            });
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            shard(ids_[i]).create_field_index(path, schema, gather->part(i));
        }
    }

    Status delete_field_index(const model::JsonPath& path) override {
        state_.lock()->schema.erase(path);
        for (auto& [id, local] : shards_)
            QD_TRY(local->delete_field_index(path));
        return {};
    }

    Status open(const std::function<Status()>& keep_going) override {
        for (auto& [id, local] : shards_) {
            QD_TRY(keep_going());
            QD_TRY(local->open());
        }
        return {};
    }

    void stop() override {
        for (auto& [id, local] : shards_)
            local->stop();
    }

  private:
    struct State {
        std::shared_ptr<const model::CollectionConfig> config;
        FieldSchemas schema;
    };

    LocalShard& shard(ShardId id) { return *shards_.at(id); }
    LocalShard& only() { return *shards_.begin()->second; }

    HitOrder order_of(const model::QueryRequest& request) const {
        if (!request.nearest) return HitOrder::kIdAscending;
        const auto state = state_.read();
        const auto& vectors = state->config->params.vectors.by_name;
        const auto found = vectors.find(request.using_vector);
        QD_ASSERT(found != vectors.end());  // checked by validate_query
        const auto distance = found->second.distance;
        const bool ascending =
            distance == model::Distance::kEuclid || distance == model::Distance::kManhattan;
        return ascending ? HitOrder::kScoreAscending : HitOrder::kScoreDescending;
    }

    /// Each shard answers with payloads and vectors at once: asked for later, they might belong to
    /// a newer version of the point than its score does.
    void query_all(model::QueryRequest request, Deadline deadline,
                   Reply<std::vector<model::ScoredPoint>> reply) {
        const auto order = order_of(request);
        const auto offset = request.offset;
        const auto limit = request.limit;
        request.limit = wanted(request);
        request.offset = 0;
        auto gather = Gather<std::vector<model::ScoredPoint>>::make(
            ids_.size(), [reply = std::move(reply), order, offset, limit](
                             Result<std::vector<std::vector<model::ScoredPoint>>> parts) mutable {
                if (parts.ok()) {
                    reply(merge_hits(std::move(*parts), order, offset, limit));
                } else {
                    reply(std::move(parts).error());
                }
            });
        for (std::size_t i = 0; i < ids_.size(); ++i)
            shard(ids_[i]).query(request, deadline, gather->part(i));
    }

    /// Replaces an id as target by that point's vector, and leaves the point out of the answer
    /// (search.md §2.1).
    void resolve_target(model::QueryRequest request, Deadline deadline,
                        Reply<std::vector<model::ScoredPoint>> reply) {
        const auto id = std::get<model::PointId>(request.nearest->target);
        model::RetrieveRequest target;
        target.ids = {id};
        target.with_vector = {model::VectorSelector::Kind::kNames, {request.using_vector}};
        retrieve(std::move(target), deadline,
                 [self = shared_from_this(), id, request = std::move(request), deadline,
                  reply = std::move(reply)](Result<std::vector<model::Record>> records) mutable {
                     if (!records.ok()) {
                         reply(std::move(records).error());
                         return;
                     }
                     if (records->empty()) {
                         reply(Error{ErrorCode::kNotFound,
                                     fmt::format("No point with id {} found", id.to_string())});
                         return;
                     }
                     const auto& vectors = records->front().vectors;
                     const auto* vector =
                         vectors ? model::find_vector(*vectors, request.using_vector) : nullptr;
                     if (vector == nullptr) {
                         reply(Error{ErrorCode::kNotFound,
                                     fmt::format("Vector with name \"{}\" for point not found",
                                                 request.using_vector)});
                         return;
                     }
                     request.nearest->target = *vector;
                     if (!request.filter) request.filter.emplace();
                     request.filter->must_not.emplace_back(model::HasIdCondition{{id}});
                     self->query(std::move(request), deadline, std::move(reply));
                 });
    }

    const std::vector<ShardId> ids_;
    const HashRing ring_;
    std::map<ShardId, std::unique_ptr<LocalShard>> shards_;  // fixed after construction
    Guarded<State> state_;
};

}  // namespace

std::shared_ptr<Collection> Collection::make(CollectionOptions options) {
    return std::make_shared<ShardedCollection>(std::move(options));
}

}  // namespace qdrantd::collection
