// SPDX-License-Identifier: Apache-2.0
// What an applied command changed, for those who must act on it: reconcilers, waiters, caches. They
// read the new values from the State. Thread safety: values.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/model/json_path.hpp>

namespace qdrantd::meta {

struct PeersChanged {
    bool operator==(const PeersChanged&) const = default;
};
struct CollectionCreated {
    std::string name;
    bool operator==(const CollectionCreated&) const = default;
};
struct CollectionConfigChanged {
    std::string name;
    bool operator==(const CollectionConfigChanged&) const = default;
};
struct CollectionRemoved {
    std::string name;
    std::uint64_t uid = 0;
    bool operator==(const CollectionRemoved&) const = default;
};
struct FieldIndexChanged {
    std::string collection;
    model::JsonPath path;
    bool operator==(const FieldIndexChanged&) const = default;
};
struct AliasesChanged {
    bool operator==(const AliasesChanged&) const = default;
};
struct ClusterKeysChanged {
    bool operator==(const ClusterKeysChanged&) const = default;
};

using Delta =
    std::variant<PeersChanged, CollectionCreated, CollectionConfigChanged, CollectionRemoved,
                 FieldIndexChanged, AliasesChanged, ClusterKeysChanged>;

/// The answer to the proposer, equal on every peer, and what changed.
struct Outcome {
    /// False when there was nothing to do (a collection that was not there), an error when the
    /// change is refused.
    Result<bool> answer = true;
    std::vector<Delta> deltas;
};

}  // namespace qdrantd::meta
