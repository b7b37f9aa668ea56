// SPDX-License-Identifier: Apache-2.0
// The durable list of this node's collections, their payload schemas and the aliases
// (docs/formats/catalog.md). Every change is one atomic, synced batch; what open() reads is what
// the last successful change left. Thread safety: none; the collection service calls it from one
// thread. Ownership: owns its store. Errors: kIo, kInsufficientStorage, kChecksum from the store;
// kFormat for records of an unknown version.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/store/kv_store.hpp>
#include <qdrantd/store/rocksdb_store.hpp>

namespace qdrantd::cluster {

struct CatalogEntry {
    std::uint64_t folder_number = 0;  // names its folder; never used twice
    model::CollectionConfig config;
    std::map<model::JsonPath, model::FieldSchema> schema;
    std::vector<ShardId> shards;
};

class Catalog {
  public:
    /// In `folder`/catalog, with its mark `folder`/catalog.mark.
    static Result<std::unique_ptr<Catalog>> open(const std::string& folder,
                                                 store::SharedResources& shared);

    [[nodiscard]] const std::map<std::string, CatalogEntry>& collections() const {
        return collections_;
    }
    /// Alias to collection name.
    [[nodiscard]] const std::map<std::string, std::string>& aliases() const { return aliases_; }
    /// Folders that hold nothing anybody needs: of collections removed, or not made to the end.
    [[nodiscard]] const std::set<std::uint64_t>& doomed() const { return doomed_; }
    /// True when the catalog was made by this open().
    [[nodiscard]] bool is_new() const { return is_new_; }

    /// A folder number never used before, doomed until put_collection() names it.
    Result<std::uint64_t> reserve_folder();
    /// The doomed folder is gone.
    Status forget_folder(std::uint64_t number);
    Status put_collection(const std::string& name, CatalogEntry entry);
    /// Its aliases go with it.
    Status remove_collection(const std::string& name);
    Status put_alias(const std::string& alias, const std::string& collection);
    Status remove_alias(const std::string& alias);
    Status rename_alias(const std::string& from, const std::string& to);

  private:
    Catalog(std::string mark_path, std::unique_ptr<store::KvStore> store)
        : mark_path_(std::move(mark_path)), store_(std::move(store)) {}
    Status load();
    Status commit(store::WriteBatch& batch);

    const std::string mark_path_;
    std::unique_ptr<store::KvStore> store_;
    bool is_new_ = false;
    std::uint64_t changes_ = 0;
    std::set<std::uint64_t> doomed_;
    std::map<std::string, CatalogEntry> collections_;
    std::map<std::string, std::string> aliases_;
    std::uint64_t next_folder_number_ = 1;
};

}  // namespace qdrantd::cluster
