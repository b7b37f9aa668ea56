// SPDX-License-Identifier: Apache-2.0
// The one generator of chance: xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64.
// Same seed, same numbers, on every machine. Thread safety: none; one per user.
#pragma once

#include <array>
#include <cstdint>

namespace qdrantd {

class Random {
  public:
    using result_type = std::uint64_t;

    explicit Random(std::uint64_t seed);
    /// From the operating system; not reproducible, so log the seed where it matters.
    static std::uint64_t entropy();

    std::uint64_t next();
    /// Uniform in [0, bound). REQUIRES: bound > 0.
    std::uint64_t below(std::uint64_t bound);
    /// Uniform in [low, high]. REQUIRES: low <= high.
    std::int64_t between(std::int64_t low, std::int64_t high);
    /// Uniform in [0, 1).
    double unit();
    bool chance(double probability) { return unit() < probability; }

    static constexpr std::uint64_t min() { return 0; }
    static constexpr std::uint64_t max() { return UINT64_MAX; }
    std::uint64_t operator()() { return next(); }

  private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace qdrantd
