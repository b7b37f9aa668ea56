// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/validate.hpp>

#include <cmath>

#include <fmt/core.h>

namespace qdrantd::model {

namespace {

constexpr std::size_t kNameCharactersMax = 255;
constexpr std::size_t kVectorNameBytesMax = 200;
constexpr std::string_view kForbiddenInNames = "<>:\"/\\|?*";

Error bad_input(std::string message) { return Error{ErrorCode::kBadInput, std::move(message)}; }

Error unknown_vector(std::string_view name) {
    return bad_input(fmt::format("Not existing vector name error: {}", name));
}

std::optional<char> forbidden_character(std::string_view name) {
    for (const char c : name) {
        if (c == '\0' || c == '\x1F' || kForbiddenInNames.find(c) != std::string_view::npos)
            return c;
    }
    return std::nullopt;
}

std::string printable(char c) {
    if (static_cast<unsigned char>(c) < 0x20)
        return fmt::format("\\u{{{:x}}}", static_cast<unsigned>(c));
    return std::string(1, c);
}

std::size_t characters(std::string_view utf8) {
    std::size_t count = 0;
    for (const char c : utf8)
        count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return count;
}

struct CheckValue {
    const VectorParams& params;
    std::string_view name;

    Status operator()(const DenseVector& vector) const {
        if (vector.size() != params.size) {
            return bad_input(fmt::format("Vector dimension error: expected dim: {}, got {}{}",
                                         params.size, vector.size(), for_name()));
        }
        for (const float value : vector) {
            if (!std::isfinite(value)) {
                return bad_input(
                    fmt::format("Vector contains a value that is not finite{}", for_name()));
            }
        }
        return {};
    }
    Status operator()(const SparseVector&) const {
        return bad_input("Conversion between sparse and regular vectors failed");
    }
    Status operator()(const MultiVector&) const {
        return bad_input("Conversion between multi and regular vectors failed");
    }

  private:
    [[nodiscard]] std::string for_name() const {
        return name.empty() ? std::string() : fmt::format(" for vector '{}'", name);
    }
};

Status check_value(const CollectionParams& params, std::string_view name,
                   const VectorValue& value) {
    const auto found = params.vectors.by_name.find(std::string(name));
    if (found == params.vectors.by_name.end()) return unknown_vector(name);
    return std::visit(CheckValue{found->second, name}, value);
}

Status check_points(const CollectionParams& params, const auto& points) {
    if (points.empty()) return Error{ErrorCode::kBadRequest, "Empty update request"};
    for (const auto& point : points)
        QD_TRY(validate_vectors(params, point.vectors));
    return {};
}

Status check_selector(const PointSelector& selector) {
    if (const auto* ids = std::get_if<std::vector<PointId>>(&selector); ids && ids->empty()) {
        return Error{ErrorCode::kBadRequest, "Empty update request"};
    }
    return {};
}

struct CheckUpdate {
    const CollectionParams& params;

