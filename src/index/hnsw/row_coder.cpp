// SPDX-License-Identifier: Apache-2.0
#include "index/hnsw/row_coder.hpp"

#include <emmintrin.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <qdrantd/vector/kernel_table.hpp>

namespace qdrantd::index::hnsw {
namespace {

// A mean pays when it holds this share of the rows' squared length.
constexpr double kMeanShare = 0.1;
// Below this share of true neighbours found by codes, the graph is walked by the rows themselves.
constexpr double kMinAgreement = 0.98;
constexpr std::size_t kProbes = 32;
constexpr std::size_t kProbeNeighbours = 10;
constexpr std::size_t kProbeOversampling = 4;
// Rows of one or two cache lines gain nothing from codes.
constexpr std::uint32_t kMinDimension = 33;
constexpr std::uint32_t kMaxDimension = 65536;

/// The best `count` of `scores` by index, closest first.
std::vector<std::size_t> best(const std::vector<float>& scores, std::size_t count) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    count = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(),
                      [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    order.resize(count);
    return order;
}

}  // namespace

RowCoder::RowCoder(model::Distance distance, std::uint32_t dimension)
    : distance_(distance),
      dimension_(dimension),
      stride_(code_stride(distance, dimension)),
      gain_(distance == model::Distance::kEuclid ? 2.0F : 1.0F) {}

std::size_t RowCoder::code_stride(model::Distance distance, std::uint32_t dimension) {
    if (distance == model::Distance::kManhattan || dimension < kMinDimension ||
        dimension > kMaxDimension) {
        return 0;
    }
    return (std::size_t{dimension} + 63) / 64 * 64;
}

RowCoder::Measure RowCoder::measure(const float* row) const {
    float largest = 0;
    double squared = 0;
    double centred_squared = 0;
    for (std::uint32_t i = 0; i < dimension_; ++i) {
        const float centred = centred_ ? row[i] - mean_[i] : row[i];
        largest = std::max(largest, std::fabs(centred));
        centred_squared += static_cast<double>(centred) * static_cast<double>(centred);
        squared += static_cast<double>(row[i]) * static_cast<double>(row[i]);
    }
    Measure result;
    result.inverse_step = largest > 1e-30F && largest < 1e30F ? 127.0F / largest : 0.0F;
    result.length = std::sqrt(centred_squared);
    result.squared_length = squared;
    return result;
}

CodeScale RowCoder::scale_of(const Measure& measure, double code_norm) const {
    CodeScale scale;
    scale.scale = code_norm > 0 ? static_cast<float>(measure.length / code_norm) : 0.0F;
    const double centred_squared = measure.length * measure.length;
    if (distance_ == model::Distance::kEuclid) {
        scale.bias = static_cast<float>(-centred_squared);
    } else if (centred_) {
        scale.bias = static_cast<float>((measure.squared_length - centred_squared) / 2);
    }
    return scale;
}

void RowCoder::encode_row(const float* row, std::uint8_t* code, CodeScale& scale) const {
    const Measure m = measure(row);
    std::int64_t norm = 0;
    for (std::uint32_t i = 0; i < dimension_; ++i) {
        const float centred = centred_ ? row[i] - mean_[i] : row[i];
        const int value = static_cast<int>(std::lrintf(centred * m.inverse_step));
        norm += std::int64_t{value} * value;
        code[i] = static_cast<std::uint8_t>(std::clamp(value, -127, 127) + 128);
    }
    std::fill(code + dimension_, code + stride_, std::uint8_t{128});
    scale = scale_of(m, std::sqrt(static_cast<double>(norm)));
}

void RowCoder::encode_query(const float* query, QueryCode& out) const {
    out.codes.resize(stride_);
    auto* code = reinterpret_cast<std::uint8_t*>(out.codes.data());
    CodeScale scale;
    encode_row(query, code, scale);
    query_from_code(code, scale, out);
}

void RowCoder::query_from_code(const std::uint8_t* code, const CodeScale& scale,
                               QueryCode& out) const {
    out.codes.resize(stride_);
    // Flips the offset away and sums the codes, 16 at a time; in place is fine.
    const __m128i offset = _mm_set1_epi8(static_cast<char>(0x80));
    __m128i sum = _mm_setzero_si128();
    for (std::size_t i = 0; i < stride_; i += 16) {
        const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(code + i));
        sum = _mm_add_epi64(sum, _mm_sad_epu8(values, _mm_setzero_si128()));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out.codes.data() + i),
                         _mm_xor_si128(values, offset));
    }
    const std::int64_t total = _mm_cvtsi128_si64(sum) + _mm_cvtsi128_si64(_mm_srli_si128(sum, 8));
    // Below 2^30: at most 65536 codes of at most 127, times 128.
    out.correction =
        static_cast<std::int32_t>((total - 128 * static_cast<std::int64_t>(stride_)) * 128);
    out.scale = {scale.scale * gain_, scale.bias};
}

