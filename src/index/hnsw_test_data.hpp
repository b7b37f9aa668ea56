// SPDX-License-Identifier: Apache-2.0
// Seeded rows for the tests of the graph, and exact search over them as the judge.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/random.hpp>
#include <qdrantd/index/hnsw_index.hpp>
#include <qdrantd/vector/kernel_table.hpp>
#include <qdrantd/vector/vector_rows.hpp>

namespace qdrantd::index::test {

inline std::uint64_t test_seed() {
    const char* given = std::getenv("QDRANTD_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : Random::entropy();
}

inline std::string replay(std::uint64_t seed) {
    return "replay: QDRANTD_SEED=" + std::to_string(seed) + " ./index_test";
}

/// Rows that can be appended; clustered, so that neighbours mean something.
class TestRows {
  public:
    TestRows(std::uint32_t dimension, model::Distance distance, std::uint64_t seed)
        : distance_(distance), random_(seed), rows_(dimension, vec::make_anonymous_chunks()) {
        centres_.resize(kCentres * dimension);
        for (float& value : centres_)
            value = normal();
    }

    [[nodiscard]] const vec::VectorRows& rows() const { return rows_; }
    [[nodiscard]] Slot size() const { return size_; }
    Random& random() { return random_; }

    Slot append(const std::function<void(float*)>& fill) {
        QD_ASSERT(rows_.reserve(size_).ok());
        float* row = rows_.mutable_row(size_);
        fill(row);
        if (distance_ == model::Distance::kCosine) normalise(row);
        return size_++;
    }
    Slot append_random() {
        return append([this](float* row) { draw(row); });
    }
    void append_random(Slot count) {
        for (Slot i = 0; i < count; ++i)
            append_random();
    }

    /// An aligned query like the rows; valid until the next.
    const float* query() {
        if (!queries_) {
            queries_ =
                std::make_unique<vec::VectorRows>(rows_.dimension(), vec::make_anonymous_chunks());
            QD_ASSERT(queries_->reserve(0).ok());
        }
        draw(queries_->mutable_row(0));
        if (distance_ == model::Distance::kCosine) normalise(queries_->mutable_row(0));
        return queries_->row(0);
    }

    [[nodiscard]] float similarity(const float* query, Slot slot) const {
        return vec::kernels().similarity(distance_)(query, rows_.row(slot), rows_.stride());
    }

    /// The raw similarity of the k-th closest slot that `accepts`, or of the last when fewer.
    [[nodiscard]] std::vector<float> exact(
        const float* query, std::size_t k,
        const std::function<bool(Slot)>& accepts = [](Slot) { return true; }) const {
        std::vector<float> scores;
        for (Slot slot = 0; slot < size_; ++slot) {
            if (accepts(slot)) scores.push_back(similarity(query, slot));
        }
        std::sort(scores.begin(), scores.end(), std::greater<>{});
        scores.resize(std::min(scores.size(), k));
        return scores;
    }

  private:
    static constexpr std::size_t kCentres = 40;

    float normal() {
        return static_cast<float>(std::sqrt(-2 * std::log(1 - random_.unit())) *
                                  std::cos(6.283185307179586 * random_.unit()));
    }
    void draw(float* row) {
        const std::uint32_t n = rows_.dimension();
        const float* centre = centres_.data() + random_.below(kCentres) * n;
        // Dot rows differ in length; Euclid rows lie far from the origin.
        const float size = distance_ == model::Distance::kDot
                               ? static_cast<float>(0.5 + 2 * random_.unit())
                               : 1.0F;
        const float shift = distance_ == model::Distance::kEuclid ? 10.0F : 0.0F;
        for (std::uint32_t i = 0; i < n; ++i)
            row[i] = size * (centre[i] + 0.6F * normal()) + shift;
    }
    void normalise(float* row) const {
        const float length = std::sqrt(vec::kernels().dot(row, row, rows_.stride()));
        for (std::uint32_t i = 0; length > 0 && i < rows_.dimension(); ++i)
            row[i] /= length;
    }

    const model::Distance distance_;
    Random random_;
    vec::VectorRows rows_;
    std::unique_ptr<vec::VectorRows> queries_;
    std::vector<float> centres_;
    Slot size_ = 0;
};

/// How many of the hits are as close as the exact ones, ties counted as right.
inline std::size_t count_right(const std::vector<ScoredSlot>& hits,
                               const std::vector<float>& exact) {
    if (exact.empty()) return 0;
    const float last = exact.back();
    const float tie = 1e-5F * (1 + std::fabs(last));
    std::size_t right = 0;
    for (const ScoredSlot& hit : hits)
        right += hit.raw >= last - tie ? 1U : 0U;
    return std::min(right, exact.size());
}

}  // namespace qdrantd::index::test
