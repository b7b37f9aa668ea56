// SPDX-License-Identifier: Apache-2.0
#include "cluster/local_collection_service.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>

#include <fmt/core.h>

#include <qdrantd/common/log.hpp>
#include <qdrantd/model/collection_config_json.hpp>
#include <qdrantd/model/validate.hpp>

namespace qdrantd::cluster {

namespace {

constexpr std::uint32_t kShardsMax = 1024;

Error missing(std::string_view name) {
    return {ErrorCode::kNotFound, fmt::format("Collection `{}` doesn't exist!", name)};
}

/// Deletes a folder tree. What cannot be deleted now is deleted at the next start, for no catalog
/// record names it.
void remove_tree(const std::string& folder) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error)
        log_warn("cluster", "folder_not_removed", "folder={} error={}", folder, error.message());
}

model::CollectionConfig config_of(const model::CreateCollection& request,
                                  const CollectionDefaults& defaults) {
    model::CollectionConfig config;
    auto& params = config.params;
    params.vectors = request.vectors;
    params.shard_number = request.shard_number.value_or(defaults.shard_number);
    params.replication_factor = request.replication_factor.value_or(defaults.replication_factor);
    params.write_consistency_factor =
        request.write_consistency_factor.value_or(defaults.write_consistency_factor);
    params.on_disk_payload = request.on_disk_payload.value_or(defaults.on_disk_payload);
    params.payload_memory = request.payload_memory;
    config.hnsw = request.hnsw.over(defaults.hnsw);
    config.optimizers = defaults.optimizers;
    request.optimizers.apply_to(config.optimizers);
    config.wal.wal_capacity_mb = request.wal_capacity_mb.value_or(defaults.wal.wal_capacity_mb);
    config.wal.wal_segments_ahead =
        request.wal_segments_ahead.value_or(defaults.wal.wal_segments_ahead);
    config.wal.wal_retain_closed =
        request.wal_retain_closed.value_or(defaults.wal.wal_retain_closed);
    config.strict_mode_json = request.strict_mode_json;
    config.metadata_json = request.metadata_json;
    return config;
}

}  // namespace

LocalCollectionService::LocalCollectionService(const NodeOptions& options, Parts parts)
    : options_(options),
      catalog_(std::move(parts.catalog)),
      registry_(*parts.registry),
      lane_(*parts.control),
      control_(*parts.control),
      searchers_(*parts.searchers),
      shard_(parts.shard) {}

LocalCollectionService::~LocalCollectionService() = default;

std::string LocalCollectionService::folder_of(const CatalogEntry& entry) const {
    return fmt::format("{}/collections/{}", options_.storage_path, entry.folder_number);
}

Registry::CollectionPtr LocalCollectionService::make_collection(const std::string& name,
                                                                const CatalogEntry& entry) const {
    collection::CollectionOptions options;
    options.name = name;
    options.folder = folder_of(entry);
    options.config = entry.config;
    options.schema = entry.schema;
    options.shards = entry.shards;
    options.searchers = &searchers_;
    options.shard = shard_;
    return collection::Collection::make(std::move(options));
}

Status LocalCollectionService::load() {
    const auto root = std::filesystem::path(options_.storage_path) / "collections";
    std::error_code error;
    std::filesystem::create_directories(root, error);
    if (error)
        return Error{ErrorCode::kIo,
                     fmt::format("cannot make {}: {}", root.string(), error.message())};

    Registry::Table table;
    std::set<std::string> known;
    for (const auto& [name, entry] : catalog_->collections()) {
        known.insert(std::to_string(entry.folder_number));
        table.collections.emplace(name, make_collection(name, entry));
    }
    for (const auto& [alias, target] : catalog_->aliases())
        table.aliases.emplace(alias, target);
    QD_TRY(look_at_folders(root.string(), known));
    registry_.publish(std::move(table));
    return {};
}

