// SPDX-License-Identifier: Apache-2.0
#include "shard/update_size.hpp"

namespace qdrantd::shard {

namespace {

constexpr std::size_t kOverhead = 128;  // of one operation, point or id in its containers

struct Bytes {
    std::size_t operator()(const model::NamedVectors& vectors) const {
        std::size_t total = 0;
        for (const auto& vector : vectors) {
            total += sizeof(vector) + vector.name.size() + std::visit(*this, vector.value);
        }
        return total;
    }
    std::size_t operator()(const model::DenseVector& v) const { return v.size() * sizeof(float); }
    std::size_t operator()(const model::SparseVector& v) const {
        return v.indices.size() * (sizeof(float) + sizeof(std::uint32_t));
    }
    std::size_t operator()(const model::MultiVector& v) const {
        return v.values.size() * sizeof(float);
    }
    std::size_t operator()(const std::vector<model::PointId>& ids) const {
        return ids.size() * sizeof(model::PointId);
    }
    std::size_t operator()(const model::Filter&) const { return kOverhead; }

    std::size_t operator()(const model::UpsertPoints& op) const {
        std::size_t total = 0;
        for (const auto& point : op.points) {
            total += sizeof(point) + (*this)(point.vectors) + point.payload.json().size();
        }
        return total;
    }
    std::size_t operator()(const model::UpdateVectors& op) const {
        std::size_t total = 0;
        for (const auto& point : op.points)
            total += sizeof(point) + (*this)(point.vectors);
        return total;
    }
    std::size_t operator()(const model::DeleteVectors& op) const {
        return op.ids ? (*this)(*op.ids) : 0;
    }
    std::size_t operator()(const model::DeletePoints& op) const {
        return std::visit(*this, op.selector);
    }
    std::size_t operator()(const model::SetPayload& op) const {
        return op.payload.json().size() + std::visit(*this, op.selector);
    }
    std::size_t operator()(const model::OverwritePayload& op) const {
        return op.payload.json().size() + std::visit(*this, op.selector);
    }
    std::size_t operator()(const model::DeletePayload& op) const {
        return op.keys.size() * kOverhead + std::visit(*this, op.selector);
    }
    std::size_t operator()(const model::ClearPayload& op) const {
        return std::visit(*this, op.selector);
    }
};

}  // namespace

std::size_t update_bytes(const model::UpdateOperation& operation) {
    return kOverhead + std::visit(Bytes{}, operation);
}

}  // namespace qdrantd::shard
