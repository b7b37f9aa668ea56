// SPDX-License-Identifier: Apache-2.0
// The facade for collections, aliases and payload indexes: one method per public operation (spec
// data.md §2, §4.1). Thread safety: all methods. Replies come exactly once, on any thread, and must
// not block. Errors: classes and texts of spec data.md §1.3 and §2.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/reply.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::cluster {

struct CreateAlias {
    std::string collection_name, alias_name;
};
struct DeleteAlias {
    std::string alias_name;
};
struct RenameAlias {
    std::string old_alias_name, new_alias_name;
};
using AliasAction = std::variant<CreateAlias, DeleteAlias, RenameAlias>;

struct AliasInfo {
    std::string alias_name, collection_name;
};

enum class CollectionStatus : std::uint8_t { kGreen, kYellow, kGrey, kRed };

struct CollectionInfo {
    CollectionStatus status = CollectionStatus::kGreen;
    std::string optimizer_error;  // empty: "ok"
    std::uint64_t indexed_vectors_count = 0;
    std::uint64_t points_count = 0;
    std::uint64_t segments_count = 0;
    std::uint64_t update_queue_length = 0;
    model::CollectionConfig config;
    struct FieldInfo {
        model::FieldSchema schema;
        std::uint64_t points = 0;
    };
    std::map<model::JsonPath, FieldInfo> payload_schema;
};

class CollectionService {
  public:
    virtual ~CollectionService() = default;

    virtual void create(std::string name, model::CreateCollection request, Deadline deadline,
                        Reply<bool> reply) = 0;
    virtual void patch(std::string name, model::CollectionPatch patch, Deadline deadline,
                       Reply<bool> reply) = 0;
    /// False when there was none. Does not resolve aliases.
    virtual void remove(std::string name, Deadline deadline, Reply<bool> reply) = 0;
    virtual void get(std::string name, Reply<CollectionInfo> reply) = 0;
    /// Names, sorted.
    virtual void list(Reply<std::vector<std::string>> reply) = 0;
    /// Resolves aliases.
    virtual void exists(std::string name, Reply<bool> reply) = 0;
    /// In order; earlier actions stay when a later one fails.
    virtual void update_aliases(std::vector<AliasAction> actions, Deadline deadline,
                                Reply<bool> reply) = 0;
    virtual void list_aliases(Reply<std::vector<AliasInfo>> reply) = 0;
    /// Empty for a missing collection.
    virtual void list_collection_aliases(std::string collection,
                                         Reply<std::vector<AliasInfo>> reply) = 0;
    virtual void create_field_index(std::string collection, model::JsonPath path,
                                    model::FieldSchema schema, bool wait, Deadline deadline,
                                    Reply<model::UpdateResult> reply) = 0;
    virtual void delete_field_index(std::string collection, model::JsonPath path, bool wait,
                                    Deadline deadline, Reply<model::UpdateResult> reply) = 0;
    /// True once every collection can serve.
    [[nodiscard]] virtual bool ready() const = 0;
};

}  // namespace qdrantd::cluster
