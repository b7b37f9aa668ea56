// SPDX-License-Identifier: Apache-2.0
// The replicated metadata of a cluster: peers, collections with their payload schemas and
// placement, aliases, cluster keys. Deterministic: equal commands in equal order give equal states,
// hashes and answers on every peer. How to use: apply() entries in log order; persist() what
// changed together with the index; encode()/decode() for snapshots. Thread safety: none; one owner,
// who publishes copies. Ownership: owns its tables. Errors: apply() never fails; a refused change
// is an answer. Invariants: an alias names a collection; no alias has a collection's name; uids and
// folder numbers are never used twice. Format of the snapshot: docs/formats/meta-snapshot.md.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <qdrantd/meta/command.hpp>
#include <qdrantd/meta/delta.hpp>

namespace qdrantd::meta {

struct CollectionRecord {
    std::uint64_t uid = 0;             // names its folders; never used twice
    std::uint64_t config_version = 1;  // grows with every change of the configuration
    model::CollectionConfig config;
    std::map<model::JsonPath, model::FieldSchema> schema;
    std::vector<ShardPlacement> shards;
    bool operator==(const CollectionRecord&) const = default;
};

class State {
  public:
    /// Remembered proposals; a retry of a younger one is answered as the first time.
    static constexpr std::size_t kRememberedProposals = 4096;

    Outcome apply(const Command& command);

    [[nodiscard]] const std::map<PeerId, std::string>& peers() const { return peers_; }
    [[nodiscard]] const std::set<PeerId>& removed_peers() const { return removed_peers_; }
    [[nodiscard]] const std::map<std::string, CollectionRecord>& collections() const {
        return collections_;
    }
    /// Alias to collection.
    [[nodiscard]] const std::map<std::string, std::string>& aliases() const { return aliases_; }
    [[nodiscard]] const std::map<std::string, std::string>& cluster_keys() const {
        return cluster_keys_;
    }

    /// The whole state; equal states give equal bytes.
    [[nodiscard]] std::string encode() const;
    static Result<State> decode(std::string_view bytes);
    /// Of encode(): equal on all peers at equal index.
    [[nodiscard]] std::uint64_t hash() const;

    bool operator==(const State&) const = default;

  private:
    struct Applier;
    struct Remembered {
        ProposalId id;
        bool answer = true;
        std::uint8_t error_code = 0;  // of ErrorCode, when `error` is not empty
        std::string error;
        bool operator==(const Remembered&) const = default;
    };

    std::map<PeerId, std::string> peers_;
    std::set<PeerId> removed_peers_;
    std::map<std::string, CollectionRecord> collections_;
    std::map<std::string, std::string> aliases_;
    std::map<std::string, std::string> cluster_keys_;
    std::uint64_t next_uid_ = 1;
    std::vector<Remembered> remembered_;  // a ring, oldest at remembered_next_
    std::uint64_t remembered_next_ = 0;
};

}  // namespace qdrantd::meta
