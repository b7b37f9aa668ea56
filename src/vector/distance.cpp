// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/vector/distance.hpp>

#include <algorithm>
#include <cmath>

namespace qdrantd::vec {

// Sums are kept in double, so that these are the judge of the fast kernels at any length.

float reference_dot(const float* a, const float* b, std::size_t n) noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return static_cast<float>(sum);
}

float reference_squared_euclid(const float* a, const float* b, std::size_t n) noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
        sum += difference * difference;
    }
    return static_cast<float>(sum);
}

float reference_manhattan(const float* a, const float* b, std::size_t n) noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
        sum += std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    return static_cast<float>(sum);
}

float score_from_raw(model::Distance distance, float raw) noexcept {
    switch (distance) {
        case model::Distance::kCosine:
        case model::Distance::kDot:
            return raw;
        case model::Distance::kEuclid:
            return std::sqrt(std::max(-raw, 0.0F));
        case model::Distance::kManhattan:
            return std::max(-raw, 0.0F);
    }
    return raw;
}

float raw_from_score(model::Distance distance, float score) noexcept {
    switch (distance) {
        case model::Distance::kCosine:
        case model::Distance::kDot:
            return score;
        case model::Distance::kEuclid:
            return score < 0 ? score * score : -score * score;
        case model::Distance::kManhattan:
            return -score;
    }
    return score;
}

bool larger_is_better(model::Distance distance) noexcept {
    return distance == model::Distance::kCosine || distance == model::Distance::kDot;
}

}  // namespace qdrantd::vec
