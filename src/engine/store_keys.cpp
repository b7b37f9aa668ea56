// SPDX-License-Identifier: Apache-2.0
#include "engine/store_keys.hpp"

#include <qdrantd/common/bytes.hpp>

namespace qdrantd::engine {
namespace {

constexpr std::uint8_t kPointValueVersion = 1;

Error damaged(std::string_view what) {
    return {ErrorCode::kFormat, "segment store: " + std::string(what)};
}

}  // namespace

std::string segment_begin(std::uint32_t number) {
    std::string out;
    ByteWriter(out).u32_be(number);
    return out;
}

std::string segment_end(std::uint32_t number) { return segment_begin(number + 1); }

std::string point_key(std::uint32_t number, const model::PointId& id) {
    auto out = segment_begin(number);
    id.append_key(out);
    return out;
}

std::string slot_key(std::uint32_t number, Slot slot) {
    auto out = segment_begin(number);
    ByteWriter(out).u32_be(slot);
    return out;
}

Result<model::PointId> point_of_key(std::string_view key) {
    if (key.size() < 4) return damaged("short point key");
    key.remove_prefix(4);
    QD_ASSIGN(const auto id, model::PointId::take_key(key));
    if (!key.empty()) return damaged("long point key");
    return id;
}

Result<Slot> slot_of_key(std::string_view key) {
    if (key.size() != 8) return damaged("slot key of a wrong size");
    ByteReader r(key);
    r.u32_be();
    return r.u32_be();
}

std::string encode_point_value(const PointValue& value) {
    std::string out;
    ByteWriter w(out);
    w.u8(kPointValueVersion);
    w.u32(value.slot);
    w.u64(value.version);
    w.varint(value.vectors.size());
    for (const auto& name : value.vectors)
        w.str(name);
    return out;
}

Result<PointValue> decode_point_value(std::string_view bytes) {
    ByteReader r(bytes);
    if (r.u8() != kPointValueVersion) return damaged("point value of an unknown version");
    PointValue value;
    value.slot = r.u32();
    value.version = r.u64();
    const auto count = r.varint();
    for (std::uint64_t i = 0; i < count && r.ok(); ++i)
        value.vectors.emplace_back(r.str());
    if (!r.ok() || !r.at_end()) return damaged("malformed point value");
    return value;
}

}  // namespace qdrantd::engine
