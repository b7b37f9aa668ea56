// SPDX-License-Identifier: Apache-2.0
// Two ways to score rows against one vector: by the rows themselves, or by their int8 codes. The
// walks are templates over a view, so nothing is decided inside them. How to use: bind a query or a
// row, then score batches of slots. Thread safety: none; the graph and rows are shared, a view is
// not. Ownership: borrows everything.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <qdrantd/vector/kernel_table.hpp>
#include <qdrantd/vector/vector_rows.hpp>

#include "index/hnsw/graph.hpp"
#include "index/hnsw/row_coder.hpp"

namespace qdrantd::index::hnsw {

inline constexpr std::size_t kScoreBatch = 32;

class FloatView {
  public:
    FloatView(const vec::VectorRows& rows, vec::KernelTable::SimilarityMany kernel)
        : rows_(rows), kernel_(kernel) {}

    void bind_query(const float* query) { query_ = query; }
    void bind_row(Slot slot) { query_ = rows_.row(slot); }

    void score(const Slot* slots, std::size_t count, float* out) const {
        std::array<const float*, kScoreBatch> pointers;
        for (std::size_t done = 0; done < count; done += kScoreBatch) {
            const std::size_t batch = std::min(kScoreBatch, count - done);
            for (std::size_t i = 0; i < batch; ++i)
                pointers[i] = rows_.row(slots[done + i]);
            kernel_(query_, pointers.data(), batch, rows_.stride(), out + done);
        }
    }

  private:
    const vec::VectorRows& rows_;
    const vec::KernelTable::SimilarityMany kernel_;
    const float* query_ = nullptr;
};

class CodeView {
  public:
    CodeView(const Graph& graph, const RowCoder& coder, std::size_t stride, QueryCode& scratch)
        : graph_(graph), coder_(coder), stride_(stride), query_(scratch) {}

    void bind_query(const float* query) { coder_.encode_query(query, query_); }
    void bind_row(Slot slot) {
        coder_.query_from_code(graph_.code(slot), graph_.scale(slot), query_);
    }

    void score(const Slot* slots, std::size_t count, float* out) const {
        std::array<const std::uint8_t*, kScoreBatch> pointers;
        std::array<std::int32_t, kScoreBatch> products;
        for (std::size_t done = 0; done < count; done += kScoreBatch) {
            const std::size_t batch = std::min(kScoreBatch, count - done);
            for (std::size_t i = 0; i < batch; ++i)
                pointers[i] = graph_.code(slots[done + i]);
            kernels_.dot_s8_u8_many(query_.codes.data(), pointers.data(), batch, stride_,
                                    products.data());
            for (std::size_t i = 0; i < batch; ++i) {
                const CodeScale row = graph_.scale(slots[done + i]);
                out[done + i] = query_.scale.scale * row.scale *
                                    static_cast<float>(products[i] - query_.correction) +
                                (row.bias + query_.scale.bias);
            }
        }
    }

  private:
    const Graph& graph_;
    const RowCoder& coder_;
    const std::size_t stride_;
    const vec::KernelTable& kernels_ = vec::kernels();
    QueryCode& query_;
};

}  // namespace qdrantd::index::hnsw
