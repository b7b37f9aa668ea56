// SPDX-License-Identifier: Apache-2.0
#include "index/hnswlib_peer.hpp"

#include <sys/mman.h>

#include <hnswlib/hnswlib.h>

namespace qdrantd::bench {

struct HnswlibPeer::Impl {
    Impl(std::size_t dimension, std::size_t capacity, std::size_t m, std::size_t ef_construct)
        : space(dimension), index(&space, capacity, m, ef_construct, 1) {
        // The peer gets huge pages too: the advice must come before the first touch.
        constexpr std::uintptr_t huge = std::uintptr_t{2} << 20;
        const auto start = reinterpret_cast<std::uintptr_t>(index.data_level0_memory_);
        const std::uintptr_t from = (start + huge - 1) / huge * huge;
        const std::uintptr_t to = (start + capacity * index.size_data_per_element_) / huge * huge;
        if (to > from) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
    }
    hnswlib::InnerProductSpace space;
    hnswlib::HierarchicalNSW<float> index;
};

HnswlibPeer::HnswlibPeer(std::size_t dimension, std::size_t capacity, std::size_t m,
                         std::size_t ef_construct)
    : impl_(std::make_unique<Impl>(dimension, capacity, m, ef_construct)) {}

HnswlibPeer::~HnswlibPeer() = default;

void HnswlibPeer::insert(const float* row, std::uint32_t label) {
    impl_->index.addPoint(row, label);
}

void HnswlibPeer::set_ef(std::size_t ef) { impl_->index.setEf(ef); }

void HnswlibPeer::search(const float* query, std::size_t k, std::vector<std::uint32_t>& out) {
    auto found = impl_->index.searchKnn(query, k);
    out.clear();
    for (; !found.empty(); found.pop())
        out.push_back(static_cast<std::uint32_t>(found.top().second));
}

}  // namespace qdrantd::bench
