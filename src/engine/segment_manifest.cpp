// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/bytes.hpp>
#include <qdrantd/common/checksum.hpp>
#include <qdrantd/engine/segment.hpp>

namespace qdrantd::engine {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

const SegmentManifest::File* SegmentManifest::find_file(const std::string& name) const {
    for (const auto& file : files) {
        if (file.name == name) return &file;
    }
    return nullptr;
}

std::string SegmentManifest::encode() const {
    std::string out;
    ByteWriter w(out);
    w.u8(kVersion);
    w.u32(number);
    w.u64(covered.value);
    w.u32(slots);
    w.varint(vectors.size());
    for (const auto& vector : vectors) {
        w.str(vector.name);
        w.u32(vector.dimension);
        w.str(vector.graph_file);
        w.u32(vector.graph_covers);
        w.u32(vector.m);
        w.u32(vector.ef_construct);
    }
    w.varint(files.size());
    for (const auto& file : files) {
        w.str(file.name);
        w.u64(file.bytes);
        w.varint(file.checksums.size());
        for (const auto sum : file.checksums)
            w.u64(sum);
    }
    w.u64(checksum64(out));
    return out;
}

Result<SegmentManifest> SegmentManifest::decode(std::string_view bytes) {
    const auto damaged = [](const char* what) {
        return Error{ErrorCode::kChecksum, std::string("segment manifest is damaged: ") + what};
    };
    if (bytes.size() < 9) return damaged("too short");
    if (bytes[0] != static_cast<char>(kVersion)) {
        return Error{ErrorCode::kFormat, "segment manifest of an unknown version"};
    }
    const auto body = bytes.substr(0, bytes.size() - 8);
    if (ByteReader(bytes.substr(body.size())).u64() != checksum64(body)) {
        return damaged("wrong checksum");
    }
    ByteReader r(body);
    r.u8();
    SegmentManifest out;
    out.number = r.u32();
    out.covered = OpSeq(r.u64());
    out.slots = r.u32();
    const auto vectors = r.varint();
    for (std::uint64_t i = 0; i < vectors && r.ok(); ++i) {
        auto& vector = out.vectors.emplace_back();
        vector.name = std::string(r.str());
        vector.dimension = r.u32();
        vector.graph_file = std::string(r.str());
        vector.graph_covers = r.u32();
        vector.m = r.u32();
        vector.ef_construct = r.u32();
    }
    const auto files = r.varint();
    for (std::uint64_t i = 0; i < files && r.ok(); ++i) {
        auto& file = out.files.emplace_back();
        file.name = std::string(r.str());
        file.bytes = r.u64();
        const auto sums = r.varint();
        for (std::uint64_t k = 0; k < sums && r.ok(); ++k)
            file.checksums.push_back(r.u64());
    }
    if (!r.ok() || !r.at_end()) return damaged("malformed");
    return out;
}

}  // namespace qdrantd::engine
