// SPDX-License-Identifier: Apache-2.0
// Little codec for records on disk and on the wire: fixed integers, varints (LEB128),
// length-prefixed strings. Big-endian where the bytes are keys that must sort, little-endian
// elsewhere. Errors: a Reader that runs past its end turns false for good and returns zeros; check
// ok() once at the end.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace qdrantd {

static_assert(std::endian::native == std::endian::little);

class ByteWriter {
  public:
    explicit ByteWriter(std::string& out) : out_(out) {}

    void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
    void u32(std::uint32_t v) { raw(&v, sizeof v); }
    void u64(std::uint64_t v) { raw(&v, sizeof v); }
    void u32_be(std::uint32_t v) { u32(__builtin_bswap32(v)); }
    void u64_be(std::uint64_t v) { u64(__builtin_bswap64(v)); }
    void f32(float v) { raw(&v, sizeof v); }
    void varint(std::uint64_t v) {
        while (v >= 0x80) {
            u8(static_cast<std::uint8_t>(v | 0x80));
            v >>= 7;
        }
        u8(static_cast<std::uint8_t>(v));
    }
    void str(std::string_view s) {
        varint(s.size());
        out_.append(s);
    }
    void floats(std::span<const float> v) { raw(v.data(), v.size_bytes()); }
    void raw(const void* data, std::size_t size) {
        out_.append(static_cast<const char*>(data), size);
    }

  private:
    std::string& out_;
};

class ByteReader {
  public:
    explicit ByteReader(std::string_view in) : in_(in) {}

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool at_end() const { return in_.empty(); }
    [[nodiscard]] std::size_t left() const { return in_.size(); }

    std::uint8_t u8() { return fixed<std::uint8_t>(); }
    std::uint32_t u32() { return fixed<std::uint32_t>(); }
    std::uint64_t u64() { return fixed<std::uint64_t>(); }
    std::uint32_t u32_be() { return __builtin_bswap32(u32()); }
    std::uint64_t u64_be() { return __builtin_bswap64(u64()); }
    float f32() { return fixed<float>(); }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = u8();
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (!(byte & 0x80)) return value;
        }
        ok_ = false;
        return 0;
    }
    /// A view into the input; valid as long as the input is.
    std::string_view str() { return take(varint()); }
    std::string_view take(std::uint64_t size) {
        if (size > in_.size()) {
            ok_ = false;
            in_ = {};
            return {};
        }
        const auto out = in_.substr(0, static_cast<std::size_t>(size));
        in_.remove_prefix(static_cast<std::size_t>(size));
        return out;
    }
    /// Copies `out.size()` floats; zeros when too short.
    void floats(std::span<float> out) {
        const auto bytes = take(out.size_bytes());
        if (bytes.size() == out.size_bytes() && !bytes.empty()) {
            std::memcpy(out.data(), bytes.data(), bytes.size());
        }
    }

  private:
    template <typename T>
    T fixed() {
        T value{};
        const auto bytes = take(sizeof(T));
        if (bytes.size() == sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
        return value;
    }

    std::string_view in_;
    bool ok_ = true;
};

}  // namespace qdrantd