    Status operator()(const UpsertPoints& upsert) const {
        return check_points(params, upsert.points);
    }
    Status operator()(const UpdateVectors& update) const {
        return check_points(params, update.points);
    }
    Status operator()(const DeleteVectors& removal) const {
        for (const auto& name : removal.names) {
            if (!params.vectors.by_name.contains(name)) return unknown_vector(name);
        }
        return {};
    }
    Status operator()(const auto& operation) const { return check_selector(operation.selector); }
};

}  // namespace

Status validate_collection_name(std::string_view name) {
    const auto length = characters(name);
    if (length < 1 || length > kNameCharactersMax) {
        return Error{
            ErrorCode::kValidation,
            fmt::format("collection_name: value \"{}\" invalid, must be from 1 to {} characters",
                        name.substr(0, 1024), kNameCharactersMax)};
    }
    if (const auto c = forbidden_character(name)) {
        return Error{ErrorCode::kValidation,
                     fmt::format("collection_name: collection name cannot contain \"{}\" char",
                                 printable(*c))};
    }
    return {};
}

namespace {

/// Links are allocated by these numbers, so they end where no graph gains from more.
constexpr std::uint64_t kLinksMax = 2048;
constexpr std::uint64_t kBeamMax = 65536;

Status check_hnsw(const HnswConfig& hnsw) {
    const auto too_large = [](std::string_view field, std::uint64_t value, std::uint64_t limit) {
        return Error{
            ErrorCode::kValidation,
            fmt::format(
                "Validation error in JSON body: [hnsw_config.{}: value {} invalid, must be {} or "
                "smaller]",
                field, value, limit)};
    };
    if (hnsw.m > kLinksMax) return too_large("m", hnsw.m, kLinksMax);
    if (hnsw.payload_m.value_or(0) > kLinksMax)
        return too_large("payload_m", *hnsw.payload_m, kLinksMax);
    if (hnsw.ef_construct > kBeamMax) return too_large("ef_construct", hnsw.ef_construct, kBeamMax);
    return {};
}

}  // namespace

Status validate_config(const CollectionConfig& config) {
    QD_TRY(check_hnsw(config.hnsw));
    if (config.optimizers.prevent_unoptimized.value_or(false)) {
        return Error{ErrorCode::kUnsupported,
                     "`prevent_unoptimized` is not supported by this version"};
    }
    for (const auto& [name, vector] : config.params.vectors.by_name) {
        if (name.size() > kVectorNameBytesMax) {
            return bad_input(
                fmt::format("Invalid dense vector name `{}`: it is longer than {} bytes",
                            name.substr(0, kVectorNameBytesMax), kVectorNameBytesMax));
        }
        if (const auto c = forbidden_character(name)) {
            return bad_input(fmt::format(
                "Invalid dense vector name `{}`: vector name cannot contain \"{}\" char", name,
                printable(*c)));
        }
        if (vector.hnsw_config) QD_TRY(check_hnsw(vector.hnsw_config->over(config.hnsw)));
        if (vector.datatype && *vector.datatype != Datatype::kFloat32) {
            return Error{ErrorCode::kUnsupported,
                         "only the vector datatype float32 is supported by this version"};
        }
    }
    return {};
}

Status validate_vectors(const CollectionParams& params, const NamedVectors& vectors) {
    for (const auto& vector : vectors)
        QD_TRY(check_value(params, vector.name, vector.value));
    return {};
}

Status validate_update(const CollectionParams& params, const UpdateOperation& operation) {
    return std::visit(CheckUpdate{params}, operation);
}

Status validate_query(const CollectionParams& params, const QueryRequest& request) {
    QD_TRY(validate_vector_selector(params, request.with_vector));
    if (!request.nearest) {
        if (request.score_threshold) {
            return Error{
                ErrorCode::kBadRequest,
                "A query is needed to use the score_threshold. Can't have score_threshold without "
                "defining a query."};
        }
        return {};
    }
    if (!params.vectors.by_name.contains(request.using_vector))
        return unknown_vector(request.using_vector);
    if (const auto* value = std::get_if<VectorValue>(&request.nearest->target)) {
        return check_value(params, request.using_vector, *value);
    }
    return {};
}

Status validate_vector_selector(const CollectionParams& params, const VectorSelector& selector) {
    for (const auto& name : selector.names) {
        if (!params.vectors.by_name.contains(name)) return unknown_vector(name);
    }
    return {};
}

void normalise(std::span<float> vector) {
    float sum = 0;
    for (const float value : vector)
        sum += value * value;
    // The bounds of spec search.md §1.4: (near) zero vectors stay, and so do unit vectors, which
    // keeps it stable.
    if (sum < 1.1920929e-7F || std::abs(sum - 1.0F) <= 1.0e-6F) return;
    const float norm = std::sqrt(sum);
    for (float& value : vector)
        value /= norm;
}

}  // namespace qdrantd::model
