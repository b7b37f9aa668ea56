// SPDX-License-Identifier: Apache-2.0
// Compression of bodies: requests are inflated piece by piece and refused at the limit, answers
// are compressed whole. gzip and deflate (RFC 1950-1952), zstd (RFC 8878).
// Thread safety: none for Inflater; free functions otherwise. Errors: kFormat.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <qdrantd/common/result.hpp>

namespace qdrantd::rest {

enum class Coding { kIdentity, kGzip, kDeflate, kZstd };

/// Of a Content-Encoding header; nothing for one that is not served.
std::optional<Coding> coding_of(std::string_view header);
/// The best one that an Accept-Encoding header allows.
Coding accepted_coding(std::string_view header);
std::string_view coding_name(Coding coding);

/// REQUIRES: not kIdentity. Empty when the compressor failed.
std::string compress(Coding coding, std::string_view body);

class Inflater {
  public:
    /// REQUIRES: not kIdentity.
    explicit Inflater(Coding coding);
    ~Inflater();

    /// Appends what `piece` holds to `out`, never beyond `limit` bytes in all.
    Status push(std::string_view piece, std::string& out, std::size_t limit);
    /// Fails when the compressed stream was cut off.
    [[nodiscard]] Status finish() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// `JSON payload has exceeded limit (L bytes).`
Error over_limit(std::size_t limit);

}  // namespace qdrantd::rest
