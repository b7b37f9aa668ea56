// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/engine/segment.hpp>

#include <algorithm>

#include "engine/segment_impl.hpp"
#include "engine/store_keys.hpp"

namespace qdrantd::engine {

Segment::Impl::Impl(SegmentOptions given)
    : options(std::move(given)), payloads(*options.store, options.number) {}

Segment::Segment(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Segment::~Segment() = default;

void Segment::Impl::make_fields(const SegmentManifest& manifest) {
    const auto& configured = options.config.params.vectors.by_name;
    std::vector<std::string> names;
    for (const auto& vector : manifest.vectors)
        names.push_back(vector.name);
    for (const auto& [name, params] : configured) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    for (std::size_t number = 0; number < names.size(); ++number) {
        const auto& name = names[number];
        const auto params = configured.find(name);
        if (params == configured.end()) continue;
        fields.push_back(std::make_unique<VectorField>(
            VectorField::Options{name, static_cast<std::uint32_t>(number), options.folder,
                                 params->second},
            VectorField::Tuning::of(options.config, name)));
    }
}

VectorField* Segment::Impl::field(std::string_view name) const {
    for (const auto& known : fields) {
        if (known->name() == name) return known.get();
    }
    return nullptr;
}

void Segment::erase_keys(std::uint32_t number, store::WriteBatch& batch) {
    const auto begin = segment_begin(number);
    const auto end = segment_end(number);
    for (const auto family : {kPointsFamily, kSlotsFamily, kPayloadFamily}) {
        batch.erase_range(family, begin, end);
    }
}

SegmentInfo Segment::info() const {
    const auto& impl = *impl_;
    const auto now = impl.views.current();
    SegmentInfo info;
    info.points = now.live;
    info.slots = now.slots;
    for (const auto& known : impl.fields) {
        if (const auto graph = known->graph()) info.indexed_vectors += graph->index().size();
        info.pending_vectors += known->pending(now.slots);
        info.memory_bytes += known->bytes();
    }
    info.indexed_payloads = impl.payload_index.points_indexed(*impl.ended_slots.read());
    info.memory_bytes += impl.payload_index.bytes() + impl.directory.bytes() +
                         std::uint64_t{now.slots} * SlotColumns::kBytesPerSlot;
    return info;
}

double Segment::dead_share() const {
    const auto now = impl_->views.current();
    if (now.slots == 0) return 0;
    return 1.0 - static_cast<double>(now.live) / static_cast<double>(now.slots);
}

}  // namespace qdrantd::engine