bool RowCoder::calibrate(const vec::VectorRows& rows, std::span<const Slot> sample) {
    std::vector<double> sums(dimension_, 0.0);
    double squared = 0;
    for (const Slot slot : sample) {
        const float* row = rows.row(slot);
        for (std::uint32_t i = 0; i < dimension_; ++i) {
            sums[i] += static_cast<double>(row[i]);
            squared += static_cast<double>(row[i]) * static_cast<double>(row[i]);
        }
    }
    const auto count = static_cast<double>(sample.size());
    double mean_squared = 0;
    mean_.resize(dimension_);
    for (std::uint32_t i = 0; i < dimension_; ++i) {
        const double mean = sums[i] / count;
        mean_squared += mean * mean;
        mean_[i] = static_cast<float>(mean);
    }
    centred_ = std::isfinite(mean_squared) && mean_squared > kMeanShare * squared / count;
    return agreement(rows, sample) >= kMinAgreement;
}

double RowCoder::agreement(const vec::VectorRows& rows, std::span<const Slot> sample) const {
    std::vector<std::uint8_t> codes(sample.size() * stride_);
    std::vector<CodeScale> scales(sample.size());
    for (std::size_t i = 0; i < sample.size(); ++i)
        encode_row(rows.row(sample[i]), codes.data() + i * stride_, scales[i]);
    const vec::KernelTable& kernels = vec::kernels();
    const auto similarity = kernels.similarity(distance_);
    std::size_t found = 0;
    std::size_t wanted = 0;
    QueryCode query;
    std::vector<float> exact(sample.size());
    std::vector<float> coded(sample.size());
    const std::size_t step = std::max<std::size_t>(1, sample.size() / kProbes);
    for (std::size_t probe = 0; probe < sample.size(); probe += step) {
        query_from_code(codes.data() + probe * stride_, scales[probe], query);
        for (std::size_t i = 0; i < sample.size(); ++i) {
            exact[i] = similarity(rows.row(sample[probe]), rows.row(sample[i]), rows.stride());
            const std::uint8_t* code = codes.data() + i * stride_;
            std::int32_t product = 0;
            kernels.dot_s8_u8_many(query.codes.data(), &code, 1, stride_, &product);
            coded[i] = query.scale.scale * scales[i].scale *
                           static_cast<float>(product - query.correction) +
                       scales[i].bias;
        }
        const auto true_best = best(exact, kProbeNeighbours);
        const auto coded_best = best(coded, kProbeNeighbours * kProbeOversampling);
        // Any row as close as the last true neighbour will do: duplicates are no errors.
        std::size_t close = 0;
        for (const std::size_t i : coded_best)
            close += exact[i] >= exact[true_best.back()] ? 1U : 0U;
        found += std::min(close, true_best.size());
        wanted += true_best.size();
    }
    return static_cast<double>(found) / static_cast<double>(std::max<std::size_t>(wanted, 1));
}

}  // namespace qdrantd::index::hnsw
