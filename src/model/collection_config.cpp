// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/collection_config.hpp>

namespace qdrantd::model {

namespace {

template <typename T, typename U>
void take(T& target, const std::optional<U>& given) {
    if (given) target = *given;
}

}  // namespace

HnswConfig HnswConfigDiff::over(HnswConfig base) const {
    take(base.m, m);
    take(base.ef_construct, ef_construct);
    take(base.full_scan_threshold, full_scan_threshold);
    take(base.max_indexing_threads, max_indexing_threads);
    take(base.on_disk, on_disk);
    take(base.memory, memory);
    take(base.payload_m, payload_m);
    take(base.inline_storage, inline_storage);
    return base;
}

void HnswConfigDiff::merge(const HnswConfigDiff& later) {
    take(m, later.m);
    take(ef_construct, later.ef_construct);
    take(full_scan_threshold, later.full_scan_threshold);
    take(max_indexing_threads, later.max_indexing_threads);
    take(on_disk, later.on_disk);
    take(memory, later.memory);
    take(payload_m, later.payload_m);
    take(inline_storage, later.inline_storage);
}

void OptimizersConfigDiff::apply_to(OptimizersConfig& config) const {
    take(config.deleted_threshold, deleted_threshold);
    take(config.vacuum_min_vector_number, vacuum_min_vector_number);
    take(config.default_segment_number, default_segment_number);
    take(config.max_segment_size, max_segment_size);
    take(config.memmap_threshold, memmap_threshold);
    take(config.indexing_threshold, indexing_threshold);
    take(config.flush_interval_sec, flush_interval_sec);
    take(config.max_optimization_threads, max_optimization_threads);
    take(config.prevent_unoptimized, prevent_unoptimized);
}

}  // namespace qdrantd::model
