// SPDX-License-Identifier: Apache-2.0
// One searchable unit of a shard: points in dense slots, their columns (vectors by name, graph,
// payload indexes) and the plan of a query.
//
// Writing (one thread, the shard's writer): begin no transaction; stage(seq, effect, batch) any
// number of times, write the batch, then publish(), or discard() if the write failed. Staged
// changes are seen by the writer's own exists()/payload_of()/vectors_of() and by nobody else.
// Reading (any thread): take a ReadView, which fixes the applied sequence number; every read
// through it sees each point as of that number (payload changes in place may show a newer payload),
// and a replaced point is seen once, old or new, never torn.
//
// A failed stage() leaves what was staged before as it was.
// Slots only grow; a change of vectors takes a new slot and ends the old one. Rows up to the
// checkpoint are in checksummed chunk files; later ones are written again from the log after a
// crash (replay()). Thread safety: as above. Ownership: owns its files under `folder`, borrows the
// store. Errors: kChecksum and kFormat when files are damaged (the shard then fails, it is never
// served), kIo, kInsufficientStorage.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/engine/effect.hpp>
#include <qdrantd/model/collection_config.hpp>
#include <qdrantd/model/query.hpp>
#include <qdrantd/store/kv_store.hpp>

namespace qdrantd::engine {

/// Families of a shard's store, in the order they are opened with (docs/formats/shard-store.md).
inline constexpr store::Family kLogFamily = 0;
inline constexpr store::Family kPointsFamily =
    1;  // segment, point id -> slot, version, vectors present
inline constexpr store::Family kSlotsFamily = 2;    // segment, slot -> point id
inline constexpr store::Family kPayloadFamily = 3;  // segment, slot -> payload JSON
inline constexpr store::Family kMetaFamily = 4;

struct SegmentOptions {
    std::string folder;        // of this segment's vector and graph files
    std::uint32_t number = 1;  // first part of its keys in the store
    store::KvStore* store = nullptr;
    model::CollectionConfig config;
    std::map<model::JsonPath, model::FieldSchema> schema;
};

/// Files and marks a checkpoint covers; kept by the shard in its meta family. Format:
/// docs/formats/segment.md. A segment that had no checkpoint yet has one with its number only.
struct SegmentManifest {
    std::uint32_t number = 0;
    OpSeq covered;   // operations up to this one are in the files
    Slot slots = 0;  // slots below are in the files
    /// A vector field; its place in the list is its number in file names.
    struct Vector {
        std::string name;
        std::uint32_t dimension = 0;
        std::string graph_file;  // empty: no graph was saved
        Slot graph_covers = 0;   // slots below are linked in it
        std::uint32_t m = 0;
        std::uint32_t ef_construct = 0;
        bool operator==(const Vector&) const = default;
    };
    std::vector<Vector> vectors;
    struct File {
        std::string name;                      // relative to the segment's folder
        std::uint64_t bytes = 0;               // covered length
        std::vector<std::uint64_t> checksums;  // of each 1 MiB block of the covered length
        bool operator==(const File&) const = default;
    };
    std::vector<File> files;

    bool operator==(const SegmentManifest&) const = default;
    [[nodiscard]] const File* find_file(const std::string& name) const;
    [[nodiscard]] std::string encode() const;
    /// Errors: kChecksum for damaged bytes, kFormat for an unknown version.
    static Result<SegmentManifest> decode(std::string_view bytes);
};

struct SegmentInfo {
    std::uint64_t points = 0;           // live
    std::uint64_t slots = 0;            // taken, dead ones included
    std::uint64_t indexed_vectors = 0;  // linked in graphs
    std::uint64_t pending_vectors = 0;  // to be linked under the current thresholds
    std::map<model::JsonPath, std::uint64_t> indexed_payloads;
    std::uint64_t memory_bytes = 0;
};

class LivePoints;

class Segment {
  public:
    /// A new, empty segment; what a crash left under its number is erased.
    static Result<std::unique_ptr<Segment>> create(SegmentOptions options);
    /// From a checkpoint: verifies and loads the files, reads points from the store. Rows of later
    /// slots follow by replay().
    static Result<std::unique_ptr<Segment>> open(SegmentOptions options,
                                                 const SegmentManifest& manifest);
    ~Segment();
    /// Erases every key of segment `number`; its folder is the caller's to remove.
    static void erase_keys(std::uint32_t number, store::WriteBatch& batch);

