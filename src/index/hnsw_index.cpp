// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/index/hnsw_index.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/vector/kernel_table.hpp>

#include "index/hnsw/graph.hpp"
#include "index/hnsw/graph_file.hpp"
#include "index/hnsw/linker.hpp"
#include "index/hnsw/rescoring.hpp"
#include "index/hnsw/row_coder.hpp"
#include "index/hnsw/search_context.hpp"
#include "index/hnsw/views.hpp"
#include "index/hnsw/walks.hpp"

namespace qdrantd::index {
namespace {

using namespace hnsw;

// Until there are this many nodes they are linked one after the other, so that the first ones,
// which all walks pass, are well connected.
constexpr std::size_t kSerialNodes = 256;
// Codes start with this many nodes; before, the rows themselves are as fast.
constexpr std::size_t kCalibrationNodes = 1024;
constexpr std::size_t kMaxBeam = 1024;
constexpr double kTwoHopSelectivity = 0.4;
constexpr std::size_t kTwoHopSeeds = 16;

HnswOptions checked(HnswOptions options) {
    options.m = std::clamp(options.m, 2U, 1024U);
    options.ef_construct = std::max(options.ef_construct, options.m);
    return options;
}

}  // namespace

struct HnswIndex::Impl {
    Impl(HnswOptions given, const vec::VectorRows& borrowed)
        : options(checked(given)),
          rows(borrowed),
          code_stride(options.int8_codes ? RowCoder::code_stride(options.distance, rows.dimension())
                                         : 0),
          kernel(vec::kernels().similarity_many(options.distance)),
          graph(options.m, code_stride),
          coder(options.distance, rows.dimension()) {}

    void insert(Slot slot);
    void link(Slot slot);
    void maybe_start_codes();
    std::vector<ScoredSlot> search(const float* query, std::size_t k, std::size_t ef,
                                   const SlotFilter& filter);
    template <typename View>
    std::span<const Candidate> walk(View& view, const float* query, std::size_t ef,
                                    const SlotFilter& filter, SearchContext& context);
    void prepare(SearchContext& context) const {
        const std::size_t widest = std::size_t{4} * options.m + 1;
        context.fresh.resize(widest);
        context.scores.resize(widest);
    }

