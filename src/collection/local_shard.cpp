// SPDX-License-Identifier: Apache-2.0
#include "collection/local_shard.hpp"

namespace qdrantd::collection {

namespace {

Error stopping() { return {ErrorCode::kUnavailable, "the collection is being closed"}; }

/// `reply`, keeping the gate open until it was called.
template <typename T>
Reply<T> holding(Gate::Pass pass, Reply<T> reply) {
    return [pass = std::move(pass), reply = std::move(reply)](Result<T> result) mutable {
        reply(std::move(result));
        const auto left = std::move(pass);
    };
}

}  // namespace

LocalShard::LocalShard(shard::ShardOptions options, Executor& searchers)
    : searchers_(searchers), options_(std::move(options)) {}

LocalShard::~LocalShard() { stop(); }

Result<shard::Shard*> LocalShard::open() {
    if (auto* shard = opened_.load(std::memory_order_acquire)) return shard;
    const std::lock_guard lock(mutex_);
    if (shard_) return shard_.get();
    if (gate_.closed()) return stopping();
    QD_ASSIGN(shard_, shard::Shard::open(options_));
    opened_.store(shard_.get(), std::memory_order_release);
    return shard_.get();
}

void LocalShard::stop() {
    gate_.close();
    const std::lock_guard lock(mutex_);
    if (shard_) shard_->stop();
}

/// Runs `work(shard)` on the search pool and answers with what it returns.
template <typename T, typename Work>
void LocalShard::run(Deadline deadline, Reply<T> reply, Work work) {
    auto pass = gate_.enter();
    if (!pass) {
        reply(stopping());
        return;
    }
    // Shared, for the pool destroys a task that it refuses.
    auto answer = std::make_shared<Reply<T>>(holding(std::move(pass), std::move(reply)));
    auto posted = searchers_.post([this, answer, deadline, work = std::move(work)]() mutable {
        if (deadline.passed()) {
            (*answer)(
                Error{ErrorCode::kTimeout, "the request waited in the queue past its deadline"});
            return;
        }
        auto shard = open();
        if (!shard.ok()) {
            (*answer)(std::move(shard).error());
            return;
        }
        (*answer)(work(**shard));
    });
    if (!posted.ok()) (*answer)(std::move(posted).error());
}

void LocalShard::update(model::UpdateOperation operation, bool wait, Deadline deadline,
                        Reply<model::UpdateResult> reply) {
    auto pass = gate_.enter();
    if (!pass) {
        reply(stopping());
        return;
    }
    auto answer = holding(std::move(pass), std::move(reply));
    if (auto* shard = opened_.load(std::memory_order_acquire)) {
        shard->update(std::move(operation), wait, deadline, std::move(answer));
        return;
    }
    auto held = std::make_shared<Reply<model::UpdateResult>>(std::move(answer));
    auto posted =
        searchers_.post([this, held, operation = std::move(operation), wait, deadline]() mutable {
            auto shard = open();
            if (!shard.ok()) {
                (*held)(std::move(shard).error());
                return;
            }
            (*shard)->update(std::move(operation), wait, deadline, std::move(*held));
        });
    if (!posted.ok()) (*held)(std::move(posted).error());
}

void LocalShard::query(model::QueryRequest request, Deadline deadline,
                       Reply<std::vector<model::ScoredPoint>> reply) {
    run<std::vector<model::ScoredPoint>>(
        deadline, std::move(reply),
        [request = std::move(request), deadline](const shard::Shard& shard) {
            return shard.query(request, deadline);
        });
}

void LocalShard::retrieve(model::RetrieveRequest request, Deadline deadline,
                          Reply<std::vector<model::Record>> reply) {
    run<std::vector<model::Record>>(
        deadline, std::move(reply),
        [request = std::move(request), deadline](const shard::Shard& shard) {
            return shard.retrieve(request, deadline);
        });
}

void LocalShard::scroll(model::ScrollRequest request, Deadline deadline,
                        Reply<model::ScrollPage> reply) {
    run<model::ScrollPage>(deadline, std::move(reply),
                           [request = std::move(request), deadline](const shard::Shard& shard) {
                               return shard.scroll(request, deadline);
                           });
}

void LocalShard::count(model::CountRequest request, Deadline deadline, Reply<std::uint64_t> reply) {
    run<std::uint64_t>(deadline, std::move(reply),
                       [request = std::move(request), deadline](const shard::Shard& shard) {
                           return shard.count(request, deadline);
                       });
}

void LocalShard::create_field_index(const model::JsonPath& path, const model::FieldSchema& schema,
                                    Reply<OpSeq> reply) {
    auto pass = gate_.enter();
    if (!pass) {
        reply(stopping());
        return;
    }
    auto shard = open();
    if (!shard.ok()) {
        reply(std::move(shard).error());
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        options_.schema.insert_or_assign(path, schema);
    }
    (*shard)->create_field_index(path, schema, holding(std::move(pass), std::move(reply)));
}

Status LocalShard::delete_field_index(const model::JsonPath& path) {
    const auto pass = gate_.enter();
    if (!pass) return stopping();
    {
        const std::lock_guard lock(mutex_);
        options_.schema.erase(path);
        if (!shard_) return {};
    }
    return (*open())->delete_field_index(path);
}

void LocalShard::set_config(const model::CollectionConfig& config) {
    const auto pass = gate_.enter();
    if (!pass) return;
    const std::lock_guard lock(mutex_);
    options_.config = config;
    if (shard_) shard_->set_config(config);
}

}  // namespace qdrantd::collection
