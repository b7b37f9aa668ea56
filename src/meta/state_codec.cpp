// SPDX-License-Identifier: Apache-2.0
// The snapshot form of meta::State (docs/formats/meta-snapshot.md).
#include <fmt/core.h>

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/common/checksum.hpp>
#include <qdrantd/meta/state.hpp>
#include <qdrantd/model/collection_config_json.hpp>

#include "meta/record_codec.hpp"

namespace qdrantd::meta {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kChecksumBytes = 8;

void write_collection(ByteWriter& out, const CollectionRecord& record) {
    out.varint(record.uid);
    out.varint(record.config_version);
    out.str(model::encode_collection_config(record.config));
    out.varint(record.schema.size());
    for (const auto& [path, schema] : record.schema) {
        out.str(path.to_string());
        out.str(model::encode_field_schema(schema));
    }
    write_shards(out, record.shards);
}

Result<CollectionRecord> read_collection(ByteReader& in) {
    CollectionRecord record;
    record.uid = in.varint();
    record.config_version = in.varint();
    QD_ASSIGN(record.config, model::decode_collection_config(in.str()));
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        QD_ASSIGN(auto path, model::JsonPath::parse(in.str()));
        QD_ASSIGN(const auto schema, model::decode_field_schema(in.str()));
        record.schema.emplace(std::move(path), schema);
    }
    record.shards = read_shards(in);
    return record;
}

void write_texts(ByteWriter& out, const std::map<std::string, std::string>& texts) {
    out.varint(texts.size());
    for (const auto& [key, value] : texts) {
        out.str(key);
        out.str(value);
    }
}

std::map<std::string, std::string> read_texts(ByteReader& in) {
    std::map<std::string, std::string> texts;
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        auto key = std::string(in.str());
        texts[std::move(key)] = in.str();
    }
    return texts;
}

}  // namespace

std::string State::encode() const {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(kVersion);
    out.varint(peers_.size());
    for (const auto& [peer, uri] : peers_) {
        out.u64(peer.value);
        out.str(uri);
    }
    out.varint(removed_peers_.size());
    for (const auto peer : removed_peers_)
        out.u64(peer.value);
    out.varint(next_uid_);
    out.varint(collections_.size());
    for (const auto& [name, record] : collections_) {
        out.str(name);
        write_collection(out, record);
    }
    write_texts(out, aliases_);
    write_texts(out, cluster_keys_);
    // Oldest first, so that equal histories give equal bytes wherever the ring begins.
    out.varint(remembered_.size());
    for (std::size_t i = 0; i < remembered_.size(); ++i) {
        const auto& entry = remembered_[(remembered_next_ + i) % remembered_.size()];
        out.u64(entry.id.origin);
        out.u64(entry.id.counter);
        out.u8(entry.answer ? 1 : 0);
        out.u8(entry.error_code);
        out.str(entry.error);
    }
    out.u64(checksum64(bytes));
    return bytes;
}

Result<State> State::decode(std::string_view bytes) {
    const Error damaged{ErrorCode::kChecksum, "a metadata snapshot is damaged"};
    if (bytes.size() < kChecksumBytes + 1) return damaged;
    const auto body = bytes.substr(0, bytes.size() - kChecksumBytes);
    ByteReader tail(bytes.substr(body.size()));
    if (tail.u64() != checksum64(body)) return damaged;

    ByteReader in(body);
    if (const auto version = in.u8(); version != kVersion) {
        return Error{
            ErrorCode::kFormat,
            fmt::format("metadata snapshot of version {}, this build reads {}", version, kVersion)};
    }
    State state;
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        const PeerId peer(in.u64());
        state.peers_[peer] = in.str();
    }
    for (auto left = in.varint(); left > 0 && in.ok(); --left)
        state.removed_peers_.emplace(in.u64());
    state.next_uid_ = in.varint();
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        auto name = std::string(in.str());
        QD_ASSIGN(auto record, read_collection(in));
        state.collections_.emplace(std::move(name), std::move(record));
    }
    state.aliases_ = read_texts(in);
    state.cluster_keys_ = read_texts(in);
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        auto& entry = state.remembered_.emplace_back();
        entry.id.origin = in.u64();
        entry.id.counter = in.u64();
        entry.answer = in.u8() != 0;
        entry.error_code = in.u8();
        entry.error = in.str();
    }
    if (!in.ok() || !in.at_end()) return damaged;
    return state;
}

std::uint64_t State::hash() const { return checksum64(encode()); }

}  // namespace qdrantd::meta