    // Constant.
    const HnswOptions options;
    const vec::VectorRows& rows;
    const std::size_t code_stride;
    const vec::KernelTable::SimilarityMany kernel;
    // Self-synchronized.
    Graph graph;
    ContextPool contexts;
    std::atomic<bool> coded{false};       // every node has a code
    std::atomic<bool> calibrated{false};  // whether to code was decided
    // Lock order: mode_mutex, entry_mutex.
    std::shared_mutex mode_mutex;  // inserts share it; the start of codes excludes them
    std::mutex entry_mutex;        // held while a node is linked that may become the entry
    RowCoder coder;                // written under mode_mutex before `coded` is set
};

void HnswIndex::Impl::insert(Slot slot) {
    {
        const std::shared_lock mode(mode_mutex);
        const std::uint32_t level = draw_level(options.seed, slot, options.m);
        std::unique_lock first(entry_mutex, std::defer_lock);
        if (graph.size() < kSerialNodes || level > graph.entry().level) first.lock();
        graph.add(slot, level);
        if (coded.load(std::memory_order_relaxed))
            coder.encode_row(rows.row(slot), graph.code(slot), graph.scale(slot));
        const Entry entry = graph.entry();
        if (entry.slot == kNoSlot) {
            graph.publish(slot);
        } else {
            link(slot);
        }
        if (entry.slot == kNoSlot || (first.owns_lock() && level > entry.level))
            graph.set_entry({slot, level});
    }
    if (!calibrated.load(std::memory_order_acquire) && graph.size() >= kCalibrationNodes)
        maybe_start_codes();
}

void HnswIndex::Impl::link(Slot slot) {
    const auto context = contexts.borrow();
    prepare(*context);
    if (coded.load(std::memory_order_relaxed)) {
        CodeView query(graph, coder, code_stride, context->query_code);
        CodeView pair(graph, coder, code_stride, context->row_code);
        query.bind_row(slot);
        Linker<CodeView>(graph, query, pair, *context).link(slot, options.ef_construct);
    } else {
        FloatView query(rows, kernel);
        FloatView pair(rows, kernel);
        query.bind_row(slot);
        Linker<FloatView>(graph, query, pair, *context).link(slot, options.ef_construct);
    }
}

void HnswIndex::Impl::maybe_start_codes() {
    const std::unique_lock mode(mode_mutex);
    if (calibrated.exchange(true) || code_stride == 0) return;
    std::vector<Slot> slots;
    for (Slot slot = 0; slot < graph.slot_bound(); ++slot) {
        if (graph.contains(slot)) slots.push_back(slot);
    }
    const std::size_t sample = std::min(slots.size(), kCalibrationNodes);
    if (!coder.calibrate(rows, {slots.data(), sample})) return;
    for (const Slot slot : slots)
        coder.encode_row(rows.row(slot), graph.code(slot), graph.scale(slot));
    coded.store(true, std::memory_order_release);
}

template <typename View>
std::span<const Candidate> HnswIndex::Impl::walk(View& view, const float* query, std::size_t ef,
                                                 const SlotFilter& filter, SearchContext& context) {
    view.bind_query(query);
    const Entry entry = graph.entry();
    const Slot bound = graph.slot_bound();
    Scored from{entry.slot, 0};
    view.score(&from.slot, 1, &from.similarity);
    context.visited.start(bound);
    context.visited.visit(from.slot);
    from = descend(graph, view, from, entry.level, 1, context);
    context.visited.start(bound);
    if (filter.accepts == nullptr && ef <= kMaxBeam) {
        beam(graph, view, from, 0, ef, 0, context);
        return {context.beam.begin(), context.beam.end()};
    }
    if (filter.accepts != nullptr && filter.selectivity < kTwoHopSelectivity) {
        beam(graph, view, from, 0, kTwoHopSeeds, 0, context);
        context.visited.start(bound);
        const std::span<const Candidate> near(context.beam.begin(), context.beam.end());
        two_hop_walk(graph, view, near, ef, filter, context);
        if (context.results.full()) return context.results.sorted();
        // The accepted nodes lie far off or are not connected well enough: walk through the others
        // too, then look around what that has found.
        context.visited.start(bound);
        filtered_walk(graph, view, from, ef, filter, context);
        context.chosen = context.results.sorted();
        context.visited.start(bound);
        two_hop_walk(graph, view, context.chosen, ef, filter, context);
        return context.results.sorted();
    }
    filtered_walk(graph, view, from, ef, filter, context);
    return context.results.sorted();
}

std::vector<ScoredSlot> HnswIndex::Impl::search(const float* query, std::size_t k, std::size_t ef,
                                                const SlotFilter& filter) {
    if (k == 0 || graph.entry().slot == kNoSlot) return {};
    const auto context = contexts.borrow();
    prepare(*context);
    ef = std::min(std::max(ef, k), std::max<std::size_t>(graph.size(), 1));
    k = std::min(k, ef);
    std::vector<ScoredSlot> found;
    const auto take = [&](std::span<const Candidate> candidates) {
        found.reserve(std::min(k, candidates.size()));
        for (const Candidate candidate : candidates.first(std::min(k, candidates.size())))
            found.push_back({candidate_slot(candidate), candidate_similarity(candidate)});
    };
    if (coded.load(std::memory_order_acquire)) {
        CodeView view(graph, coder, code_stride, context->query_code);
        const auto candidates = walk(view, query, ef, filter, *context);
        context->chosen.assign(candidates.begin(), candidates.end());
        rescore(query, rows, kernel, context->chosen, k, context->results);
        take(context->results.sorted());
    } else {
        FloatView view(rows, kernel);
        take(walk(view, query, ef, filter, *context));
    }
    return found;
}

HnswIndex::HnswIndex(HnswOptions options, const vec::VectorRows& rows)
    : impl_(std::make_unique<Impl>(options, rows)) {}

HnswIndex::~HnswIndex() = default;

void HnswIndex::insert(Slot slot) { impl_->insert(slot); }

std::vector<ScoredSlot> HnswIndex::search(const float* query, std::size_t k, std::size_t ef,
                                          SlotFilter filter) const {
    return impl_->search(query, k, ef, filter);
}

std::size_t HnswIndex::size() const { return impl_->graph.size(); }

bool HnswIndex::contains(Slot slot) const { return impl_->graph.contains(slot); }

std::size_t HnswIndex::bytes() const {
    return impl_->graph.bytes(impl_->coded.load(std::memory_order_acquire));
}

Status HnswIndex::save(const std::string& path) const {
    const GraphFileKey key{impl_->options.seed, impl_->rows.dimension(), impl_->options.distance};
    return save_graph(impl_->graph, key, path);
}

Result<std::unique_ptr<HnswIndex>> HnswIndex::load(HnswOptions options, const vec::VectorRows& rows,
                                                   const std::string& path) {
    auto index = std::make_unique<HnswIndex>(options, rows);
    Impl& impl = *index->impl_;
    const GraphFileKey key{impl.options.seed, rows.dimension(), impl.options.distance};
    QD_TRY(load_graph(impl.graph, key, rows, path));
    if (impl.graph.size() >= kCalibrationNodes) impl.maybe_start_codes();
    return index;
}

}  // namespace qdrantd::index
