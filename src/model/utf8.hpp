// SPDX-License-Identifier: Apache-2.0
// Reads one code point of UTF-8 text. Thread safety: pure function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace qdrantd::model {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t bytes = 0;
};

/// The code point at the front of `text`; nothing when the bytes are not UTF-8 (overlong forms and
/// surrogates included) or there are none.
inline std::optional<CodePoint> first_code_point(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint32_t head = byte(0);
    if (head < 0x80) return CodePoint{head, 1};
    std::size_t size = 0;
    std::uint32_t value = 0;
    std::uint32_t least = 0;
    if (head >= 0xC2 && head <= 0xDF) {
        size = 2, value = head & 0x1F, least = 0x80;
    } else if (head >= 0xE0 && head <= 0xEF) {
        size = 3, value = head & 0x0F, least = 0x800;
    } else if (head >= 0xF0 && head <= 0xF4) {
        size = 4, value = head & 0x07, least = 0x10000;
    } else {
        return std::nullopt;
    }
    if (text.size() < size) return std::nullopt;
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return std::nullopt;
        value = value << 6 | (byte(i) & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < least || value > 0x10FFFF || surrogate) return std::nullopt;
    return CodePoint{value, size};
}

}  // namespace qdrantd::model
