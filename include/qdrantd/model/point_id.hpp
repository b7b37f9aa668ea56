// SPDX-License-Identifier: Apache-2.0
// Identity of a point: an unsigned 64-bit number or a UUID. Numbers sort before UUIDs (spec data.md
// §1.7). Thread safety: value.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <qdrantd/common/result.hpp>

namespace qdrantd::model {

class PointId {
  public:
    constexpr PointId() = default;
    constexpr explicit PointId(std::uint64_t number) : low_(number) {}
    /// The 16 bytes in text order.
    static PointId uuid(const std::array<std::uint8_t, 16>& bytes);
    /// Hyphenated, 32 hex digits, braces or `urn:uuid:`; any letter case.
    static Result<PointId> parse_uuid(std::string_view text);
    /// As in a path segment: first as a number, then as a UUID.
    static Result<PointId> parse(std::string_view text);

    [[nodiscard]] constexpr bool is_uuid() const { return is_uuid_; }
    /// REQUIRES: !is_uuid().
    [[nodiscard]] constexpr std::uint64_t number() const { return low_; }
    [[nodiscard]] std::array<std::uint8_t, 16> uuid_bytes() const;

    /// Decimal, or the lowercase hyphenated UUID.
    [[nodiscard]] std::string to_string() const;
    /// A JSON number or string, appended.
    void append_json(std::string& out) const;
    /// Key bytes that sort as ids do: 0x00 + 8 bytes big-endian, or 0x01 + 16 bytes.
    void append_key(std::string& out) const;
    /// Inverse of append_key; takes the id off the front of `key`.
    static Result<PointId> take_key(std::string_view& key);
    /// For hash tables and the hash ring: equal on every machine and in every version.
    [[nodiscard]] std::uint64_t stable_hash() const;

    constexpr auto operator<=>(const PointId&) const = default;

  private:
    // The order of the members is the order of ids.
    bool is_uuid_ = false;
    std::uint64_t high_ = 0;
    std::uint64_t low_ = 0;
};

}  // namespace qdrantd::model

template <>
struct std::hash<qdrantd::model::PointId> {
    std::size_t operator()(const qdrantd::model::PointId& id) const noexcept {
        return id.stable_hash();
    }
};
