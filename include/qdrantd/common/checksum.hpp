// SPDX-License-Identifier: Apache-2.0
// XXH3-64 of bytes (Collet, xxHash 0.8), the checksum of every file and record of ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace qdrantd {

std::uint64_t checksum64(std::span<const std::byte> bytes, std::uint64_t seed = 0);
std::uint64_t checksum64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace qdrantd
