// SPDX-License-Identifier: Apache-2.0
// Int8 codes of rows, for walking the graph. A row x becomes round((x - mean) * 127 / max|x -
// mean|) with an offset of 128, and a scale of its own, chosen so that the decoded row is as long
// as the row; so later rows of any size need no re-encoding. `mean` is that of the first rows, and
// zero where it would win nothing. Similarities of codes are estimates of the raw similarity:
//   scale_x * scale_y * gain * <code_x, code_y> + bias_x + bias_y
// with gain 1 and bias (|x|^2 - |x - mean|^2) / 2 for Dot and Cosine, gain 2 and bias -|x - mean|^2
// for Euclid. Manhattan has no such form and is not coded. Thread safety: const methods;
// calibrate() runs before them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/vector/vector_rows.hpp>

#include "index/hnsw/graph.hpp"

namespace qdrantd::index::hnsw {

/// A vector on the query side of the integer kernel.
struct QueryCode {
    std::vector<std::int8_t> codes;
    CodeScale scale;              // gain included
    std::int32_t correction = 0;  // 128 * sum of codes
};

class RowCoder {
  public:
    RowCoder(model::Distance distance, std::uint32_t dimension);

    /// Bytes per code: a multiple of 64, or 0 where codes do not pay (short rows, Manhattan).
    static std::size_t code_stride(model::Distance distance, std::uint32_t dimension);

    /// Chooses the mean from a sample of rows. Returns whether codes find the neighbours that the
    /// rows find among the sample, well enough to walk by them.
    bool calibrate(const vec::VectorRows& rows, std::span<const Slot> sample);

    void encode_row(const float* row, std::uint8_t* code, CodeScale& scale) const;
    void encode_query(const float* query, QueryCode& out) const;
    /// The query side of a coded row.
    void query_from_code(const std::uint8_t* code, const CodeScale& scale, QueryCode& out) const;

  private:
    struct Measure {
        float inverse_step = 0;
        double length = 0;          // of x - mean
        double squared_length = 0;  // of x
    };

    [[nodiscard]] Measure measure(const float* row) const;
    [[nodiscard]] CodeScale scale_of(const Measure& measure, double code_norm) const;
    [[nodiscard]] double agreement(const vec::VectorRows& rows, std::span<const Slot> sample) const;

    const model::Distance distance_;
    const std::uint32_t dimension_;
    const std::size_t stride_;
    const float gain_;
    bool centred_ = false;
    std::vector<float> mean_;
};

}  // namespace qdrantd::index::hnsw
