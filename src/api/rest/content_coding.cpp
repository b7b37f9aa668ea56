// SPDX-License-Identifier: Apache-2.0
#include "api/rest/content_coding.hpp"

#include <array>
#include <charconv>

#include <fmt/core.h>
#include <zlib.h>
#include <zstd.h>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

namespace {

constexpr std::size_t kPiece = std::size_t{32} * 1024;
/// zlib's window of 32 KiB; 16 more asks for a gzip frame, 32 more accepts either.
constexpr int kWindowBits = 15;
/// A frame that asks for a larger window is refused, so that memory stays bounded (8 MiB).
constexpr int kZstdWindowLogMax = 23;
constexpr int kLevel = 1;

Error broken() {
    return {ErrorCode::kFormat, "Format error in JSON body: the compressed body is malformed"};
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string word_of(std::string_view text) {
    std::string word;
    for (const char c : text) {
        if (c != ' ' && c != '\t') word.push_back(lower(c));
    }
    return word;
}

std::string compress_zlib(std::string_view body, bool gzip) {
    z_stream stream{};
    if (deflateInit2(&stream, kLevel, Z_DEFLATED, gzip ? kWindowBits + 16 : kWindowBits, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return {};
    }
    std::string out(deflateBound(&stream, body.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream.avail_in = static_cast<uInt>(body.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(done ? stream.total_out : 0);
    deflateEnd(&stream);
    return out;
}

std::string compress_zstd(std::string_view body) {
    std::string out(ZSTD_compressBound(body.size()), '\0');
    const auto size = ZSTD_compress(out.data(), out.size(), body.data(), body.size(), kLevel);
    out.resize(ZSTD_isError(size) != 0 ? 0 : size);
    return out;
}

}  // namespace

std::optional<Coding> coding_of(std::string_view header) {
    const auto word = word_of(header);
    if (word.empty() || word == "identity") return Coding::kIdentity;
    if (word == "gzip" || word == "x-gzip") return Coding::kGzip;
    if (word == "deflate") return Coding::kDeflate;
    if (word == "zstd") return Coding::kZstd;
    return std::nullopt;
}

Coding accepted_coding(std::string_view header) {
    auto best = Coding::kIdentity;
    while (!header.empty()) {
        const auto end = std::min(header.find(','), header.size());
        const auto entry = word_of(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        const auto name = entry.substr(0, entry.find(';'));
        const auto weight = entry.find(";q=");
        if (weight != std::string::npos) {
            double q = 0;
            std::from_chars(entry.data() + weight + 3, entry.data() + entry.size(), q);
            if (!(q > 0)) continue;
        }
        const auto coding = coding_of(name);
        if (coding && (best == Coding::kIdentity || *coding == Coding::kZstd)) best = *coding;
        // Cheaper than gzip at the same size.
        if (best == Coding::kZstd) break;
    }
    return best;
}

std::string_view coding_name(Coding coding) {
    switch (coding) {
        case Coding::kGzip:
            return "gzip";
        case Coding::kDeflate:
            return "deflate";
        case Coding::kZstd:
            return "zstd";
        case Coding::kIdentity:
            break;
    }
    return "identity";
}

std::string compress(Coding coding, std::string_view body) {
    if (coding == Coding::kZstd) return compress_zstd(body);
    return compress_zlib(body, coding == Coding::kGzip);
}

Error over_limit(std::size_t limit) {
    return {ErrorCode::kFormat, fmt::format("JSON payload has exceeded limit ({} bytes).", limit)};
}

struct Inflater::Impl {
    explicit Impl(Coding kind) : coding(kind) {
        if (coding == Coding::kZstd) {
            zstd = ZSTD_createDStream();
            usable = zstd != nullptr && ZSTD_isError(ZSTD_DCtx_setParameter(
                                            zstd, ZSTD_d_windowLogMax, kZstdWindowLogMax)) == 0;
        } else {
            const int bits = coding == Coding::kGzip ? kWindowBits + 16 : kWindowBits;
            usable = inflateInit2(&zlib, bits) == Z_OK;
        }
    }
    ~Impl() {
        if (coding == Coding::kZstd) {
            ZSTD_freeDStream(zstd);
        } else {
            inflateEnd(&zlib);
        }
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// One step: consumes from `piece`, gives bytes in `buffer`. False when the input is bad.
    bool step(std::string_view& piece, std::span<char> buffer, std::size_t& produced) {
        return coding == Coding::kZstd ? step_zstd(piece, buffer, produced)
                                       : step_zlib(piece, buffer, produced);
    }

    bool step_zlib(std::string_view& piece, std::span<char> buffer, std::size_t& produced) {
        zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
        zlib.avail_in = static_cast<uInt>(std::min<std::size_t>(piece.size(), 1U << 30U));
        const auto offered = zlib.avail_in;
        zlib.next_out = reinterpret_cast<Bytef*>(buffer.data());
        zlib.avail_out = static_cast<uInt>(buffer.size());
        const int code = inflate(&zlib, Z_NO_FLUSH);
        piece.remove_prefix(offered - zlib.avail_in);
        produced = buffer.size() - zlib.avail_out;
        complete = code == Z_STREAM_END;
        return code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
    }

    bool step_zstd(std::string_view& piece, std::span<char> buffer, std::size_t& produced) {
        ZSTD_inBuffer in{piece.data(), piece.size(), 0};
        ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
        const auto code = ZSTD_decompressStream(zstd, &out, &in);
        piece.remove_prefix(in.pos);
        produced = out.pos;
        complete = code == 0;
        return ZSTD_isError(code) == 0;
    }

    const Coding coding;
    z_stream zlib{};
    ZSTD_DStream* zstd = nullptr;
    bool usable = false;
    bool complete = false;
};

Inflater::Inflater(Coding coding) : impl_(std::make_unique<Impl>(coding)) {}
Inflater::~Inflater() = default;

Status Inflater::push(std::string_view piece, std::string& out, std::size_t limit) {
    if (!impl_->usable) return Error{ErrorCode::kUnavailable, "out of memory while inflating"};
    std::array<char, kPiece> buffer;  // NOLINT: filled before it is read
    for (;;) {
        // One compressed stream is one body; what follows it is not ours.
        if (impl_->complete) return piece.empty() ? Status() : broken();
        std::size_t produced = 0;
        const auto before = piece.size();
        if (!impl_->step(piece, buffer, produced)) return broken();
        if (out.size() + produced > limit) return over_limit(limit);
        // Doubling, but never past the limit.
        if (const auto needed = out.size() + produced; needed > out.capacity()) {
            out.reserve(std::min(limit, needed * 2) + kJsonPadding);
        }
        out.append(buffer.data(), produced);
        if (produced == 0 && piece.size() == before) return piece.empty() ? Status() : broken();
        if (piece.empty() && produced < buffer.size()) return {};
    }
}

Status Inflater::finish() const {
    if (impl_->complete) return {};
    return Error{ErrorCode::kFormat, "Format error in JSON body: the compressed body is cut off"};
}

}  // namespace qdrantd::rest
