// SPDX-License-Identifier: Apache-2.0
// Vectors as requests carry them and records return them. Name "" is the unnamed vector.
// Thread safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace qdrantd::model {

using DenseVector = std::vector<float>;

/// Sorted by index after validation; indices are unique.
struct SparseVector {
    std::vector<std::uint32_t> indices;
    std::vector<float> values;
    bool operator==(const SparseVector&) const = default;
};

/// Rows of equal length, one after the other.
struct MultiVector {
    std::uint32_t dimension = 0;
    std::vector<float> values;
    bool operator==(const MultiVector&) const = default;
};

using VectorValue = std::variant<DenseVector, SparseVector, MultiVector>;

struct NamedVector {
    std::string name;
    VectorValue value;
    bool operator==(const NamedVector&) const = default;
};

/// The vectors of one point; few, so a list. Names are unique.
using NamedVectors = std::vector<NamedVector>;

inline const VectorValue* find_vector(const NamedVectors& vectors, std::string_view name) {
    for (const auto& vector : vectors) {
        if (vector.name == name) return &vector.value;
    }
    return nullptr;
}

}  // namespace qdrantd::model
