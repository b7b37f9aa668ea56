// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/point_id.hpp>

#include <charconv>
#include <optional>

#include <fmt/core.h>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/bytes.hpp>

namespace qdrantd::model {

namespace {

constexpr std::size_t kUuidDigits = 32;
constexpr std::size_t kHyphenatedSize = 36;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_hyphen_place(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

/// The digits of one of the accepted forms, or nothing.
std::optional<std::string> uuid_digits(std::string_view text) {
    constexpr std::string_view kUrn = "urn:uuid:";
    if (text.starts_with(kUrn)) {
        text.remove_prefix(kUrn.size());
        if (text.size() != kHyphenatedSize) return std::nullopt;
    } else if (text.size() == kHyphenatedSize + 2 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, kHyphenatedSize);
    }
    if (text.size() == kUuidDigits) return std::string(text);
    if (text.size() != kHyphenatedSize) return std::nullopt;
    std::string digits;
    digits.reserve(kUuidDigits);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_hyphen_place(i)) {
            digits.push_back(text[i]);
        } else if (text[i] != '-') {
            return std::nullopt;
        }
    }
    return digits;
}

Error unrecognised(std::string_view text) {
    return {ErrorCode::kFormat, fmt::format("Can not recognize \"{}\" as point id", text)};
}

std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

}  // namespace

PointId PointId::uuid(const std::array<std::uint8_t, 16>& bytes) {
    PointId id;
    id.is_uuid_ = true;
    for (std::size_t i = 0; i < 8; ++i) {
        id.high_ = (id.high_ << 8) | bytes[i];
        id.low_ = (id.low_ << 8) | bytes[i + 8];
    }
    return id;
}

Result<PointId> PointId::parse_uuid(std::string_view text) {
    const auto digits = uuid_digits(text);
    if (!digits) return unrecognised(text);
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = hex_value((*digits)[2 * i]);
        const int low = hex_value((*digits)[2 * i + 1]);
        if (high < 0 || low < 0) return unrecognised(text);
        bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return uuid(bytes);
}

Result<PointId> PointId::parse(std::string_view text) {
    std::uint64_t number = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (!text.empty() && error == std::errc() && end == last) return PointId(number);
    return parse_uuid(text);
}

std::array<std::uint8_t, 16> PointId::uuid_bytes() const {
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::uint8_t>(high_ >> (56 - 8 * i));
        bytes[i + 8] = static_cast<std::uint8_t>(low_ >> (56 - 8 * i));
    }
    return bytes;
}

std::string PointId::to_string() const {
    if (!is_uuid_) return fmt::format("{}", low_);
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high_ >> 32, (high_ >> 16) & 0xFFFF,
                       high_ & 0xFFFF, low_ >> 48, low_ & 0xFFFFFFFFFFFFULL);
}

void PointId::append_json(std::string& out) const {
    if (is_uuid_) {
        out += '"';
        out += to_string();
        out += '"';
        return;
    }
    std::array<char, 20> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), low_);
    QD_ASSERT(error == std::errc());
    out.append(digits.data(), end);
}

void PointId::append_key(std::string& out) const {
    ByteWriter writer(out);
    writer.u8(is_uuid_ ? 1 : 0);
    if (is_uuid_) writer.u64_be(high_);
    writer.u64_be(low_);
}

Result<PointId> PointId::take_key(std::string_view& key) {
    ByteReader reader(key);
    const auto kind = reader.u8();
    PointId id;
    id.is_uuid_ = kind == 1;
    if (id.is_uuid_) id.high_ = reader.u64_be();
    id.low_ = reader.u64_be();
    if (!reader.ok() || kind > 1)
        return Error{ErrorCode::kChecksum, "a stored point id is damaged"};
    key.remove_prefix(key.size() - reader.left());
    return id;
}

std::uint64_t PointId::stable_hash() const {
    const auto seed = is_uuid_ ? 0x9E3779B97F4A7C15ULL : 0ULL;
    return mix(mix(high_ + seed) + low_ + 0x9E3779B97F4A7C15ULL);
}

}  // namespace qdrantd::model
