// SPDX-License-Identifier: Apache-2.0
// Changes of the replicated metadata: what a consensus entry carries. Plain data, encoded by
// encode() and applied by meta::State. How to use: fill a Command, encode() it into an entry; every
// peer decodes and applies it in log order. Thread safety: values. Ownership: owns its data.
// Errors: decode gives kFormat naming an unknown version or kind, which must stop application and
// is never skipped; kChecksum for bytes that end early or late. Format:
// docs/formats/meta-command.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>

namespace qdrantd::meta {

/// Names a proposal through retries: the proposing process start and a counter of it. Applied once.
using ProposalId = OperationId;

/// Adds a peer or changes its address.
struct PutPeer {
    PeerId peer;
    std::string uri;
    bool operator==(const PutPeer&) const = default;
};
/// Takes a peer out for good: it may not come back under this id, and messages of it are ignored.
struct RemovePeer {
    PeerId peer;
    bool operator==(const RemovePeer&) const = default;
};

/// Where the copies of one shard are.
struct ShardPlacement {
    ShardId shard;
    std::vector<PeerId> replicas;  // the first one reigns first
    bool operator==(const ShardPlacement&) const = default;
};
struct CreateCollection {
    std::string name;
    model::CollectionConfig config;
    std::vector<ShardPlacement> shards;
    bool operator==(const CreateCollection&) const = default;
};
/// Replaces the configuration if it still is the version the proposer saw; else the outcome is a
/// conflict and it tries again.
struct SetCollectionConfig {
    std::string name;
    std::uint64_t expected_version = 0;
    model::CollectionConfig config;
    bool operator==(const SetCollectionConfig&) const = default;
};
/// Removes a collection and its aliases; changes nothing when there is none.
struct RemoveCollection {
    std::string name;
    bool operator==(const RemoveCollection&) const = default;
};
/// Adds or replaces a payload index; without a schema removes it.
struct SetFieldIndex {
    std::string collection;
    model::JsonPath path;
    std::optional<model::FieldSchema> schema;
    bool operator==(const SetFieldIndex&) const = default;
};

struct PutAlias {
    std::string alias, collection;
    bool operator==(const PutAlias&) const = default;
};
struct RemoveAlias {
    std::string alias;
    bool operator==(const RemoveAlias&) const = default;
};
struct RenameAlias {
    std::string from, to;
    bool operator==(const RenameAlias&) const = default;
};
using AliasAction = std::variant<PutAlias, RemoveAlias, RenameAlias>;
/// In order; the actions before a failing one stay (spec data.md §2.5).
struct ChangeAliases {
    std::vector<AliasAction> actions;
    bool operator==(const ChangeAliases&) const = default;
};

/// Sets a key of the cluster's own metadata to a JSON value; without a value removes it.
struct SetClusterKey {
    std::string key;
    std::optional<std::string> value_json;
    bool operator==(const SetClusterKey&) const = default;
};

/// Changes nothing: a new leader's first entry.
struct Nothing {
    bool operator==(const Nothing&) const = default;
};

using Change = std::variant<Nothing, PutPeer, RemovePeer, CreateCollection, SetCollectionConfig,
                            RemoveCollection, SetFieldIndex, ChangeAliases, SetClusterKey>;

struct Command {
    ProposalId id;
    Change change;
    bool operator==(const Command&) const = default;
};

std::string encode(const Command& command);
Result<Command> decode_command(std::string_view bytes);

}  // namespace qdrantd::meta
