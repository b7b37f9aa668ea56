// SPDX-License-Identifier: Apache-2.0
#include "shard/shard_meta.hpp"

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/common/checksum.hpp>

namespace qdrantd::shard {

namespace {

constexpr std::uint8_t kRowVersion = 1;

Error damaged(std::string_view what) {
    return {ErrorCode::kChecksum, fmt::format("shard metadata: damaged row '{}'", what)};
}

}  // namespace

std::string seal_row(std::string_view body) {
    std::string out;
    ByteWriter writer(out);
    writer.u8(kRowVersion);
    writer.u64(checksum64(body, kRowVersion));
    writer.raw(body.data(), body.size());
    return out;
}

Result<std::string_view> unseal_row(std::string_view row, std::string_view what) {
    ByteReader reader(row);
    const auto version = reader.u8();
    const auto checksum = reader.u64();
    if (!reader.ok()) return damaged(what);
    if (version != kRowVersion) {
        return Error{ErrorCode::kFormat,
                     fmt::format("shard metadata: row '{}' has version {}, this build reads {}",
                                 what, version, kRowVersion)};
    }
    const auto body = reader.take(reader.left());
    if (checksum64(body, kRowVersion) != checksum) return damaged(what);
    return body;
}

std::string encode_format(const ShardFormat& format) {
    std::string out;
    ByteWriter writer(out);
    writer.u32(format.version);
    writer.u64(format.identity);
    writer.u64(checksum64(out));
    return out;
}

Result<ShardFormat> decode_format(std::string_view bytes) {
    ByteReader reader(bytes);
    ShardFormat format;
    format.version = reader.u32();
    // A later version may have another layout behind its number.
    if (reader.ok() && format.version != kShardFormatVersion) {
        return Error{ErrorCode::kFormat,
                     fmt::format("shard has format version {}, this build reads version {}",
                                 format.version, kShardFormatVersion)};
    }
    format.identity = reader.u64();
    const auto checksum = reader.u64();
    if (!reader.ok() || !reader.at_end() || checksum64(bytes.substr(0, 12)) != checksum) {
        return damaged(kFormatKey);
    }
    return format;
}

std::string encode_applied(LogPosition applied) {
    std::string out;
    ByteWriter writer(out);
    writer.u64(applied.epoch.value);
    writer.u64(applied.seq.value);
    return out;
}

Result<LogPosition> decode_applied(std::string_view bytes) {
    ByteReader reader(bytes);
    LogPosition applied;
    applied.epoch = Epoch(reader.u64());
    applied.seq = OpSeq(reader.u64());
    if (!reader.ok() || !reader.at_end()) return damaged(kAppliedKey);
    return applied;
}

std::string encode_epochs(const std::vector<EpochStart>& epochs) {
    std::string body;
    ByteWriter writer(body);
    writer.varint(epochs.size());
    for (const auto& start : epochs) {
        writer.u64(start.epoch.value);
        writer.u64(start.first.value);
    }
    return seal_row(body);
}

Result<std::vector<EpochStart>> decode_epochs(std::string_view bytes) {
    QD_ASSIGN(const auto body, unseal_row(bytes, kEpochsKey));
    ByteReader reader(body);
    const auto count = reader.varint();
    std::vector<EpochStart> epochs;
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        EpochStart start;
        start.epoch = Epoch(reader.u64());
        start.first = OpSeq(reader.u64());
        epochs.push_back(start);
    }
    if (!reader.ok() || !reader.at_end()) return damaged(kEpochsKey);
    return epochs;
}

std::string id_key(OpSeq seq) {
    std::string key(kIdKeyPrefix);
    ByteWriter(key).u64_be(seq.value);
    return key;
}

std::string encode_id(OperationId id) {
    std::string out;
    ByteWriter writer(out);
    writer.u64(id.origin);
    writer.u64(id.counter);
    return out;
}

Result<OperationId> decode_id(std::string_view bytes) {
    ByteReader reader(bytes);
    OperationId id;
    id.origin = reader.u64();
    id.counter = reader.u64();
    if (!reader.ok() || !reader.at_end()) return damaged(kIdKeyPrefix);
    return id;
}

}  // namespace qdrantd::shard
