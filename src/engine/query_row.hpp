// SPDX-License-Identifier: Apache-2.0
// A query vector as kernels want it: aligned, padded with zeros, normalised where the metric asks
// for it; and the scoring of rows against it. Thread safety: const methods from any thread.
// Ownership: owns the copy, borrows the rows.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/model/validate.hpp>
#include <qdrantd/vector/kernel_table.hpp>
#include <qdrantd/vector/vector_rows.hpp>

namespace qdrantd::engine {

class QueryRow {
  public:
    /// REQUIRES: `query` has the dimension of `rows`.
    QueryRow(std::span<const float> query, model::Distance distance, const vec::VectorRows& rows)
        : rows_(rows), similarity_(vec::kernels().similarity(distance)) {
        constexpr std::size_t kAlignment = 64;
        const auto bytes = rows.stride() * sizeof(float);
        row_.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
        QD_ASSERT(row_ != nullptr && query.size() == rows.dimension());
        std::memset(row_.get(), 0, bytes);
        std::memcpy(row_.get(), query.data(), query.size_bytes());
        if (distance == model::Distance::kCosine) {
            model::normalise(std::span(row_.get(), query.size()));
        }
    }

    [[nodiscard]] const float* data() const { return row_.get(); }
    [[nodiscard]] float raw(Slot slot) const noexcept {
        return similarity_(row_.get(), rows_.row(slot), rows_.stride());
    }

  private:
    struct Free {
        void operator()(float* memory) const { std::free(memory); }
    };
    const vec::VectorRows& rows_;
    const vec::KernelTable::Similarity similarity_;
    std::unique_ptr<float, Free> row_;
};

}  // namespace qdrantd::engine