    // --- writer ---
    /// Rows of an operation logged after the checkpoint, in order of their sequence numbers. Only
    /// after open(), before anything else.
    Status replay(OpSeq seq, const Effect& effect);
    /// Ends the replay; checks that rows, points and slots agree (kChecksum when they do not).
    Status finish_replay(OpSeq applied);
    Status stage(OpSeq seq, const Effect& effect, store::WriteBatch& batch);
    /// Shows all staged operations to readers; `applied` is the last of them.
    void publish(OpSeq applied);
    void discard();
    [[nodiscard]] bool exists(const model::PointId& id) const;  // staged state included
    [[nodiscard]] Result<model::Payload> payload_of(const model::PointId& id) const;
    [[nodiscard]] Result<model::NamedVectors> vectors_of(const model::PointId& id) const;
    /// Ids of published points that match, in id order; REQUIRES: nothing is staged.
    [[nodiscard]] Result<std::vector<model::PointId>> matching_ids(
        const model::Filter& filter) const;
    /// Does the published point match? REQUIRES: nothing is staged, the point exists.
    [[nodiscard]] Result<bool> matches(const model::PointId& id, const model::Filter& filter) const;
    /// Writes rows and, where worth it (they grew by a tenth) or when `stopping`, graphs out and
    /// makes them durable. Takes what was published; runs beside readers, beside the writer and
    /// beside index_some(), which it may hold up; one at a time.
    Result<SegmentManifest> checkpoint(bool stopping = false);
    /// Removes files of the folder that `durable` does not name. Call it once that manifest is in
    /// the store for good; open() does, too.
    void release_files(const SegmentManifest& durable);

    // --- readers ---
    /// Nearest points, or, without `nearest`, points in id order. `request.offset` is ignored; the
    /// caller asks for limit + offset.
    [[nodiscard]] Result<std::vector<model::ScoredPoint>> query(const model::QueryRequest& request,
                                                                Deadline deadline) const;
    [[nodiscard]] Result<std::vector<model::Record>> retrieve(
        const model::RetrieveRequest& request) const;
    [[nodiscard]] Result<model::ScrollPage> scroll(const model::ScrollRequest& request,
                                                   Deadline deadline) const;
    [[nodiscard]] Result<std::uint64_t> count(const model::CountRequest& request,
                                              Deadline deadline) const;
    [[nodiscard]] SegmentInfo info() const;
    /// Share of dead slots, 0..1.
    [[nodiscard]] double dead_share() const;

    // --- background work, beside everything else ---
    /// Links up to `limit` slots into the graphs; returns how many vectors remain. Several threads
    /// may call it at once.
    std::size_t index_some(std::size_t limit);
    /// Takes over changed thresholds and HNSW options; a change of m or ef_construct rebuilds the
    /// graphs by index_some().
    void set_config(const model::CollectionConfig& config);
    Status create_field_index(const model::JsonPath& path, const model::FieldSchema& schema);
    void delete_field_index(const model::JsonPath& path);
    /// Fixes the live points as of now, for building the next generation. REQUIRES: the writer
    /// waits, and nothing is written that is not published.
    [[nodiscard]] LivePoints live_points() const;

    struct Impl;  // the inside, for the sources of this module

  private:
    explicit Segment(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The live points of a segment right after one operation; later ones do not show.
/// Thread safety: one thread. Ownership: borrows the segment and holds a view of it.
class LivePoints {
  public:
    LivePoints(LivePoints&& other) noexcept;
    LivePoints& operator=(LivePoints&&) = delete;
    ~LivePoints();
    /// The operation.
    [[nodiscard]] OpSeq seq() const;
    /// In slot order: calls `sink` with (version, point); stops on its error. The version of a
    /// point that was changed since is at most seq(), and not exact. To be called once.
    Status for_each(const std::function<Status(OpSeq, model::Point)>& sink);

  private:
    friend class Segment;
    struct State;
    explicit LivePoints(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace qdrantd::engine
