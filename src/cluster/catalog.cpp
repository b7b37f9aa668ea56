// SPDX-License-Identifier: Apache-2.0
#include "cluster/catalog.hpp"

#include <fmt/core.h>

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/common/checksum.hpp>
#include <qdrantd/common/log.hpp>
#include <qdrantd/model/collection_config_json.hpp>
#include <qdrantd/store/file.hpp>

namespace qdrantd::cluster {

namespace {

constexpr store::Family kCatalogFamily = 0;
// First bytes of keys and records, on disk: do not renumber.
constexpr char kCollectionKey = 'c';
constexpr char kAliasKey = 'a';
constexpr char kCounterKey = 'n';
constexpr char kDoomedKey = 'd';
constexpr char kChangesKey = 'v';
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

std::string number_key(char kind, std::uint64_t number) {
    std::string key(1, kind);
    ByteWriter(key).u64_be(number);
    return key;
}

std::string encode_number(std::uint64_t number) {
    std::string bytes;
    ByteWriter(bytes).u64(number);
    return bytes;
}

std::string encode_mark(std::uint64_t changes) {
    auto bytes = encode_number(changes);
    ByteWriter(bytes).u64(checksum64(bytes));
    return bytes;
}

Result<std::uint64_t> decode_mark(std::string_view bytes) {
    ByteReader reader(bytes);
    const auto changes = reader.u64();
    const auto sum = reader.u64();
    if (!reader.ok() || !reader.at_end() || sum != checksum64(encode_number(changes))) {
        return Error{ErrorCode::kChecksum, "the mark of the catalog is damaged"};
    }
    return changes;
}

}  // namespace

Result<std::unique_ptr<Catalog>> Catalog::open(const std::string& folder,
                                               store::SharedResources& shared) {
    const auto mark_path = folder + "/catalog.mark";
    const auto mark = store::read_file(mark_path);
    if (!mark.ok() && mark.error().code != ErrorCode::kNotFound) return mark.error();
    std::uint64_t marked = 0;
    if (mark.ok()) {
        QD_ASSIGN(marked, decode_mark(*mark));
    }
    QD_ASSIGN(auto store,
              store::open_rocksdb(
                  folder + "/catalog", {{"catalog", store::FamilyKind::kSmall}}, shared,
                  mark.ok() ? store::OpenMode::kMustExist : store::OpenMode::kOpenOrCreate));
    auto catalog = std::unique_ptr<Catalog>(new Catalog(mark_path, std::move(store)));
    QD_TRY(catalog->load());
    if (catalog->changes_ < marked) {
        return Error{ErrorCode::kChecksum,
                     fmt::format("the catalog ends at change {}, but {} was durable",
                                 catalog->changes_, marked)};
    }
    catalog->is_new_ = !mark.ok() && catalog->changes_ == 0;
    if (!mark.ok()) QD_TRY(store::write_file_durably(mark_path, encode_mark(catalog->changes_)));
    return catalog;
}

Status Catalog::commit(store::WriteBatch& batch) {
    batch.put(kCatalogFamily, key_of(kChangesKey, ""), encode_number(changes_ + 1));
    QD_TRY(store_->write(batch, store::Sync::kSync));
    ++changes_;
    // The change is made. Without its mark, the loss of this one change would go unnoticed, and
    // nothing else is worse.
    const auto marked = store::write_file_durably(mark_path_, encode_mark(changes_));
    if (!marked.ok()) log_warn("cluster", "catalog_mark", "error={}", describe(marked.error()));
    return {};
}

Result<std::uint64_t> Catalog::reserve_folder() {
    const auto number = next_folder_number_;
    store::WriteBatch batch;
    batch.put(kCatalogFamily, number_key(kDoomedKey, number), "");
    batch.put(kCatalogFamily, key_of(kCounterKey, ""), encode_number(number + 1));
    QD_TRY(commit(batch));
    next_folder_number_ = number + 1;
    doomed_.insert(number);
    return number;
}

Status Catalog::forget_folder(std::uint64_t number) {
    store::WriteBatch batch;
    batch.erase(kCatalogFamily, number_key(kDoomedKey, number));
    QD_TRY(commit(batch));
    doomed_.erase(number);
    return {};
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
            case kDoomedKey: {
                ByteReader reader(entries->key().substr(1));
                doomed_.insert(reader.u64_be());
                break;
            }
            case kChangesKey: {
                ByteReader reader(entries->value());
                changes_ = reader.u64();
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
    batch.erase(kCatalogFamily, number_key(kDoomedKey, entry.folder_number));
    QD_TRY(commit(batch));
    doomed_.erase(entry.folder_number);
    collections_.insert_or_assign(name, std::move(entry));
    return {};
}

Status Catalog::remove_collection(const std::string& name) {
    const auto number = collections_.at(name).folder_number;
    store::WriteBatch batch;
    batch.erase(kCatalogFamily, key_of(kCollectionKey, name));
    batch.put(kCatalogFamily, number_key(kDoomedKey, number), "");
    for (const auto& [alias, target] : aliases_) {
        if (target == name) batch.erase(kCatalogFamily, key_of(kAliasKey, alias));
    }
    QD_TRY(commit(batch));
    collections_.erase(name);
    doomed_.insert(number);
    std::erase_if(aliases_, [&name](const auto& alias) { return alias.second == name; });
    return {};
}

Status Catalog::put_alias(const std::string& alias, const std::string& collection) {
    store::WriteBatch batch;
    batch.put(kCatalogFamily, key_of(kAliasKey, alias), collection);
    QD_TRY(commit(batch));
    aliases_.insert_or_assign(alias, collection);
    return {};
}

Status Catalog::remove_alias(const std::string& alias) {
    store::WriteBatch batch;
    batch.erase(kCatalogFamily, key_of(kAliasKey, alias));
    QD_TRY(commit(batch));
    aliases_.erase(alias);
    return {};
}

Status Catalog::rename_alias(const std::string& from, const std::string& to) {
    const auto target = aliases_.at(from);
    store::WriteBatch batch;
    batch.erase(kCatalogFamily, key_of(kAliasKey, from));
    batch.put(kCatalogFamily, key_of(kAliasKey, to), target);
    QD_TRY(commit(batch));
    aliases_.erase(from);
    aliases_.insert_or_assign(to, target);
    return {};
}

}  // namespace qdrantd::cluster
