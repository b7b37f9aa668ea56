// SPDX-License-Identifier: Apache-2.0
#include "shard/log_record.hpp"

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/common/checksum.hpp>

namespace qdrantd::shard {

namespace {

constexpr std::size_t kChecksumAt = 1;
constexpr std::size_t kHeaderBytes = 1 + 4 * sizeof(std::uint64_t);

/// Over everything behind the checksum, seeded by whose record it is and which.
std::uint64_t record_checksum(std::uint64_t identity, OpSeq seq, std::string_view value) {
    const auto seed = identity ^ (seq.value * 0x9E3779B97F4A7C15ULL);
    return checksum64(value.substr(kChecksumAt + sizeof(std::uint64_t)), seed);
}

}  // namespace

std::string log_key(OpSeq seq) {
    std::string key;
    ByteWriter(key).u64_be(seq.value);
    return key;
}

Result<OpSeq> seq_of_log_key(std::string_view key) {
    ByteReader reader(key);
    const OpSeq seq(reader.u64_be());
    if (!reader.ok() || !reader.at_end()) {
        return Error{ErrorCode::kChecksum, "operation log: a key of the wrong length"};
    }
    return seq;
}

void encode_log_record(std::uint64_t identity, LogPosition position, OperationId id,
                       std::string_view effect, std::string& out) {
    out.clear();
    out.reserve(kHeaderBytes + effect.size());
    ByteWriter writer(out);
    writer.u8(kLogRecordVersion);
    writer.u64(0);
    writer.u64(position.epoch.value);
    writer.u64(id.origin);
    writer.u64(id.counter);
    writer.raw(effect.data(), effect.size());
    const auto checksum = record_checksum(identity, position.seq, out);
    std::memcpy(out.data() + kChecksumAt, &checksum, sizeof checksum);
}

Result<LogRecord> decode_log_record(std::uint64_t identity, std::string_view key,
                                    std::string_view value) {
    QD_ASSIGN(const auto seq, seq_of_log_key(key));
    ByteReader reader(value);
    const auto version = reader.u8();
    if (reader.ok() && version != kLogRecordVersion) {
        return Error{ErrorCode::kFormat,
                     fmt::format("operation log: record {} has version {}, this build reads {}",
                                 seq.value, version, kLogRecordVersion)};
    }
    const auto checksum = reader.u64();
    LogRecord record;
    record.position = {Epoch(reader.u64()), seq};
    record.id.origin = reader.u64();
    record.id.counter = reader.u64();
    if (!reader.ok() || record_checksum(identity, seq, value) != checksum) {
        return Error{
            ErrorCode::kChecksum,
            fmt::format("operation log: record {} does not match its checksum", seq.value)};
    }
    record.effect = std::string(reader.take(reader.left()));
    return record;
}

}  // namespace qdrantd::shard
