// SPDX-License-Identifier: Apache-2.0
#include "cluster/catalog.hpp"

#include <fmt/core.h>

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/model/collection_config_json.hpp>

namespace qdrantd::cluster {

namespace {

constexpr store::Family kCatalogFamily = 0;
// First bytes of keys and records, on disk: do not renumber.
constexpr char kCollectionKey = 'c';
constexpr char kAliasKey = 'a';
constexpr char kCounterKey = 'n';
constexpr std::uint8_t kRecordVersion = 1;

std::string key_of(char kind, std::string_view name) {
    std::string key(1, kind);
    key += name;
    return key;
}

std::string encode_entry(const CatalogEntry& entry) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(kRecordVersion);
    writer.varint(entry.folder_number);
    writer.str(model::encode_collection_config(entry.config));
    writer.varint(entry.schema.size());
    for (const auto& [path, schema] : entry.schema) {
        writer.str(path.to_string());
        writer.str(model::encode_field_schema(schema));
    }
    writer.varint(entry.shards.size());
    for (const auto shard : entry.shards)
        writer.varint(shard.value);
    return out;
}

Result<CatalogEntry> decode_entry(std::string_view name, std::string_view bytes) {
    ByteReader reader(bytes);
    if (const auto version = reader.u8(); version != kRecordVersion) {
        return Error{ErrorCode::kFormat,
                     fmt::format("collection `{}` is stored in version {}, this build reads {}",
                                 name, version, kRecordVersion)};
    }
    CatalogEntry entry;
    entry.folder_number = reader.varint();
    QD_ASSIGN(entry.config, model::decode_collection_config(reader.str()));
    for (auto left = reader.varint(); left > 0 && reader.ok(); --left) {
        QD_ASSIGN(auto path, model::JsonPath::parse(reader.str()));
        QD_ASSIGN(auto schema, model::decode_field_schema(reader.str()));
        entry.schema.emplace(std::move(path), schema);
    }
    for (auto left = reader.varint(); left > 0 && reader.ok(); --left) {
        entry.shards.emplace_back(static_cast<std::uint32_t>(reader.varint()));
    }
    if (!reader.ok() || !reader.at_end() || entry.shards.empty()) {
        return Error{ErrorCode::kChecksum,
                     fmt::format("the stored definition of collection `{}` is damaged", name)};
    }
    return entry;
}

}  // namespace

Result<std::unique_ptr<Catalog>> Catalog::open(std::unique_ptr<store::KvStore> store) {
    auto catalog = std::unique_ptr<Catalog>(new Catalog(std::move(store)));
    QD_TRY(catalog->load());
    return catalog;
}

Status Catalog::load() {
    const auto entries = store_->iterate(kCatalogFamily);
    for (entries->seek(""); entries->valid(); entries->next()) {
        const auto name = std::string(entries->key().substr(1));
        switch (entries->key().front()) {
            case kCollectionKey: {
                QD_ASSIGN(auto entry, decode_entry(name, entries->value()));
                collections_.emplace(name, std::move(entry));
                break;
            }
            case kAliasKey:
                aliases_.emplace(name, std::string(entries->value()));
                break;
            case kCounterKey: {
                ByteReader reader(entries->value());
                next_folder_number_ = reader.u64();
                break;
            }
            default:
                return Error{ErrorCode::kFormat, "the catalog holds a record of an unknown kind"};
        }
    }
    return entries->status();
}

Status Catalog::put_collection(const std::string& name, CatalogEntry entry) {
    store::WriteBatch batch;
    batch.put(kCatalogFamily, key_of(kCollectionKey, name), encode_entry(entry));
    const auto next = std::max(next_folder_number_, entry.folder_number + 1);
    std::string counter;
    ByteWriter(counter).u64(next);
    batch.put(kCatalogFamily, key_of(kCounterKey, ""), counter);
    QD_TRY(store_->write(batch, store::Sync::kSync));
    next_folder_number_ = next;
    collections_.insert_or_assign(name, std::move(entry));
    return {};
}

Status Catalog::remove_collection(const std::string& name) {
    store::WriteBatch batch;
    batch.erase(kCatalogFamily, key_of(kCollectionKey, name));
    for (const auto& [alias, target] : aliases_) {
        if (target == name) batch.erase(kCatalogFamily, key_of(kAliasKey, alias));
    }
    QD_TRY(store_->write(batch, store::Sync::kSync));
    collections_.erase(name);
    std::erase_if(aliases_, [&name](const auto& alias) { return alias.second == name; });
    return {};
}

Status Catalog::put_alias(const std::string& alias, const std::string& collection) {
    store::WriteBatch batch;
    batch.put(kCatalogFamily, key_of(kAliasKey, alias), collection);
    QD_TRY(store_->write(batch, store::Sync::kSync));
    aliases_.insert_or_assign(alias, collection);
    return {};
}

Status Catalog::remove_alias(const std::string& alias) {
    store::WriteBatch batch;
    batch.erase(kCatalogFamily, key_of(kAliasKey, alias));
    QD_TRY(store_->write(batch, store::Sync::kSync));
    aliases_.erase(alias);
    return {};
}

Status Catalog::rename_alias(const std::string& from, const std::string& to) {
    const auto target = aliases_.at(from);
    store::WriteBatch batch;
    batch.erase(kCatalogFamily, key_of(kAliasKey, from));
    batch.put(kCatalogFamily, key_of(kAliasKey, to), target);
    QD_TRY(store_->write(batch, store::Sync::kSync));
    aliases_.erase(from);
    aliases_.insert_or_assign(to, target);
    return {};
}

}  // namespace qdrantd::cluster
