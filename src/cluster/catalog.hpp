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
#include <string>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/store/kv_store.hpp>

namespace qdrantd::cluster {

struct CatalogEntry {
    std::uint64_t folder_number = 0;  // names its folder; never used twice
    model::CollectionConfig config;
    std::map<model::JsonPath, model::FieldSchema> schema;
    std::vector<ShardId> shards;
};

class Catalog {
  public:
    static Result<std::unique_ptr<Catalog>> open(std::unique_ptr<store::KvStore> store);

    [[nodiscard]] const std::map<std::string, CatalogEntry>& collections() const {
        return collections_;
    }
    /// Alias to collection name.
    [[nodiscard]] const std::map<std::string, std::string>& aliases() const { return aliases_; }
    [[nodiscard]] std::uint64_t next_folder_number() const { return next_folder_number_; }

    Status put_collection(const std::string& name, CatalogEntry entry);
    /// Its aliases go with it.
    Status remove_collection(const std::string& name);
    Status put_alias(const std::string& alias, const std::string& collection);
    Status remove_alias(const std::string& alias);
    Status rename_alias(const std::string& from, const std::string& to);

  private:
    explicit Catalog(std::unique_ptr<store::KvStore> store) : store_(std::move(store)) {}
    Status load();

    std::unique_ptr<store::KvStore> store_;
    std::map<std::string, CatalogEntry> collections_;
    std::map<std::string, std::string> aliases_;
    std::uint64_t next_folder_number_ = 1;
};

}  // namespace qdrantd::cluster
