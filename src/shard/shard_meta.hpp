// SPDX-License-Identifier: Apache-2.0
// Rows of a shard's meta family: format, applied mark, manifest of the current segment (sealed),
// epoch history, ids of operations whose records were cut. Format: docs/formats/shard-store.md.
// Thread safety: free functions. Errors: kFormat names both versions for an unknown one; kChecksum
// for damage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/result.hpp>

#include "shard/operation_log.hpp"

namespace qdrantd::shard {

inline constexpr std::uint32_t kShardFormatVersion = 1;

struct ShardFormat {
    std::uint32_t version = kShardFormatVersion;
    std::uint64_t identity = 0;  // random; seeds the checksums of log records
};

inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kAppliedKey = "applied";
inline constexpr std::string_view kManifestKey = "manifest";
inline constexpr std::string_view kEpochsKey = "epochs";
inline constexpr std::string_view kIdKeyPrefix = "id/";  // then the sequence number, big endian

std::string encode_format(const ShardFormat& format);
Result<ShardFormat> decode_format(std::string_view bytes);
std::string encode_applied(LogPosition applied);
Result<LogPosition> decode_applied(std::string_view bytes);
/// Version byte and checksum in front of a row's bytes.
std::string seal_row(std::string_view body);
/// `what` names the row in errors. The view is into `row`.
Result<std::string_view> unseal_row(std::string_view row, std::string_view what);
std::string encode_epochs(const std::vector<EpochStart>& epochs);
Result<std::vector<EpochStart>> decode_epochs(std::string_view bytes);
std::string id_key(OpSeq seq);
std::string encode_id(OperationId id);
Result<OperationId> decode_id(std::string_view bytes);

}  // namespace qdrantd::shard
