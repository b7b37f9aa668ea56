// SPDX-License-Identifier: Apache-2.0
// Links a new node into a graph: finds its neighbours on each level, chooses among them by the
// diversity heuristic (Malkov and Yashunin, 2018, algorithm 4), and makes them link back.
//
// Equal similarities: of candidates that equal each other and the base, one is chosen, so a crowd
// of duplicates does not fill the row; left-out candidates then fill a row up to a quarter. Among
// equals the order is by slot xor a salt that differs from node to node, so the duplicates of one
// vector link to each other at random instead of all to the same few.
//
// Thread safety: link() from any threads, for different slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <qdrantd/common/ids.hpp>

#include "index/hnsw/candidates.hpp"
#include "index/hnsw/graph.hpp"
#include "index/hnsw/search_context.hpp"
#include "index/hnsw/walks.hpp"

namespace qdrantd::index::hnsw {

template <typename View>
class Linker {
  public:
    /// `query` and `pair` are two views of the same rows, for two vectors at a time.
    Linker(Graph& graph, View& query, View& pair, SearchContext& context)
        : graph_(graph), query_(query), pair_(pair), context_(context) {}

    /// REQUIRES: graph.add(slot), the node's code complete, an entry exists, `query` bound to it.
    void link(Slot slot, std::uint32_t ef_construct);

  private:
    /// Candidates (closest first) -> at most `limit` chosen slots in chosen_.
    void choose(std::span<const Candidate> candidates, Slot salt, std::size_t limit);
    bool hidden_by_chosen(Slot slot, float similarity);
    void add_link_back(Slot base, std::uint32_t level, Slot slot);
    void store_row(Slot slot, std::uint32_t level);

    Graph& graph_;
    View& query_;
    View& pair_;
    SearchContext& context_;
    std::vector<Slot> chosen_;
    std::vector<float> chosen_scores_;  // to the base, beside chosen_
    std::vector<Slot> left_out_;
};

/// A number per slot, evenly spread, the same on every machine.
std::uint64_t slot_hash(std::uint64_t seed, Slot slot);
/// The level of a node: geometric with ratio 1/m, drawn from the seed and the slot.
std::uint32_t draw_level(std::uint64_t seed, Slot slot, std::uint32_t m);

}  // namespace qdrantd::index::hnsw
