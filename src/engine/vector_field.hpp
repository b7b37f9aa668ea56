// SPDX-License-Identifier: Apache-2.0
// One dense vector name of a segment: rows by slot, which slots have one, the graph over them, and
// their files (docs/formats/vector-chunks.md).
// How to use: the writer reserve()s and put()s slots before they are published; readers use rows(),
// has() and graph(); load() before anything else when there are files; save_rows() and save_graph()
// at checkpoints. Thread safety: one writer; readers of published slots; checkpoints and link()
// from background threads, one checkpoint at a time. Ownership: owns rows, graph and files. Errors:
// kIo, kInsufficientStorage; load gives kChecksum for damaged rows; a damaged graph is dropped, and
// linked anew.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>

#include <qdrantd/common/guarded.hpp>
#include <qdrantd/engine/segment.hpp>

#include "engine/chunked_column.hpp"
#include "engine/mapped_chunks.hpp"
#include "engine/vector_graph.hpp"

namespace qdrantd::engine {

class VectorField {
  public:
    struct Options {
        std::string name;
        std::uint32_t number = 0;
        std::string folder;
        model::VectorParams params;
    };
    /// What may change while the collection lives.
    struct Tuning {
        std::uint64_t m = 16;
        std::uint64_t ef_construct = 100;
        std::uint64_t full_scan_kib = 10000;
        std::uint64_t indexing_kib = 10000;  // 0 = never
        static Tuning of(const model::CollectionConfig& config, const std::string& vector);
    };

    VectorField(Options options, Tuning tuning);

    [[nodiscard]] const std::string& name() const { return options_.name; }
    [[nodiscard]] std::uint32_t dimension() const { return options_.params.size; }
    [[nodiscard]] model::Distance distance() const { return options_.params.distance; }
    [[nodiscard]] const vec::VectorRows& rows() const { return rows_; }
    [[nodiscard]] bool has(Slot slot) const { return present_[slot] != 0; }
    [[nodiscard]] model::DenseVector vector(Slot slot) const;

    // --- writer ---
    Status reserve(Slot slot);
    /// REQUIRES: reserve(slot); `vector` has dimension() floats, or is empty when the point lacks
    /// it.
    void put(Slot slot, std::span<const float> vector);
    /// For slots whose rows are loaded or replayed already.
    void set_present(Slot slot, bool present) { present_[slot] = present ? 1 : 0; }
    void count_live(std::int64_t change) { live_.fetch_add(change, std::memory_order_relaxed); }

    // --- files ---
    Status load(const SegmentManifest& manifest);
    /// Writes the graph when it grew by a tenth, or `always` when it grew at all. Before
    /// save_rows(), so that the rows cover what the graph links.
    Status save_graph(bool always);
    /// Makes rows below `slots` durable. Lists rows, graph and the field itself in `manifest`.
    Status save_rows(Slot slots, SegmentManifest& manifest);

    // --- graph ---
    /// nullptr when none is wanted.
    [[nodiscard]] std::shared_ptr<VectorGraph> graph() const;
    [[nodiscard]] Tuning tuning() const { return *tuning_.read(); }
    void set_tuning(Tuning tuning);
    /// See Segment::index_some; `end` is the number of published slots.
    std::size_t link(std::size_t limit, Slot end, const std::function<bool(Slot)>& reachable);
    /// Slots that link() would still deal with.
    [[nodiscard]] std::size_t pending(Slot end) const;
    [[nodiscard]] std::uint64_t live() const;
    [[nodiscard]] std::size_t bytes() const;

  private:
    VectorField(Options options, Tuning tuning, std::unique_ptr<MappedChunks> mapped);

    struct Graphs {
        std::shared_ptr<VectorGraph> serving;
        std::shared_ptr<VectorGraph> building;  // replaces `serving` when it has caught up
    };
    [[nodiscard]] bool linking_wanted() const;
    [[nodiscard]] index::HnswOptions hnsw_options(const Tuning& tuning) const;
    [[nodiscard]] std::string chunk_name(std::size_t chunk) const;
    [[nodiscard]] std::span<std::byte> chunk_bytes(std::size_t chunk, Slot slots);
    void load_graph(const SegmentManifest& manifest, const SegmentManifest::Vector& saved);

    const Options options_;
    MappedChunks* const mapped_;  // owned by rows_; nullptr for resident rows
    vec::VectorRows rows_;
    const std::size_t rows_per_chunk_;
    ChunkedColumn<std::uint8_t> present_;
    std::atomic<std::int64_t> live_{0};
    Guarded<Tuning> tuning_;
    Guarded<Graphs> graphs_;
    // Of the checkpointer.
    std::vector<SegmentManifest::File> row_files_;
    SegmentManifest::Vector saved_;
    SegmentManifest::File graph_file_;
    std::uint64_t graph_number_ = 0;
};

}  // namespace qdrantd::engine
