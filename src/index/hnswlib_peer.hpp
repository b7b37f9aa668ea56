// SPDX-License-Identifier: Apache-2.0
// hnswlib (Malkov, Debian's package) behind a face of its own, so that only its source is compiled
// with -O3 -march=native, and nothing of ours. Used by hnsw_bench only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace qdrantd::bench {

class HnswlibPeer {
  public:
    HnswlibPeer(std::size_t dimension, std::size_t capacity, std::size_t m,
                std::size_t ef_construct);
    ~HnswlibPeer();
    void insert(const float* row, std::uint32_t label);
    void set_ef(std::size_t ef);
    /// The closest labels, in no order.
    void search(const float* query, std::size_t k, std::vector<std::uint32_t>& out);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace qdrantd::bench
