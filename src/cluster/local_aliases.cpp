// SPDX-License-Identifier: Apache-2.0
// Aliases and payload indexes of LocalCollectionService.
#include <fmt/core.h>

#include "cluster/local_collection_service.hpp"

namespace qdrantd::cluster {

void LocalCollectionService::publish_aliases() {
    auto table = *registry_.table();
    table.aliases.clear();
    for (const auto& [alias, target] : catalog_->aliases())
        table.aliases.emplace(alias, target);
    registry_.publish(std::move(table));
}

Result<bool> LocalCollectionService::apply_alias(const AliasAction& action) {
    if (const auto* create = std::get_if<CreateAlias>(&action)) {
        if (!catalog_->collections().contains(create->collection_name)) {
            return Error{ErrorCode::kNotFound,
                         fmt::format("Collection `{}` doesn't exist!", create->collection_name)};
        }
        if (catalog_->collections().contains(create->alias_name)) {
            return Error{ErrorCode::kAlreadyExists,
                         fmt::format("Collection `{}` already exists!", create->alias_name)};
        }
        QD_TRY(catalog_->put_alias(create->alias_name, create->collection_name));
    } else if (const auto* removal = std::get_if<DeleteAlias>(&action)) {
        QD_TRY(catalog_->remove_alias(removal->alias_name));
    } else {
        const auto& rename = std::get<RenameAlias>(action);
        if (!catalog_->aliases().contains(rename.old_alias_name)) {
            return Error{ErrorCode::kNotFound,
                         fmt::format("Alias {} does not exists!", rename.old_alias_name)};
        }
        if (catalog_->collections().contains(rename.new_alias_name)) {
            return Error{ErrorCode::kAlreadyExists,
                         fmt::format("Collection `{}` already exists!", rename.new_alias_name)};
        }
        QD_TRY(catalog_->rename_alias(rename.old_alias_name, rename.new_alias_name));
    }
    return true;
}

void LocalCollectionService::update_aliases(std::vector<AliasAction> actions, Deadline deadline,
                                            Reply<bool> reply) {
    lane_.run<bool>(deadline, std::move(reply), [this, actions = std::move(actions)] {
        Result<bool> result = true;
        for (const auto& action : actions) {
            result = apply_alias(action);
            if (!result.ok()) break;
        }
        // Readers see all actions of a request at once: the usual switch of an alias has no gap.
        publish_aliases();
        return result;
    });
}

void LocalCollectionService::list_aliases(Reply<std::vector<AliasInfo>> reply) {
    std::vector<AliasInfo> aliases;
    for (const auto& [alias, target] : registry_.table()->aliases)
        aliases.push_back({alias, target});
    reply(std::move(aliases));
}

void LocalCollectionService::list_collection_aliases(std::string collection,
                                                     Reply<std::vector<AliasInfo>> reply) {
    std::vector<AliasInfo> aliases;
    for (const auto& [alias, target] : registry_.table()->aliases) {
        if (target == collection) aliases.push_back({alias, target});
    }
    reply(std::move(aliases));
}

Status LocalCollectionService::record_schema(const std::string& name, const model::JsonPath& path,
                                             const model::FieldSchema* schema) {
    const auto found = catalog_->collections().find(name);
    if (found == catalog_->collections().end()) {
        return Error{ErrorCode::kNotFound, fmt::format("Collection `{}` doesn't exist!", name)};
    }
    auto entry = found->second;
    if (schema != nullptr) {
        entry.schema.insert_or_assign(path, *schema);
    } else {
        entry.schema.erase(path);
    }
    return catalog_->put_collection(name, std::move(entry));
}

void LocalCollectionService::create_field_index(std::string collection, model::JsonPath path,
                                                model::FieldSchema schema, bool wait,
                                                Deadline deadline,
                                                Reply<model::UpdateResult> reply) {
    lane_.run_async<model::UpdateResult>(
        deadline, std::move(reply),
        [this, collection = std::move(collection), path = std::move(path), schema, wait](
            auto answer) { start_field_index(collection, path, schema, wait, std::move(answer)); });
}

void LocalCollectionService::start_field_index(const std::string& collection,
                                               const model::JsonPath& path,
                                               const model::FieldSchema& schema, bool wait,
                                               Reply<model::UpdateResult> reply) {
    const auto target = registry_.find(collection);
    if (!target.ok()) {
        reply(target.error());
        return;
    }
    const auto known = (*target)->schema();
    if (const auto same = known.find(path); same != known.end() && same->second == schema) {
        const auto status =
            wait ? model::UpdateStatus::kCompleted : model::UpdateStatus::kAcknowledged;
        reply(model::UpdateResult{std::nullopt, status});
        return;
    }
    auto recorded = record_schema(registry_.resolve(collection), path, &schema);
    if (!recorded.ok()) {
        reply(std::move(recorded).error());
        return;
    }
    if (wait) {
        (*target)->create_field_index(path, schema, std::move(reply));
        return;
    }
    (*target)->create_field_index(path, schema, [](const Result<model::UpdateResult>& built) {
        ignore_result(built, "the caller did not wait; the collection info shows the index");
    });
    reply(model::UpdateResult{std::nullopt, model::UpdateStatus::kAcknowledged});
}

void LocalCollectionService::delete_field_index(std::string collection, model::JsonPath path,
                                                bool wait, Deadline deadline,
                                                Reply<model::UpdateResult> reply) {
    lane_.run<model::UpdateResult>(
        deadline, std::move(reply),
        [this, collection = std::move(collection), path = std::move(path),
         wait]() -> Result<model::UpdateResult> {
            QD_ASSIGN(const auto target, registry_.find(collection));
            QD_TRY(record_schema(registry_.resolve(collection), path, nullptr));
            QD_TRY(target->delete_field_index(path));
            return model::UpdateResult{std::nullopt, wait ? model::UpdateStatus::kCompleted
                                                          : model::UpdateStatus::kAcknowledged};
        });
}

}  // namespace qdrantd::cluster
