// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/checksum.hpp>

#include <xxhash.h>

namespace qdrantd {

std::uint64_t checksum64(std::span<const std::byte> bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t checksum64(std::string_view bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace qdrantd
