// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/engine/effect.hpp>

#include <utility>

#include <qdrantd/common/bytes.hpp>

namespace qdrantd::engine {
namespace {

constexpr std::uint8_t kVersion = 1;

// On disk and wire: do not renumber.
enum class Kind : std::uint8_t {
    kNone = 0,
    kPutPoints = 1,
    kPutVectors = 2,
    kRemovePoints = 3,
    kPatchPayload = 4,
};
enum class VectorKind : std::uint8_t { kDense = 0, kSparse = 1, kMulti = 2 };

Error malformed(std::string_view what) {
    return {ErrorCode::kFormat, "effect: " + std::string(what)};
}

void put_id(const model::PointId& id, std::string& out) { id.append_key(out); }

void put_vectors(const model::NamedVectors& vectors, std::string& out) {
    ByteWriter w(out);
    w.varint(vectors.size());
    for (const auto& vector : vectors) {
        w.str(vector.name);
        w.u8(static_cast<std::uint8_t>(vector.value.index()));
        if (const auto* dense = std::get_if<model::DenseVector>(&vector.value)) {
            w.varint(dense->size());
            w.floats(*dense);
        } else if (const auto* sparse = std::get_if<model::SparseVector>(&vector.value)) {
            w.varint(sparse->indices.size());
            w.raw(sparse->indices.data(), sparse->indices.size() * sizeof(std::uint32_t));
            w.floats(sparse->values);
        } else {
            const auto& multi = std::get<model::MultiVector>(vector.value);
            w.u32(multi.dimension);
            w.varint(multi.values.size());
            w.floats(multi.values);
        }
    }
}

void put_ids(const std::vector<model::PointId>& ids, std::string& out) {
    ByteWriter(out).varint(ids.size());
    for (const auto& id : ids)
        put_id(id, out);
}

/// Reads what the writers above wrote. Counts are checked against the bytes left before anything is
/// sized by them.
class Decoder {
  public:
    explicit Decoder(std::string_view bytes) : in_(bytes) {}

    Result<Effect> effect() {
        ByteReader head(in_);
        const auto version = head.u8();
        const auto kind = head.u8();
        if (!head.ok()) return malformed("truncated");
        if (version != kVersion) return malformed("unknown version " + std::to_string(version));
        in_.remove_prefix(2);
        QD_ASSIGN(auto effect, body(static_cast<Kind>(kind)));
        if (!in_.empty()) return malformed("bytes behind the end");
        return effect;
    }

  private:
    Result<Effect> body(Kind kind) {
        switch (kind) {
            case Kind::kNone:
                return Effect(NoEffect{});
            case Kind::kPutPoints:
                return put_points();
            case Kind::kPutVectors:
                return put_vectors();
            case Kind::kRemovePoints: {
                RemovePoints remove;
                QD_ASSIGN(remove.ids, ids());
                return Effect(std::move(remove));
            }
            case Kind::kPatchPayload:
                return patch();
        }
        return malformed("unknown kind " + std::to_string(static_cast<unsigned>(kind)));
    }

    Result<Effect> put_points() {
        PutPoints put;
        QD_ASSIGN(const auto count, varint());
        for (std::uint64_t i = 0; i < count; ++i) {
            model::Point point;
            QD_ASSIGN(point.id, id());
            QD_ASSIGN(point.vectors, vectors());
            QD_ASSIGN(const auto json, str());
            point.payload = model::Payload::trusted(std::string(json));
            put.points.push_back(std::move(point));
        }
        return Effect(std::move(put));
    }

    Result<Effect> put_vectors() {
        PutVectors put;
        QD_ASSIGN(const auto count, varint());
        for (std::uint64_t i = 0; i < count; ++i) {
            model::PointVectors point;
            QD_ASSIGN(point.id, id());
            QD_ASSIGN(point.vectors, vectors());
            put.points.push_back(std::move(point));
        }
        return Effect(std::move(put));
    }

    Result<Effect> patch() {
        PatchPayload patch;
        ByteReader r(in_);
        const auto kind = r.u8();
        if (!r.ok()) return malformed("truncated");
        if (kind < 1 || kind > 5) return malformed("unknown payload change");
        in_.remove_prefix(1);
        patch.kind = static_cast<PatchPayload::Kind>(kind);
        QD_ASSIGN(patch.ids, ids());
        QD_ASSIGN(const auto json, str());
        patch.payload = model::Payload::trusted(std::string(json));
        QD_ASSIGN(const auto count, varint());
        for (std::uint64_t i = 0; i < count; ++i) {
            QD_ASSIGN(const auto text, str());
            auto path = model::JsonPath::parse(text);
            if (!path.ok()) return malformed("malformed path");
            patch.keys.push_back(*std::move(path));
        }
        if (patch.kind == PatchPayload::Kind::kMergeAt && patch.keys.size() != 1) {
            return malformed("a merge at a path needs one path");
        }
        return Effect(std::move(patch));
    }

