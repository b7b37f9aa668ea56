// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/meta/command.hpp>

#include <fmt/core.h>

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/model/collection_config_json.hpp>

#include "meta/record_codec.hpp"

namespace qdrantd::meta {

namespace {

constexpr std::uint8_t kVersion = 1;

// On disk and on the wire: do not renumber.
enum class Kind : std::uint8_t {
    kNothing = 0,
    kPutPeer = 1,
    kRemovePeer = 2,
    kCreateCollection = 3,
    kSetCollectionConfig = 4,
    kRemoveCollection = 5,
    kSetFieldIndex = 6,
    kChangeAliases = 7,
    kSetClusterKey = 8,
};
enum class AliasKind : std::uint8_t { kPut = 1, kRemove = 2, kRename = 3 };

struct Encoder {
    ByteWriter& out;

    void kind(Kind value) const { out.u8(static_cast<std::uint8_t>(value)); }

    void operator()(const Nothing&) const { kind(Kind::kNothing); }
    void operator()(const PutPeer& change) const {
        kind(Kind::kPutPeer);
        out.u64(change.peer.value);
        out.str(change.uri);
    }
    void operator()(const RemovePeer& change) const {
        kind(Kind::kRemovePeer);
        out.u64(change.peer.value);
    }
    void operator()(const CreateCollection& change) const {
        kind(Kind::kCreateCollection);
        out.str(change.name);
        out.str(model::encode_collection_config(change.config));
        write_shards(out, change.shards);
    }
    void operator()(const SetCollectionConfig& change) const {
        kind(Kind::kSetCollectionConfig);
        out.str(change.name);
        out.varint(change.expected_version);
        out.str(model::encode_collection_config(change.config));
    }
    void operator()(const RemoveCollection& change) const {
        kind(Kind::kRemoveCollection);
        out.str(change.name);
    }
    void operator()(const SetFieldIndex& change) const {
        kind(Kind::kSetFieldIndex);
        out.str(change.collection);
        out.str(change.path.to_string());
        out.u8(change.schema ? 1 : 0);
        if (change.schema) out.str(model::encode_field_schema(*change.schema));
    }
    void operator()(const ChangeAliases& change) const {
        kind(Kind::kChangeAliases);
        out.varint(change.actions.size());
        for (const auto& action : change.actions)
            std::visit(*this, action);
    }
    void operator()(const PutAlias& action) const {
        alias(AliasKind::kPut, action.alias, action.collection);
    }
    void operator()(const RemoveAlias& action) const {
        alias(AliasKind::kRemove, action.alias, "");
    }
    void operator()(const RenameAlias& action) const {
        alias(AliasKind::kRename, action.from, action.to);
    }
    void operator()(const SetClusterKey& change) const {
        kind(Kind::kSetClusterKey);
        out.str(change.key);
        out.u8(change.value_json ? 1 : 0);
        if (change.value_json) out.str(*change.value_json);
    }

  private:
    void alias(AliasKind value, std::string_view first, std::string_view second) const {
        out.u8(static_cast<std::uint8_t>(value));
        out.str(first);
        out.str(second);
    }
};

Result<CreateCollection> read_create(ByteReader& in) {
    CreateCollection change;
    change.name = in.str();
    QD_ASSIGN(change.config, model::decode_collection_config(in.str()));
    change.shards = read_shards(in);
    return change;
}

Result<SetCollectionConfig> read_set_config(ByteReader& in) {
    SetCollectionConfig change;
    change.name = in.str();
    change.expected_version = in.varint();
    QD_ASSIGN(change.config, model::decode_collection_config(in.str()));
    return change;
}

Result<SetFieldIndex> read_field_index(ByteReader& in) {
    SetFieldIndex change;
    change.collection = in.str();
    QD_ASSIGN(change.path, model::JsonPath::parse(in.str()));
    if (in.u8() != 0) {
        QD_ASSIGN(change.schema, model::decode_field_schema(in.str()));
    }
    return change;
}

Result<ChangeAliases> read_aliases(ByteReader& in) {
    ChangeAliases change;
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        const auto kind = in.u8();
        auto first = std::string(in.str());
        auto second = std::string(in.str());
        switch (static_cast<AliasKind>(kind)) {
            case AliasKind::kPut:
                change.actions.emplace_back(PutAlias{first, second});
                break;
            case AliasKind::kRemove:
                change.actions.emplace_back(RemoveAlias{first});
                break;
            case AliasKind::kRename:
                change.actions.emplace_back(RenameAlias{first, second});
                break;
            default:
                return Error{ErrorCode::kFormat,
                             fmt::format("metadata alias action of unknown kind {}", kind)};
        }
    }
    return change;
}

template <typename T>
Result<Change> as_change(Result<T> read) {
    if (!read.ok()) return std::move(read).error();
    return Change(std::move(*read));
}

Result<Change> read_change(ByteReader& in) {
    const auto kind = in.u8();
    switch (static_cast<Kind>(kind)) {
        case Kind::kNothing:
            return Change(Nothing{});
        case Kind::kPutPeer: {
            const PeerId peer(in.u64());
            return Change(PutPeer{peer, std::string(in.str())});
        }
        case Kind::kRemovePeer:
            return Change(RemovePeer{PeerId(in.u64())});
        case Kind::kCreateCollection:
            return as_change(read_create(in));
        case Kind::kSetCollectionConfig:
            return as_change(read_set_config(in));
        case Kind::kRemoveCollection:
            return Change(RemoveCollection{std::string(in.str())});
        case Kind::kSetFieldIndex:
            return as_change(read_field_index(in));
        case Kind::kChangeAliases:
            return as_change(read_aliases(in));
        case Kind::kSetClusterKey: {
            SetClusterKey change;
            change.key = in.str();
            if (in.u8() != 0) change.value_json = in.str();
            return Change(std::move(change));
        }
    }
    return Error{ErrorCode::kFormat, fmt::format("metadata entry of unknown kind {}", kind)};
}

}  // namespace

std::string encode(const Command& command) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(kVersion);
    out.u64(command.id.origin);
    out.u64(command.id.counter);
    std::visit(Encoder{out}, command.change);
    return bytes;
}

Result<Command> decode_command(std::string_view bytes) {
    ByteReader in(bytes);
    if (const auto version = in.u8(); version != kVersion) {
        return Error{
            ErrorCode::kFormat,
            fmt::format("metadata entry of version {}, this build reads {}", version, kVersion)};
    }
    Command command;
    command.id.origin = in.u64();
    command.id.counter = in.u64();
    QD_ASSIGN(command.change, read_change(in));
    if (!in.ok() || !in.at_end())
        return Error{ErrorCode::kChecksum, "a metadata entry is cut short or too long"};
    return command;
}

}  // namespace qdrantd::meta
