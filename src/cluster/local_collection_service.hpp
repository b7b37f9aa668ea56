// SPDX-License-Identifier: Apache-2.0
// CollectionService of a node on its own: changes run one at a time on the control lane, first in
// the catalog, then in the shards. Thread safety: all methods. Ownership: owns catalog and
// collections, borrows the registry and the pools. Invariants: the registry shows a collection only
// while the catalog holds it.
#pragma once

#include <atomic>
#include <memory>
#include <set>

#include <qdrantd/cluster/collection_service.hpp>
#include <qdrantd/cluster/node.hpp>
#include <qdrantd/common/executor.hpp>

#include "cluster/catalog.hpp"
#include "cluster/control_lane.hpp"
#include "cluster/registry.hpp"

namespace qdrantd::cluster {

class LocalCollectionService final : public CollectionService {
  public:
    struct Parts {
        std::unique_ptr<Catalog> catalog;
        Registry* registry = nullptr;
        Executor* control = nullptr;  // one thread
        Executor* searchers = nullptr;
        shard::ShardOptions shard;  // of every shard
    };
    LocalCollectionService(const NodeOptions& options, Parts parts);
    ~LocalCollectionService() override;

    void create(std::string name, model::CreateCollection request, Deadline deadline,
                Reply<bool> reply) override;
    void patch(std::string name, model::CollectionPatch patch, Deadline deadline,
               Reply<bool> reply) override;
    void remove(std::string name, Deadline deadline, Reply<bool> reply) override;
    void get(std::string name, Reply<CollectionInfo> reply) override;
    void list(Reply<std::vector<std::string>> reply) override;
    void exists(std::string name, Reply<bool> reply) override;
    void update_aliases(std::vector<AliasAction> actions, Deadline deadline,
                        Reply<bool> reply) override;
    void list_aliases(Reply<std::vector<AliasInfo>> reply) override;
    void list_collection_aliases(std::string collection,
                                 Reply<std::vector<AliasInfo>> reply) override;
    void create_field_index(std::string collection, model::JsonPath path, model::FieldSchema schema,
                            bool wait, Deadline deadline,
                            Reply<model::UpdateResult> reply) override;
    void delete_field_index(std::string collection, model::JsonPath path, bool wait,
                            Deadline deadline, Reply<model::UpdateResult> reply) override;
    [[nodiscard]] bool ready() const override { return ready_.load(); }

    /// Makes the collections of the catalog known and removes folders that it does not name.
    Status load();
    /// Opens every shard on the control lane; ready() turns true at the end.
    void open_all();
    /// Ends work on the control lane that takes long.
    void refuse() { stopping_ = true; }
    void stop();

  private:
    Result<bool> create_now(const std::string& name, const model::CreateCollection& request,
                            Deadline deadline);
    Result<bool> patch_now(const std::string& name, const model::CollectionPatch& patch);
    Result<bool> remove_now(const std::string& name);
    Result<bool> apply_alias(const AliasAction& action);
    void start_field_index(const std::string& collection, const model::JsonPath& path,
                           const model::FieldSchema& schema, bool wait,
                           Reply<model::UpdateResult> reply);
    Status record_schema(const std::string& name, const model::JsonPath& path,
                         const model::FieldSchema* schema);
    [[nodiscard]] std::string folder_of(const CatalogEntry& entry) const;
    Registry::CollectionPtr make_collection(const std::string& name,
                                            const CatalogEntry& entry) const;
    void publish_aliases();
    Status look_at_folders(const std::string& root, const std::set<std::string>& known);
    void remove_doomed(const CatalogEntry& entry);
    /// An error once work that takes long has to end.
    [[nodiscard]] Status keep_going(Deadline deadline) const;

    const NodeOptions options_;
    const std::unique_ptr<Catalog> catalog_;  // used on the control lane only
    Registry& registry_;
    ControlLane lane_;
    Executor& control_;
    Executor& searchers_;
    const shard::ShardOptions shard_;
    std::atomic<bool> ready_{false};
    std::atomic<bool> stopping_{false};
};

}  // namespace qdrantd::cluster
