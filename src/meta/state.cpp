// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/meta/state.hpp>

#include <fmt/core.h>

namespace qdrantd::meta {

namespace {

Error no_collection(std::string_view name) {
    return {ErrorCode::kNotFound, fmt::format("Collection `{}` doesn't exist!", name)};
}
Error taken(std::string_view name) {
    return {ErrorCode::kAlreadyExists, fmt::format("Collection `{}` already exists!", name)};
}

}  // namespace

/// One change; returns the answer and notes what changed.
struct State::Applier {
    State& state;
    std::vector<Delta>& deltas;

    Result<bool> operator()(const Nothing&) const { return true; }

    Result<bool> operator()(const PutPeer& change) const {
        if (state.removed_peers_.contains(change.peer)) {
            return Error{
                ErrorCode::kBadRequest,
                fmt::format(
                    "peer {} was removed from the cluster and cannot come back under this id",
                    change.peer.value)};
        }
        auto& uri = state.peers_[change.peer];
        if (uri == change.uri) return true;
        uri = change.uri;
        deltas.emplace_back(PeersChanged{});
        return true;
    }

    Result<bool> operator()(const RemovePeer& change) const {
        if (state.peers_.erase(change.peer) == 0) return false;
        state.removed_peers_.insert(change.peer);
        deltas.emplace_back(PeersChanged{});
        return true;
    }

    Result<bool> operator()(const CreateCollection& change) const {
        if (state.collections_.contains(change.name)) return taken(change.name);
        if (state.aliases_.contains(change.name)) {
            return Error{
                ErrorCode::kBadInput,
                fmt::format(
                    "Can't create collection with name {}. Alias with the same name already exists",
                    change.name)};
        }
        state.collections_[change.name] = {state.next_uid_++, 1, change.config, {}, change.shards};
        deltas.emplace_back(CollectionCreated{change.name});
        return true;
    }

    Result<bool> operator()(const SetCollectionConfig& change) const {
        const auto found = state.collections_.find(change.name);
        if (found == state.collections_.end()) return no_collection(change.name);
        auto& record = found->second;
        if (record.config_version != change.expected_version) return false;  // somebody was faster
        record.config = change.config;
        ++record.config_version;
        deltas.emplace_back(CollectionConfigChanged{change.name});
        return true;
    }

    Result<bool> operator()(const RemoveCollection& change) const {
        const auto found = state.collections_.find(change.name);
        if (found == state.collections_.end()) return false;
        deltas.emplace_back(CollectionRemoved{change.name, found->second.uid});
        state.collections_.erase(found);
        const auto gone = std::erase_if(
            state.aliases_, [&change](const auto& alias) { return alias.second == change.name; });
        if (gone > 0) deltas.emplace_back(AliasesChanged{});
        return true;
    }

    Result<bool> operator()(const SetFieldIndex& change) const {
        const auto found = state.collections_.find(change.collection);
        if (found == state.collections_.end()) return no_collection(change.collection);
        auto& schema = found->second.schema;
        const auto known = schema.find(change.path);
        if (change.schema) {
            if (known != schema.end() && known->second == *change.schema) return true;
            schema.insert_or_assign(change.path, *change.schema);
        } else {
            if (known == schema.end()) return true;
            schema.erase(known);
        }
        deltas.emplace_back(FieldIndexChanged{change.collection, change.path});
        return true;
    }

    Result<bool> operator()(const ChangeAliases& change) const {
        Result<bool> answer = true;
        for (const auto& action : change.actions) {
            answer = std::visit(*this, action);
            if (!answer.ok()) break;
        }
        deltas.emplace_back(AliasesChanged{});
        return answer;
    }
    Result<bool> operator()(const PutAlias& action) const {
        if (!state.collections_.contains(action.collection))
            return no_collection(action.collection);
        if (state.collections_.contains(action.alias)) return taken(action.alias);
        state.aliases_[action.alias] = action.collection;
        return true;
    }
    Result<bool> operator()(const RemoveAlias& action) const {
        state.aliases_.erase(action.alias);
        return true;
    }
    Result<bool> operator()(const RenameAlias& action) const {
        const auto found = state.aliases_.find(action.from);
        if (found == state.aliases_.end()) {
            return Error{ErrorCode::kNotFound,
                         fmt::format("Alias {} does not exists!", action.from)};
        }
        if (state.collections_.contains(action.to)) return taken(action.to);
        const auto target = found->second;
        state.aliases_.erase(found);
        state.aliases_[action.to] = target;
        return true;
    }

    Result<bool> operator()(const SetClusterKey& change) const {
        if (change.value_json) {
            state.cluster_keys_[change.key] = *change.value_json;
        } else if (state.cluster_keys_.erase(change.key) == 0) {
            return false;
        }
        deltas.emplace_back(ClusterKeysChanged{});
        return true;
    }
};

Outcome State::apply(const Command& command) {
    const bool named = command.id != ProposalId{};
    if (named) {
        for (const auto& earlier : remembered_) {
            if (earlier.id != command.id) continue;
            if (earlier.error.empty()) return {earlier.answer, {}};
            return {Error{static_cast<ErrorCode>(earlier.error_code), earlier.error}, {}};
        }
    }
    Outcome outcome;
    outcome.answer = std::visit(Applier{*this, outcome.deltas}, command.change);
    if (!named) return outcome;

    Remembered entry{command.id};
    if (outcome.answer.ok()) {
        entry.answer = *outcome.answer;
    } else {
        entry.error_code = static_cast<std::uint8_t>(outcome.answer.error().code);
        entry.error = outcome.answer.error().message;
    }
    if (remembered_.size() < kRememberedProposals) {
        remembered_.push_back(std::move(entry));
    } else {
        remembered_[remembered_next_] = std::move(entry);
        remembered_next_ = (remembered_next_ + 1) % kRememberedProposals;
    }
    return outcome;
}

}  // namespace qdrantd::meta
