// SPDX-License-Identifier: Apache-2.0
// The walks over a graph (Malkov and Yashunin, 2018, algorithms 1, 2 and 5), as templates over a
// view. descend() goes greedily down to a level; beam() keeps the `ef` closest nodes;
// filtered_walk() keeps the closest accepted nodes and passes through the others; two_hop_walk()
// follows accepted nodes only and looks through rejected neighbours at theirs (after ACORN-1, Patel
// et al., 2024). Each neighbour list is read first and scored as one batch. Thread safety: may run
// beside inserts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <qdrantd/index/hnsw_index.hpp>

#include "index/hnsw/candidates.hpp"
#include "index/hnsw/graph.hpp"
#include "index/hnsw/search_context.hpp"

namespace qdrantd::index::hnsw {

struct Scored {
    Slot slot = kNoSlot;
    float similarity = 0;
};

/// Collects the neighbours of `slot` not visited yet into context.fresh and scores them.
template <typename View>
std::size_t score_neighbours(const Graph& graph, View& view, Slot slot, std::uint32_t level,
                             SearchContext& context) {
    const Link* links = graph.links(slot, level);
    const std::uint32_t width = graph.width(level);
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < width; ++i) {
        const Slot next = links[i].load(std::memory_order_acquire);
        if (next == kNoSlot) break;
        if (context.visited.visit(next)) context.fresh[count++] = next;
    }
    view.score(context.fresh.data(), count, context.scores.data());
    return count;
}

/// Walks greedily from `from`, which lies on level `top`, to the closest node of level `target`.
template <typename View>
Scored descend(const Graph& graph, View& view, Scored from, std::uint32_t top, std::uint32_t target,
               SearchContext& context) {
    for (std::uint32_t level = top; level >= target && level > 0; --level) {
        for (bool moved = true; moved;) {
            moved = false;
            const std::size_t count = score_neighbours(graph, view, from.slot, level, context);
            for (std::size_t i = 0; i < count; ++i) {
                if (context.scores[i] > from.similarity) {
                    from = {context.fresh[i], context.scores[i]};
                    moved = true;
                }
            }
        }
    }
    return from;
}

/// Leaves the `ef` closest nodes of `level` in context.beam. REQUIRES: context.visited started.
template <typename View>
void beam(const Graph& graph, View& view, Scored from, std::uint32_t level, std::size_t ef,
          Slot salt, SearchContext& context) {
    BeamPool& pool = context.beam;
    pool.reset(ef);
    context.visited.visit(from.slot);
    pool.insert(make_candidate(from.similarity, from.slot, salt));
    for (Candidate candidate = 0; pool.expand_next(candidate);) {
        const std::size_t count =
            score_neighbours(graph, view, candidate_slot(candidate, salt), level, context);
        for (std::size_t i = 0; i < count; ++i)
            pool.insert(make_candidate(context.scores[i], context.fresh[i], salt));
    }
}

inline void push(std::vector<Candidate>& queue, Candidate candidate) {
    queue.push_back(candidate);
    std::push_heap(queue.begin(), queue.end(), std::greater<>{});
}

inline Candidate pop(std::vector<Candidate>& queue) {
    std::pop_heap(queue.begin(), queue.end(), std::greater<>{});
    const Candidate candidate = queue.back();
    queue.pop_back();
    return candidate;
}

/// Leaves the `ef` closest accepted nodes of level 0 in context.results. Rejected nodes are walked
/// through, so it goes on until `ef` are found or everything reachable was seen.
template <typename View>
void filtered_walk(const Graph& graph, View& view, Scored from, std::size_t ef,
                   const SlotFilter& filter, SearchContext& context) {
    BoundedHeap& results = context.results;
    results.reset(ef);
    context.queue.clear();
    const auto consider = [&](float similarity, Slot slot) {
        const Candidate candidate = make_candidate(similarity, slot);
        if (!results.would_take(candidate)) return;
        push(context.queue, candidate);
        if (filter(slot)) results.insert(candidate);
    };
    context.visited.visit(from.slot);
    consider(from.similarity, from.slot);
    while (!context.queue.empty()) {
        const Candidate candidate = pop(context.queue);
        if (!results.would_take(candidate)) break;
        const std::size_t count =
            score_neighbours(graph, view, candidate_slot(candidate), 0, context);
        for (std::size_t i = 0; i < count; ++i)
            consider(context.scores[i], context.fresh[i]);
    }
}

/// The accepted neighbours of `slot`, and the accepted neighbours of its rejected ones, at most two
/// rows of them, into context.fresh.
inline std::size_t accepted_around(const Graph& graph, Slot slot, const SlotFilter& filter,
                                   SearchContext& context) {
    const std::uint32_t width = graph.width(0);
    const std::size_t limit = std::size_t{2} * width;
    const Link* links = graph.links0(slot);
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < width && count < limit; ++i) {
        const Slot next = links[i].load(std::memory_order_acquire);
        if (next == kNoSlot) break;
        if (!context.visited.visit(next)) continue;
        if (filter(next)) {
            context.fresh[count++] = next;
            continue;
        }
        const Link* further = graph.links0(next);
        for (std::uint32_t j = 0; j < width && count < limit; ++j) {
            const Slot second = further[j].load(std::memory_order_acquire);
            if (second == kNoSlot) break;
            // A rejected one stays unmarked: it may still be looked through from elsewhere.
            if (filter(second) && context.visited.visit(second)) context.fresh[count++] = second;
        }
    }
    return count;
}

/// As filtered_walk, for selective filters: only accepted nodes are scored and followed. Starts
/// from `seeds`. May find fewer than `ef` although there are more.
template <typename View>
void two_hop_walk(const Graph& graph, View& view, std::span<const Candidate> seeds, std::size_t ef,
                  const SlotFilter& filter, SearchContext& context) {
    BoundedHeap& results = context.results;
    results.reset(ef);
    context.queue.clear();
    for (const Candidate seed : seeds) {
        const Candidate candidate = seed & ~Candidate{1};
        context.visited.visit(candidate_slot(candidate));
        push(context.queue, candidate);
        if (filter(candidate_slot(candidate))) results.insert(candidate);
    }
    while (!context.queue.empty()) {
        const Candidate candidate = pop(context.queue);
        if (!results.would_take(candidate)) break;
        const std::size_t count =
            accepted_around(graph, candidate_slot(candidate), filter, context);
        view.score(context.fresh.data(), count, context.scores.data());
        for (std::size_t i = 0; i < count; ++i) {
            const Candidate next = make_candidate(context.scores[i], context.fresh[i]);
            if (!results.would_take(next)) continue;
            push(context.queue, next);
            results.insert(next);
        }
    }
}

}  // namespace qdrantd::index::hnsw
