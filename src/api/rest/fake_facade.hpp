// SPDX-License-Identifier: Apache-2.0
// Test double of the facade: keeps what it was asked and answers with what a test put in. Thread
// safety: answers on the calling thread; read the fields only while no request runs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <qdrantd/cluster/collection_service.hpp>
#include <qdrantd/cluster/point_service.hpp>

namespace qdrantd::rest {

class FakePoints final : public cluster::PointService {
  public:
    std::string collection;
    std::vector<model::UpdateOperation> operations;
    cluster::WriteContext write_context;
    std::vector<model::QueryRequest> queries;
    model::RetrieveRequest retrieved;
    model::ScrollRequest scrolled;
    model::CountRequest counted;

    std::optional<Error> failure;
    std::vector<model::ScoredPoint> hits;
    std::vector<model::Record> records;
    model::ScrollPage page;
    std::uint64_t points = 0;
    /// Keeps count replies for the test to give.
    bool hold = false;
    std::vector<Reply<std::uint64_t>> held;
    /// True once a reply is held; false after five seconds without.
    bool wait_held() {
        std::unique_lock lock(held_mutex);
        return held_changed.wait_for(lock, std::chrono::seconds(5), [&] { return !held.empty(); });
    }
    std::mutex held_mutex;
    std::condition_variable held_changed;

    void update(const std::string& name, std::vector<model::UpdateOperation> asked,
                cluster::WriteContext context,
                Reply<std::vector<model::UpdateResult>> reply) override {
        collection = name;
        operations = std::move(asked);
        write_context = context;
        if (failure) return reply(*failure);
        std::vector<model::UpdateResult> results(operations.size());
        for (std::size_t i = 0; i < results.size(); ++i) {
            results[i].operation_id = i + 1;
            results[i].status =
                context.wait ? model::UpdateStatus::kCompleted : model::UpdateStatus::kAcknowledged;
        }
        reply(std::move(results));
    }
    void query(const std::string& name, std::vector<model::QueryRequest> asked,
               cluster::ReadContext,
               Reply<std::vector<std::vector<model::ScoredPoint>>> reply) override {
        collection = name;
        queries = std::move(asked);
        if (failure) return reply(*failure);
        reply(std::vector<std::vector<model::ScoredPoint>>(queries.size(), hits));
    }
    void retrieve(const std::string& name, model::RetrieveRequest asked, cluster::ReadContext,
                  Reply<std::vector<model::Record>> reply) override {
        collection = name;
        retrieved = std::move(asked);
        if (failure) return reply(*failure);
        reply(records);
    }
    void scroll(const std::string& name, model::ScrollRequest asked, cluster::ReadContext,
                Reply<model::ScrollPage> reply) override {
        collection = name;
        scrolled = std::move(asked);
        if (failure) return reply(*failure);
        reply(page);
    }
    void count(const std::string& name, model::CountRequest asked, cluster::ReadContext,
               Reply<std::uint64_t> reply) override {
        collection = name;
        counted = std::move(asked);
        if (hold) {
            const std::lock_guard lock(held_mutex);
            held.push_back(std::move(reply));
            held_changed.notify_all();
            return;
        }
        if (failure) return reply(*failure);
        reply(points);
    }
};

class FakeCollections final : public cluster::CollectionService {
  public:
    std::string name;
    model::CreateCollection created;
    model::CollectionPatch patched;
    std::vector<cluster::AliasAction> actions;
    std::optional<model::JsonPath> path;
    model::FieldSchema schema;

    std::optional<Error> failure;
    std::vector<std::string> names;
    std::vector<cluster::AliasInfo> aliases;
    cluster::CollectionInfo info;
    bool flag = true;
    bool is_ready = true;

    void create(std::string n, model::CreateCollection request, Deadline,
                Reply<bool> reply) override {
        name = std::move(n);
        created = std::move(request);
        answer(std::move(reply));
    }
    void patch(std::string n, model::CollectionPatch request, Deadline,
               Reply<bool> reply) override {
        name = std::move(n);
        patched = std::move(request);
        answer(std::move(reply));
    }
    void remove(std::string n, Deadline, Reply<bool> reply) override {
        name = std::move(n);
        answer(std::move(reply));
    }
    void get(std::string n, Reply<cluster::CollectionInfo> reply) override {
        name = std::move(n);
        if (failure) return reply(*failure);
        reply(info);
    }
    void list(Reply<std::vector<std::string>> reply) override { reply(names); }
    void exists(std::string n, Reply<bool> reply) override {
        name = std::move(n);
        answer(std::move(reply));
    }
    void update_aliases(std::vector<cluster::AliasAction> asked, Deadline,
                        Reply<bool> reply) override {
        actions = std::move(asked);
        answer(std::move(reply));
    }
    void list_aliases(Reply<std::vector<cluster::AliasInfo>> reply) override { reply(aliases); }
    void list_collection_aliases(std::string n,
                                 Reply<std::vector<cluster::AliasInfo>> reply) override {
        name = std::move(n);
        reply(aliases);
    }
    void create_field_index(std::string n, model::JsonPath p, model::FieldSchema s, bool, Deadline,
                            Reply<model::UpdateResult> reply) override {
        name = std::move(n);
        path = std::move(p);
        schema = s;
        reply(model::UpdateResult{1, model::UpdateStatus::kCompleted});
    }
    void delete_field_index(std::string n, model::JsonPath p, bool, Deadline,
                            Reply<model::UpdateResult> reply) override {
        name = std::move(n);
        path = std::move(p);
        reply(model::UpdateResult{1, model::UpdateStatus::kCompleted});
    }
    [[nodiscard]] bool ready() const override { return is_ready; }

  private:
    void answer(Reply<bool> reply) {
        if (failure) return reply(*failure);
        reply(flag);
    }
};

}  // namespace qdrantd::rest
