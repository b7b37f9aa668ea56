// SPDX-License-Identifier: Apache-2.0
// A growing HNSW graph over the rows of one dense vector field (Malkov and Yashunin, 2018).
// How to use: insert() slots from background threads; search() at any time; slots whose insert()
// has not returned yet are the caller's to scan. From the 1,024th node on the walks use int8 codes
// of the rows (HnswOptions::int8_codes), unless a sample shows that codes would lose neighbours,
// and rescore exactly: scores returned are those of the float rows, the same to the bit as
// vec::kernels() gives. Thread safety: insert() and search() from any threads at once; save()
// beside searches, with no insert() running. Ownership: borrows the rows, which must outlive it.
// Errors: load reports kChecksum or kFormat for a file it cannot trust. Invariants: slots are below
// 2^31; a slot is inserted at most once; slots are never removed (the caller filters the dead).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/vector/vector_rows.hpp>

namespace qdrantd::index {

struct HnswOptions {
    std::uint32_t m = 16;  // links per node above level 0; twice that on level 0
    std::uint32_t ef_construct = 100;
    model::Distance distance = model::Distance::kCosine;
    std::uint64_t seed = 1;  // of the levels
    bool int8_codes = true;
};

struct ScoredSlot {
    Slot slot = kNoSlot;
    float raw = 0;  // raw similarity of the float rows, larger is closer
};

/// Decides which slots may be results; called for candidates while walking, must be cheap and not
/// throw.
struct SlotFilter {
    bool (*accepts)(const void* context, Slot slot) noexcept = nullptr;  // nullptr accepts all
    const void* context = nullptr;
    /// Rough share of linked slots accepted, 0..1; selects the walk (two-hop expansion where
    /// selective).
    double selectivity = 1.0;
    bool operator()(Slot slot) const noexcept {
        return accepts == nullptr || accepts(context, slot);
    }
};

class HnswIndex {
  public:
    HnswIndex(HnswOptions options, const vec::VectorRows& rows);
    ~HnswIndex();

    /// Links `slot`, whose row is complete. May be called from several threads at once for
    /// different slots.
    void insert(Slot slot);
    /// Up to `k` accepted slots, closest first. `query` has rows.stride() floats, 64-byte aligned,
    /// padded with zeros. `ef` >= 1 is the beam; the effective beam is max(ef, k).
    [[nodiscard]] std::vector<ScoredSlot> search(const float* query, std::size_t k, std::size_t ef,
                                                 SlotFilter filter) const;
    /// Number of linked slots.
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool contains(Slot slot) const;
    [[nodiscard]] std::size_t bytes() const;

    /// Writes the graph to `path` (a new file, fsynced, checksummed; format:
    /// docs/formats/hnsw-graph.md).
    [[nodiscard]] Status save(const std::string& path) const;
    /// Reads a graph saved for the same rows and options.
    static Result<std::unique_ptr<HnswIndex>> load(HnswOptions options, const vec::VectorRows& rows,
                                                   const std::string& path);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace qdrantd::index