/// Removes what a crash left of a creation or deletion. A folder that the catalog never heard of is
/// somebody's data: it stays, and a new catalog beside it means that the old one was lost.
Status LocalCollectionService::look_at_folders(const std::string& root,
                                               const std::set<std::string>& known) {
    std::error_code error;
    for (const auto& folder : std::filesystem::directory_iterator(root, error)) {
        const auto name = folder.path().filename().string();
        const bool ours =
            !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
        if (!ours || known.contains(name) ||
            catalog_->doomed().contains(std::strtoull(name.c_str(), nullptr, 10))) {
            continue;
        }
        if (catalog_->is_new()) {
            return Error{ErrorCode::kChecksum,
                         fmt::format("the catalog of collections is missing, but {} holds data: "
                                     "restore {}/catalog, or "
                                     "move that folder away to start empty",
                                     folder.path().string(), options_.storage_path)};
        }
        log_warn("cluster", "unknown_folder", "folder={} action=kept", folder.path().string());
    }
    const auto doomed = catalog_->doomed();
    for (const auto number : doomed) {
        remove_tree(fmt::format("{}/{}", root, number));
        QD_TRY(catalog_->forget_folder(number));
    }
    return {};
}

void LocalCollectionService::open_all() {
    const auto posted = control_.post([this] {
        const auto table = registry_.table();
        for (const auto& [name, target] : table->collections) {
            if (stopping_) return;
            const auto opened = target->open([this] { return keep_going(Deadline::never()); });
            if (!opened.ok()) {
                log_error("cluster", "collection_not_opened", "collection={} error={}", name,
                          describe(opened.error()));
            }
        }
        ready_ = true;
        log_info("cluster", "collections_opened", "count={}", table->collections.size());
    });
    ignore_result(posted, "refused only when the node is stopping already");
}

void LocalCollectionService::stop() {
    stopping_ = true;
    for (const auto& [name, target] : registry_.table()->collections)
        target->stop();
}

void LocalCollectionService::create(std::string name, model::CreateCollection request,
                                    Deadline deadline, Reply<bool> reply) {
    lane_.run<bool>(deadline, std::move(reply),
                    [this, name = std::move(name), request = std::move(request), deadline] {
                        return create_now(name, request, deadline);
                    });
}

Status LocalCollectionService::keep_going(Deadline deadline) const {
    if (stopping_) return Error{ErrorCode::kUnavailable, "the server is stopping"};
    if (deadline.passed()) return Error{ErrorCode::kTimeout, "the collection was not made in time"};
    return {};
}

/// What cannot be removed now is removed at the next start.
void LocalCollectionService::remove_doomed(const CatalogEntry& entry) {
    const auto folder = folder_of(entry);
    remove_tree(folder);
    if (std::filesystem::exists(folder)) return;
    const auto forgotten = catalog_->forget_folder(entry.folder_number);
    if (!forgotten.ok())
        log_warn("cluster", "folder_not_forgotten", "error={}", describe(forgotten.error()));
}

Result<bool> LocalCollectionService::create_now(const std::string& name,
                                                const model::CreateCollection& request,
                                                Deadline deadline) {
    QD_TRY(model::validate_collection_name(name));
    if (catalog_->collections().contains(name)) {
        return Error{ErrorCode::kAlreadyExists,
                     fmt::format("Collection `{}` already exists!", name)};
    }
    if (catalog_->aliases().contains(name)) {
        return Error{
            ErrorCode::kBadInput,
            fmt::format(
                "Can't create collection with name {}. Alias with the same name already exists",
                name)};
    }
    if (options_.max_collections != 0 &&
        catalog_->collections().size() >= options_.max_collections) {
        return Error{ErrorCode::kBadRequest,
                     fmt::format("Can't create collection: the limit of {} collections is reached",
                                 options_.max_collections)};
    }
    CatalogEntry entry;

    entry.config = config_of(request, options_.defaults);
    QD_TRY(model::validate_config(entry.config));
    const auto shards = entry.config.params.shard_number;
    if (shards > kShardsMax) {
        return Error{ErrorCode::kBadInput,
                     fmt::format("shard_number {} is above the limit of {}", shards, kShardsMax)};
    }
    for (std::uint32_t i = 0; i < shards; ++i)
        entry.shards.emplace_back(i);

    QD_ASSIGN(entry.folder_number, catalog_->reserve_folder());
    auto target = make_collection(name, entry);
    auto made = target->open([this, deadline] { return keep_going(deadline); });
    if (made.ok()) made = catalog_->put_collection(name, entry);
    if (!made.ok()) {
        target->stop();
        remove_doomed(entry);
        return std::move(made).error();
    }
    auto table = *registry_.table();
    table.collections.insert_or_assign(name, std::move(target));
    registry_.publish(std::move(table));
    log_info("cluster", "collection_created", "collection={} shards={}", name, shards);
    return true;
}

