// SPDX-License-Identifier: Apache-2.0
#include "index/hnsw/linker.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "index/hnsw/views.hpp"

namespace qdrantd::index::hnsw {
namespace {

constexpr std::size_t kPairBatch = 4;

Slot salt_of(Slot slot) {
    return static_cast<Slot>(slot_hash(0x5a17, slot)) & (Graph::kMaxSlots - 1);
}

}  // namespace

std::uint64_t slot_hash(std::uint64_t seed, Slot slot) {
    // The finalizer of splitmix64 (Steele, Lea and Flood, 2014).
    std::uint64_t z = seed + (std::uint64_t{slot} + 1) * 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

std::uint32_t draw_level(std::uint64_t seed, Slot slot, std::uint32_t m) {
    // 53 random bits in (0, 1].
    const double unit = (static_cast<double>(slot_hash(seed, slot) >> 11) + 1) * 0x1p-53;
    const double level = -std::log(unit) / std::log(static_cast<double>(m));
    return std::min(static_cast<std::uint32_t>(level), Graph::kMaxLevel);
}

template <typename View>
bool Linker<View>::hidden_by_chosen(Slot slot, float similarity) {
    if (chosen_.empty()) return false;
    pair_.bind_row(slot);
    std::array<float, kPairBatch> scores;
    for (std::size_t done = 0; done < chosen_.size(); done += kPairBatch) {
        const std::size_t batch = std::min(kPairBatch, chosen_.size() - done);
        pair_.score(chosen_.data() + done, batch, scores.data());
        for (std::size_t i = 0; i < batch; ++i) {
            // Of candidates that equal a chosen one in all three sides, one is enough.
            const std::size_t j = done + i;
            if (scores[i] > similarity) return true;
            if (scores[i] == similarity && similarity == chosen_scores_[j]) return true;
        }
    }
    return false;
}

template <typename View>
void Linker<View>::choose(std::span<const Candidate> candidates, Slot salt, std::size_t limit) {
    chosen_.clear();
    chosen_scores_.clear();
    left_out_.clear();
    for (const Candidate candidate : candidates) {
        if (chosen_.size() == limit) break;
        const Slot slot = candidate_slot(candidate, salt);
        const float similarity = candidate_similarity(candidate);
        if (hidden_by_chosen(slot, similarity)) {
            left_out_.push_back(slot);
        } else {
            chosen_.push_back(slot);
            chosen_scores_.push_back(similarity);
        }
    }
    const std::size_t least = std::max<std::size_t>(limit / 4, 2);
    for (std::size_t i = 0; i < left_out_.size() && chosen_.size() < least; ++i)
        chosen_.push_back(left_out_[i]);
}

template <typename View>
void Linker<View>::store_row(Slot slot, std::uint32_t level) {
    Link* row = graph_.links(slot, level);
    const std::uint32_t width = graph_.width(level);
    for (std::uint32_t i = 0; i < width; ++i)
        row[i].store(i < chosen_.size() ? chosen_[i] : kNoSlot, std::memory_order_release);
}

template <typename View>
void Linker<View>::add_link_back(Slot base, std::uint32_t level, Slot slot) {
    const NodeLock lock(graph_, base);
    Link* row = graph_.links(base, level);
    const std::uint32_t width = graph_.width(level);
    auto& slots = context_.fresh;
    std::size_t count = 0;
    for (; count < width; ++count) {
        slots[count] = row[count].load(std::memory_order_relaxed);
        if (slots[count] == slot) return;
        if (slots[count] == kNoSlot) {
            row[count].store(slot, std::memory_order_release);
            return;
        }
    }
    slots[count++] = slot;
    query_.bind_row(base);
    query_.score(slots.data(), count, context_.scores.data());
    const Slot salt = salt_of(base);
    auto& candidates = context_.chosen;
    candidates.clear();
    for (std::size_t i = 0; i < count; ++i)
        candidates.push_back(make_candidate(context_.scores[i], slots[i], salt));
    std::sort(candidates.begin(), candidates.end());
    choose(candidates, salt, width);
    store_row(base, level);
}

template <typename View>
void Linker<View>::link(Slot slot, std::uint32_t ef_construct) {
    const Entry entry = graph_.entry();
    const std::uint32_t level = graph_.level(slot);
    const Slot salt = salt_of(slot);
    const std::uint32_t linked = std::min(level, entry.level);
    Scored from{entry.slot, 0};
    query_.score(&from.slot, 1, &from.similarity);
    context_.visited.start(graph_.slot_bound());
    context_.visited.visit(slot);
    from = descend(graph_, query_, from, entry.level, linked + 1, context_);

    // Own rows first, on all levels, so that whoever reaches this node finds a way on.
    std::vector<Slot> neighbours;
    std::array<std::size_t, Graph::kMaxLevel + 2> ends{};
    for (std::uint32_t l = linked + 1; l-- > 0;) {
        context_.visited.start(graph_.slot_bound());
        context_.visited.visit(slot);
        beam(graph_, query_, from, l, ef_construct, salt, context_);
        from = {candidate_slot(*context_.beam.begin(), salt),
                candidate_similarity(*context_.beam.begin())};
        choose({context_.beam.begin(), context_.beam.end()}, salt, graph_.m());
        store_row(slot, l);
        neighbours.insert(neighbours.end(), chosen_.begin(), chosen_.end());
        ends[l] = neighbours.size();
    }
    graph_.publish(slot);
    for (std::uint32_t l = 0; l <= linked; ++l) {
        for (std::size_t i = l == linked ? 0 : ends[l + 1]; i < ends[l]; ++i)
            add_link_back(neighbours[i], l, slot);
    }
}

template class Linker<FloatView>;
template class Linker<CodeView>;

}  // namespace qdrantd::index::hnsw
