// SPDX-License-Identifier: Apache-2.0
// SipHash-2-4 after Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), with a zero
// key. Clients compute the same numbers, so it must never change.
#include <bit>
#include <cstring>

#include <qdrantd/model/filter_eval.hpp>

namespace qdrantd::model {

namespace {

class SipHash24 {
  public:
    void word(std::uint64_t m) {
        v3_ ^= m;
        round();
        round();
        v0_ ^= m;
    }

    std::uint64_t finish() {
        v2_ ^= 0xFF;
        for (int i = 0; i < 4; ++i)
            round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

  private:
    void round() {
        v0_ += v1_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v3_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ += v3_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ += v1_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v2_ = std::rotl(v2_, 32);
    }

    // The constants of the paper: "somepseudorandomlygeneratedbytes", XORed with the key, zero.
    std::uint64_t v0_ = 0x736f6d6570736575ULL;
    std::uint64_t v1_ = 0x646f72616e646f6dULL;
    std::uint64_t v2_ = 0x6c7967656e657261ULL;
    std::uint64_t v3_ = 0x7465646279746573ULL;
};

/// The last word holds the length of the input in its top byte.
constexpr std::uint64_t length_word(std::uint64_t bytes) { return bytes << 56; }

}  // namespace

std::uint64_t slice_hash(const PointId& id) {
    SipHash24 hash;
    if (!id.is_uuid()) {
        hash.word(id.number());
        hash.word(length_word(sizeof(std::uint64_t)));
        return hash.finish();
    }
    const auto bytes = id.uuid_bytes();
    std::uint64_t words[2];
    std::memcpy(words, bytes.data(), sizeof words);
    hash.word(words[0]);
    hash.word(words[1]);
    hash.word(length_word(bytes.size()));
    return hash.finish();
}

}  // namespace qdrantd::model