void LocalCollectionService::patch(std::string name, model::CollectionPatch patch,
                                   Deadline deadline, Reply<bool> reply) {
    lane_.run<bool>(deadline, std::move(reply),
                    [this, name = std::move(name), patch = std::move(patch)] {
                        return patch_now(name, patch);
                    });
}

Result<bool> LocalCollectionService::patch_now(const std::string& name,
                                               const model::CollectionPatch& patch) {
    const auto real = registry_.resolve(name);
    if (real.empty()) return missing(name);
    auto entry = catalog_->collections().at(real);
    QD_ASSIGN(entry.config, model::apply_patch(entry.config, patch));
    QD_TRY(model::validate_config(entry.config));
    QD_TRY(catalog_->put_collection(real, entry));
    QD_ASSIGN(const auto target, registry_.find(real));
    target->set_config(entry.config);
    return true;
}

void LocalCollectionService::remove(std::string name, Deadline deadline, Reply<bool> reply) {
    lane_.run<bool>(deadline, std::move(reply),
                    [this, name = std::move(name)] { return remove_now(name); });
}

Result<bool> LocalCollectionService::remove_now(const std::string& name) {
    const auto found = catalog_->collections().find(name);
    if (found == catalog_->collections().end()) return false;
    const auto entry = found->second;
    QD_TRY(catalog_->remove_collection(name));
    auto table = *registry_.table();
    const auto target = table.collections.at(name);
    table.collections.erase(name);
    std::erase_if(table.aliases, [&name](const auto& alias) { return alias.second == name; });
    registry_.publish(std::move(table));
    target->stop();
    remove_doomed(entry);
    log_info("cluster", "collection_removed", "collection={}", name);
    return true;
}

void LocalCollectionService::get(std::string name, Reply<CollectionInfo> reply) {
    auto target = registry_.find(name);
    if (!target.ok()) {
        reply(std::move(target).error());
        return;
    }
    auto answer = std::make_shared<Reply<CollectionInfo>>(std::move(reply));
    auto posted = searchers_.post([answer, target = std::move(*target)] {
        const auto state = target->info();
        if (!state.ok()) {
            (*answer)(state.error());
            return;
        }
        CollectionInfo info;
        info.config = *target->config();
        info.points_count = state->points;
        info.indexed_vectors_count = state->indexed_vectors;
        info.segments_count = state->segments;
        info.update_queue_length = state->queue_length;
        info.optimizer_error = state->failure;
        if (!state->failure.empty()) {
            info.status = CollectionStatus::kRed;
        } else if (state->optimizing || state->pending_vectors > 0) {
            info.status = CollectionStatus::kYellow;
        }
        for (const auto& [path, schema] : target->schema()) {
            const auto points = state->indexed_payloads.find(path);
            info.payload_schema[path] = {
                schema, points == state->indexed_payloads.end() ? 0 : points->second};
        }
        (*answer)(std::move(info));
    });
    if (!posted.ok()) (*answer)(std::move(posted).error());
}

void LocalCollectionService::list(Reply<std::vector<std::string>> reply) {
    std::vector<std::string> names;
    for (const auto& [name, target] : registry_.table()->collections)
        names.push_back(name);
    reply(std::move(names));
}

void LocalCollectionService::exists(std::string name, Reply<bool> reply) {
    reply(!registry_.resolve(name).empty());
}

}  // namespace qdrantd::cluster
