// SPDX-License-Identifier: Apache-2.0
// Append-only files whose covered part is checked by an XXH3 checksum per 1 MiB block. The
// checksums are kept in the segment's manifest, so that a file that was swapped, cut or left from
// another time is found out, too. Thread safety: free functions; one writer per file. Errors: kIo,
// kInsufficientStorage; read_verified gives kChecksum for a missing, short or damaged file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <qdrantd/common/result.hpp>
#include <qdrantd/engine/segment.hpp>

namespace qdrantd::engine {

inline constexpr std::size_t kBlockBytes = 1UL << 20;

/// Writes `bytes` at `offset` of the file (made if missing) and makes them durable.
Status write_durably(const std::string& path, std::uint64_t offset,
                     std::span<const std::byte> bytes);
/// Extends `file` to cover `content`, of which the first file.bytes are covered already.
void extend_checksums(SegmentManifest::File& file, std::span<const std::byte> content);
/// Checks `content` against all checksums of `file`. REQUIRES: content has file.bytes bytes.
Status verify_checksums(const SegmentManifest::File& file, std::span<const std::byte> content);
/// Reads the covered part into `target`, which has file.bytes bytes, and verifies it.
Status read_verified(const std::string& path, const SegmentManifest::File& file,
                     std::span<std::byte> target);
/// Covers a whole file that somebody else wrote.
Result<SegmentManifest::File> cover_file(const std::string& folder, const std::string& name);
/// As read_verified, without keeping the content.
Status verify_file(const std::string& folder, const SegmentManifest::File& file);

}  // namespace qdrantd::engine
