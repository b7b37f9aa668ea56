// SPDX-License-Identifier: Apache-2.0
#include "engine/vector_field.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/fault_point.hpp>
#include <qdrantd/common/log.hpp>
#include <qdrantd/store/file.hpp>

#include "engine/block_file.hpp"

namespace qdrantd::engine {
namespace {

bool stays_on_disk(const model::VectorParams& params) {
    if (params.memory) return *params.memory == model::Memory::kCold;
    return params.on_disk.value_or(false);
}

std::string chunk_prefix(const VectorField::Options& options) {
    return options.folder + "/vec-" + std::to_string(options.number) + "-";
}

}  // namespace

VectorField::Tuning VectorField::Tuning::of(const model::CollectionConfig& config,
                                            const std::string& vector) {
    auto hnsw = config.hnsw;
    const auto at = config.params.vectors.by_name.find(vector);
    if (at != config.params.vectors.by_name.end() && at->second.hnsw_config) {
        hnsw = at->second.hnsw_config->over(hnsw);
    }
    return {hnsw.m, hnsw.ef_construct, hnsw.full_scan_threshold,
            config.optimizers.indexing_threshold};
}

VectorField::VectorField(Options options, Tuning tuning)
    : VectorField(options, tuning,
                  stays_on_disk(options.params)
                      ? std::make_unique<MappedChunks>(chunk_prefix(options))
                      : nullptr) {}

VectorField::VectorField(Options options, Tuning tuning, std::unique_ptr<MappedChunks> mapped)
    : options_(std::move(options)),
      mapped_(mapped.get()),
      rows_(options_.params.size, mapped != nullptr
                                      ? std::unique_ptr<vec::ChunkSource>(std::move(mapped))
                                      : vec::make_anonymous_chunks()),
      rows_per_chunk_(vec::VectorRows::rows_per_chunk(options_.params.size)) {
    saved_.name = options_.name;
    saved_.dimension = options_.params.size;
    set_tuning(tuning);
}

model::DenseVector VectorField::vector(Slot slot) const {
    const auto* row = rows_.row(slot);
    return {row, row + dimension()};
}

Status VectorField::reserve(Slot slot) {
    QD_TRY(rows_.reserve(slot));
    present_.reserve(slot);
    return {};
}

void VectorField::put(Slot slot, std::span<const float> vector) {
    present_[slot] = vector.empty() ? 0 : 1;
    if (vector.empty()) return;
    QD_ASSERT(vector.size() == dimension());
    std::memcpy(rows_.mutable_row(slot), vector.data(), vector.size_bytes());
}

std::string VectorField::chunk_name(std::size_t chunk) const {
    return "vec-" + std::to_string(options_.number) + "-" + std::to_string(chunk);
}

std::span<std::byte> VectorField::chunk_bytes(std::size_t chunk, Slot slots) {
    const auto first = chunk * rows_per_chunk_;
    const auto rows = std::min<std::size_t>(rows_per_chunk_, slots - first);
    auto* begin = rows_.mutable_row(static_cast<Slot>(first));
    return std::as_writable_bytes(std::span(begin, rows * rows_.stride()));
}

Status VectorField::load(const SegmentManifest& manifest) {
    const auto* saved =
        options_.number < manifest.vectors.size() ? &manifest.vectors[options_.number] : nullptr;
    if (saved == nullptr) return {};
    if (saved->name != options_.name || saved->dimension != dimension()) {
        return Error{ErrorCode::kFormat, "vector field '" + options_.name +
                                             "' is not the one the segment was written with"};
    }
    for (std::size_t chunk = 0; chunk * rows_per_chunk_ < manifest.slots; ++chunk) {
        const auto* file = manifest.find_file(chunk_name(chunk));
        const auto last = std::min<std::size_t>((chunk + 1) * rows_per_chunk_, manifest.slots) - 1;
        QD_TRY(reserve(static_cast<Slot>(last)));
        const auto target = chunk_bytes(chunk, manifest.slots);
        if (file == nullptr || file->bytes != target.size()) {
            return Error{ErrorCode::kChecksum, "the manifest does not cover " + chunk_name(chunk)};
        }
        if (mapped_ != nullptr) {
            QD_TRY(verify_checksums(*file, target));
        } else {
            QD_TRY(read_verified(options_.folder + "/" + file->name, *file, target));
        }
        row_files_.push_back(*file);
    }
    load_graph(manifest, *saved);
    return {};
}

void VectorField::load_graph(const SegmentManifest& manifest,
                             const SegmentManifest::Vector& saved) {
    if (saved.graph_file.empty()) return;
    const auto tuning = this->tuning();
    if (saved.m != tuning.m || saved.ef_construct != tuning.ef_construct) return;
    const auto* file = manifest.find_file(saved.graph_file);
    const auto drop = [&](const std::string& why) {
        log_warn("engine", "graph_dropped", "file={} reason=\"{}\"; it is linked anew",
                 saved.graph_file, why);
    };
    if (file == nullptr) return drop("not in the manifest");
    if (saved.graph_covers > manifest.slots) return drop("it links slots that no file has");
    if (const auto ok = verify_file(options_.folder, *file); !ok.ok()) {
        return drop(describe(ok.error()));
    }
    const auto options = hnsw_options(tuning);
    auto loaded = index::HnswIndex::load(options, rows_, options_.folder + "/" + saved.graph_file);
    if (!loaded.ok()) return drop(describe(loaded.error()));
    graphs_.lock()->serving =
        std::make_shared<VectorGraph>(options, std::move(*loaded), saved.graph_covers);
    saved_ = saved;
    graph_file_ = *file;
}

Status VectorField::save_rows(Slot slots, SegmentManifest& manifest) {
    for (std::size_t chunk = 0; chunk * rows_per_chunk_ < slots; ++chunk) {
        if (chunk == row_files_.size()) row_files_.push_back({chunk_name(chunk), 0, {}});
        auto& file = row_files_[chunk];
        const std::span<const std::byte> content = chunk_bytes(chunk, slots);
        if (content.size() > file.bytes) {
            if (mapped_ != nullptr) {
                QD_TRY(mapped_->sync(chunk));
            } else {
                QD_TRY(write_durably(options_.folder + "/" + file.name, file.bytes,
                                     content.subspan(file.bytes)));
            }
            extend_checksums(file, content);
        }
        manifest.files.push_back(file);
    }
    if (!saved_.graph_file.empty()) manifest.files.push_back(graph_file_);
    manifest.vectors.push_back(saved_);
    return {};
}

Status VectorField::save_graph(bool always) {
    const auto graph = this->graph();
    if (graph == nullptr) {
        saved_.graph_file.clear();
        saved_.graph_covers = 0;
        return {};
    }
    const auto& options = graph->options();
    const bool same = !saved_.graph_file.empty() && saved_.m == options.m &&
                      saved_.ef_construct == options.ef_construct;
    const auto known = same ? saved_.graph_covers : Slot{0};
    const auto grown = graph->floor() - known;
    if (grown == 0 || (!always && grown <= known / 10)) return {};

    const VectorGraph::Pause pause(*graph);
    auto next = saved_;
    next.graph_covers = graph->floor();
    next.m = options.m;
    next.ef_construct = options.ef_construct;
    // Never a name that a manifest still in force may use.
    do {
        next.graph_file =
            "graph-" + std::to_string(options_.number) + "-" + std::to_string(++graph_number_);
    } while (store::file_exists(options_.folder + "/" + next.graph_file));
    const auto path = options_.folder + "/" + next.graph_file;
    if (fault_point("engine.graph.save")) {
        return Error{ErrorCode::kInsufficientStorage, "fault: engine.graph.save"};
    }
    QD_TRY(graph->index().save(path));
    auto covered = cover_file(options_.folder, next.graph_file);
    if (!covered.ok()) {
        ignore_result(store::remove_file(path), "why it cannot be read says more");
        return covered.error();
    }
    graph_file_ = std::move(covered).value();
    saved_ = std::move(next);
    return {};
}

std::shared_ptr<VectorGraph> VectorField::graph() const { return graphs_.read()->serving; }

index::HnswOptions VectorField::hnsw_options(const Tuning& tuning) const {
    constexpr std::uint64_t kMost = 1U << 20;
    index::HnswOptions options;
    options.m = static_cast<std::uint32_t>(std::min(tuning.m, kMost));
    options.ef_construct = static_cast<std::uint32_t>(std::min(tuning.ef_construct, kMost));
    options.distance = distance();
    return options;
}

void VectorField::set_tuning(Tuning tuning) {
    *tuning_.lock() = tuning;
    auto graphs = graphs_.lock();
    if (tuning.m == 0) {
        graphs->serving.reset();
        graphs->building.reset();
        return;
    }
    const auto options = hnsw_options(tuning);
    const auto fits = [&](const std::shared_ptr<VectorGraph>& graph) {
        return graph != nullptr && graph->options().m == options.m &&
               graph->options().ef_construct == options.ef_construct;
    };
    if (fits(graphs->building)) return;
    graphs->building.reset();
    if (fits(graphs->serving)) return;
    auto fresh = std::make_shared<VectorGraph>(options, rows_);
    (graphs->serving == nullptr ? graphs->serving : graphs->building) = std::move(fresh);
}

bool VectorField::linking_wanted() const {
    const auto tuning = this->tuning();
    if (tuning.m == 0 || tuning.indexing_kib == 0) return false;
    return live() * dimension() * sizeof(float) > tuning.indexing_kib * 1024;
}

std::size_t VectorField::link(std::size_t limit, Slot end,
                              const std::function<bool(Slot)>& reachable) {
    if (!linking_wanted()) return 0;
    std::shared_ptr<VectorGraph> graph;
    {
        const auto graphs = graphs_.read();
        graph = graphs->building != nullptr ? graphs->building : graphs->serving;
    }
    if (graph == nullptr) return 0;
    const auto done =
        graph->link(limit, end, [&](Slot slot) { return has(slot) && reachable(slot); });
    auto graphs = graphs_.lock();
    if (graphs->building == graph && graph->floor() >= graphs->serving->floor()) {
        graphs->serving = std::move(graphs->building);
        graphs->building.reset();
    }
    return done;
}

std::size_t VectorField::pending(Slot end) const {
    if (!linking_wanted()) return 0;
    const auto graphs = graphs_.read();
    const auto& graph = graphs->building != nullptr ? graphs->building : graphs->serving;
    if (graph == nullptr) return 0;
    const auto floor = graph->floor();
    return floor < end ? end - floor : 0;
}

std::uint64_t VectorField::live() const {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(live_.load(), 0));
}

std::size_t VectorField::bytes() const {
    const auto graphs = graphs_.read();
    auto sum = rows_.bytes();
    if (graphs->serving != nullptr) sum += graphs->serving->index().bytes();
    if (graphs->building != nullptr) sum += graphs->building->index().bytes();
    return sum;
}

}  // namespace qdrantd::engine
