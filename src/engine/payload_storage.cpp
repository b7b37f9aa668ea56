// SPDX-License-Identifier: Apache-2.0
#include "engine/payload_storage.hpp"

#include <qdrantd/engine/segment.hpp>

#include "engine/store_keys.hpp"

namespace qdrantd::engine {
namespace {

constexpr std::string_view kEmptyPayload = "{}";

/// Steps of an iterator that cost about as much as one seek.
constexpr unsigned kStepsMax = 16;

}  // namespace

Result<std::string_view> PayloadCursor::at(Slot slot) {
    const auto key = slot_key(number_, slot);
    if (!placed_) {
        iterator_->seek(key);
        placed_ = true;
    }
    for (unsigned step = 0; iterator_->valid() && iterator_->key() < key; ++step) {
        if (step < kStepsMax) {
            iterator_->next();
        } else {
            iterator_->seek(key);
        }
    }
    if (!iterator_->valid()) {
        QD_TRY(iterator_->status());
        return kEmptyPayload;
    }
    return iterator_->key() == key ? iterator_->value() : kEmptyPayload;
}

Result<std::string> PayloadStorage::get(Slot slot) const {
    QD_ASSIGN(auto value, store_.get(kPayloadFamily, slot_key(number_, slot)));
    return value ? std::move(*value) : std::string(kEmptyPayload);
}

Result<std::vector<std::string>> PayloadStorage::get_many(std::span<const Slot> slots) const {
    std::vector<std::string> out;
    if (slots.empty()) return out;
    std::vector<std::string> keys;
    keys.reserve(slots.size());
    for (const auto slot : slots)
        keys.push_back(slot_key(number_, slot));
    QD_ASSIGN(auto values, store_.get_many(kPayloadFamily, keys));
    out.reserve(slots.size());
    for (auto& value : values) {
        out.push_back(value ? std::move(*value) : std::string(kEmptyPayload));
    }
    return out;
}

PayloadCursor PayloadStorage::cursor() const {
    return {store_.iterate(kPayloadFamily, segment_begin(number_), segment_end(number_)), number_};
}

void PayloadStorage::put(Slot slot, std::string_view json, store::WriteBatch& batch) const {
    if (json.size() <= kEmptyPayload.size()) {
        erase(slot, batch);
    } else {
        batch.put(kPayloadFamily, slot_key(number_, slot), json);
    }
}

void PayloadStorage::erase(Slot slot, store::WriteBatch& batch) const {
    batch.erase(kPayloadFamily, slot_key(number_, slot));
}

}  // namespace qdrantd::engine
