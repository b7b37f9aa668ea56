// SPDX-License-Identifier: Apache-2.0
// One record of a shard's operation log as bytes. Format: docs/formats/operation-log.md.
// Thread safety: free functions. Errors: decode gives kFormat for an unknown version, kChecksum for
// damage or a record of another shard (the shard's identity seeds the checksum).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>

namespace qdrantd::shard {

/// Where an operation stands in a shard's order.
struct LogPosition {
    Epoch epoch;
    OpSeq seq;
    constexpr auto operator<=>(const LogPosition&) const = default;
};

struct LogRecord {
    LogPosition position;
    OperationId id;
    std::string effect;  // encoded by engine::encode_effect
};

inline constexpr std::uint8_t kLogRecordVersion = 1;

std::string log_key(OpSeq seq);
Result<OpSeq> seq_of_log_key(std::string_view key);
/// Replaces `out` with the value of a record.
void encode_log_record(std::uint64_t identity, LogPosition position, OperationId id,
                       std::string_view effect, std::string& out);
Result<LogRecord> decode_log_record(std::uint64_t identity, std::string_view key,
                                    std::string_view value);

}  // namespace qdrantd::shard