    Result<std::vector<model::PointId>> ids() {
        std::vector<model::PointId> out;
        QD_ASSIGN(const auto count, varint());
        for (std::uint64_t i = 0; i < count; ++i) {
            QD_ASSIGN(const auto one, id());
            out.push_back(one);
        }
        return out;
    }

    Result<model::PointId> id() {
        auto id = model::PointId::take_key(in_);
        if (!id.ok()) return malformed("malformed point id");
        return id;
    }

    Result<model::NamedVectors> vectors() {
        model::NamedVectors out;
        QD_ASSIGN(const auto count, varint());
        for (std::uint64_t i = 0; i < count; ++i) {
            model::NamedVector vector;
            QD_ASSIGN(const auto name, str());
            vector.name = std::string(name);
            QD_ASSIGN(vector.value, value());
            out.push_back(std::move(vector));
        }
        return out;
    }

    Result<model::VectorValue> value() {
        ByteReader head(in_);
        const auto kind = static_cast<VectorKind>(head.u8());
        std::uint32_t dimension = 0;
        if (kind == VectorKind::kMulti) dimension = head.u32();
        const auto count = head.varint();
        const std::uint64_t each = kind == VectorKind::kSparse ? 8 : 4;
        if (!head.ok() || count > head.left() / each) return malformed("truncated vector");
        ByteReader r(in_.substr(in_.size() - head.left()));
        const auto n = static_cast<std::size_t>(count);
        model::VectorValue out;
        if (kind == VectorKind::kDense) {
            r.floats(out.emplace<model::DenseVector>(n));
        } else if (kind == VectorKind::kSparse) {
            auto& sparse = out.emplace<model::SparseVector>();
            sparse.indices.resize(n);
            for (auto& index : sparse.indices)
                index = r.u32();
            sparse.values.resize(n);
            r.floats(sparse.values);
        } else if (kind == VectorKind::kMulti) {
            auto& multi = out.emplace<model::MultiVector>();
            multi.dimension = dimension;
            multi.values.resize(n);
            r.floats(multi.values);
        } else {
            return malformed("unknown kind of vector");
        }
        in_ = in_.substr(in_.size() - r.left());
        return out;
    }

    Result<std::uint64_t> varint() {
        ByteReader r(in_);
        const auto value = r.varint();
        if (!r.ok()) return malformed("truncated");
        in_ = in_.substr(in_.size() - r.left());
        return value;
    }

    Result<std::string_view> str() {
        ByteReader r(in_);
        const auto value = r.str();
        if (!r.ok()) return malformed("truncated");
        in_ = in_.substr(in_.size() - r.left());
        return value;
    }

    std::string_view in_;
};

struct Encoder {
    std::string& out;

    void kind(Kind k) const { ByteWriter(out).u8(static_cast<std::uint8_t>(k)); }

    void operator()(const NoEffect&) const { kind(Kind::kNone); }
    void operator()(const PutPoints& put) const {
        kind(Kind::kPutPoints);
        ByteWriter(out).varint(put.points.size());
        for (const auto& point : put.points) {
            put_id(point.id, out);
            put_vectors(point.vectors, out);
            ByteWriter(out).str(point.payload.json());
        }
    }
    void operator()(const PutVectors& put) const {
        kind(Kind::kPutVectors);
        ByteWriter(out).varint(put.points.size());
        for (const auto& point : put.points) {
            put_id(point.id, out);
            put_vectors(point.vectors, out);
        }
    }
    void operator()(const RemovePoints& remove) const {
        kind(Kind::kRemovePoints);
        put_ids(remove.ids, out);
    }
    void operator()(const PatchPayload& patch) const {
        kind(Kind::kPatchPayload);
        ByteWriter(out).u8(static_cast<std::uint8_t>(patch.kind));
        put_ids(patch.ids, out);
        ByteWriter w(out);
        w.str(patch.payload.json());
        w.varint(patch.keys.size());
        for (const auto& key : patch.keys)
            w.str(key.to_string());
    }
};

}  // namespace

void encode_effect(const Effect& effect, std::string& out) {
    ByteWriter(out).u8(kVersion);
    std::visit(Encoder{out}, effect);
}

Result<Effect> decode_effect(std::string_view bytes) { return Decoder(bytes).effect(); }

std::size_t slots_taken(const Effect& effect) {
    if (const auto* points = std::get_if<PutPoints>(&effect)) return points->points.size();
    if (const auto* vectors = std::get_if<PutVectors>(&effect)) return vectors->points.size();
    return 0;
}

}  // namespace qdrantd::engine
