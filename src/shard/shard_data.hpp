// SPDX-License-Identifier: Apache-2.0
// An opened shard: its store, durable mark, operation log and current segment, brought to one state
// by recovery.
//
// Recovery: the store is opened and must have at least what the durable mark says; the segment is
// opened from the manifest of the last checkpoint, rows logged after it are written again from the
// log; what is logged and not applied is applied.
//
// Files in the shard's folder (docs/formats/shard-store.md): store/, segments/<number>/,
// durable-mark. Thread safety: accessors from any thread; the log's and segment's writing functions
// by the shard's writer. Ownership: segments keep the store open as long as somebody holds them.
// Errors of open(): kChecksum, kFormat for damage or another version; kIo, kInsufficientStorage
// when the disk refuses for now.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <qdrantd/engine/segment.hpp>
#include <qdrantd/shard/shard.hpp>

#include "shard/durable_mark.hpp"
#include "shard/operation_log.hpp"

namespace qdrantd::shard {

/// Configuration and payload indexes as they are now; they change while the shard is open.
struct ShardSchema {
    model::CollectionConfig config;
    std::map<model::JsonPath, model::FieldSchema> fields;
};

class ShardData {
  public:
    struct Options {
        std::string folder;
        store::SharedResources* shared = nullptr;
        ShardSchema schema;
    };
    static Result<std::shared_ptr<ShardData>> open(Options options);

    [[nodiscard]] store::KvStore& store() const { return *store_; }
    [[nodiscard]] std::weak_ptr<store::KvStore> watch_store() const { return store_; }
    [[nodiscard]] OperationLog& log() const { return *log_; }
    [[nodiscard]] DurableMark& mark() const { return *mark_; }
    [[nodiscard]] std::shared_ptr<engine::Segment> segment() const;
    [[nodiscard]] std::uint32_t segment_number() const;
    [[nodiscard]] OpSeq covered() const;
    [[nodiscard]] LogPosition applied() const;
    void set_applied(LogPosition applied);

    [[nodiscard]] std::string segment_folder(std::uint32_t number) const;
    [[nodiscard]] engine::SegmentOptions segment_options(std::uint32_t number) const;
    [[nodiscard]] ShardSchema schema() const;
    /// Counts changes of the schema.
    [[nodiscard]] std::uint64_t schema_version() const;
    void set_schema(ShardSchema schema);
    /// Held while a checkpoint is made and while the current segment is replaced.
    [[nodiscard]] std::mutex& checkpointing() const { return checkpointing_; }
    /// The log is not cut in front at or behind this number; OpSeq(UINT64_MAX) = no pin.
    void pin_log(OpSeq first) { log_pin_.store(first); }
    [[nodiscard]] OpSeq log_pin() const { return log_pin_.load(); }
    /// Keeps the store open as long as the segment.
    [[nodiscard]] std::shared_ptr<engine::Segment> adopt(
        std::unique_ptr<engine::Segment> segment) const;
    /// The manifest that is in the store for good now, and the segment it is of.
    void set_segment(std::shared_ptr<engine::Segment> segment,
                     const engine::SegmentManifest& manifest);

  private:
    explicit ShardData(Options options) : options_(std::move(options)), schema_(options_.schema) {}
    [[nodiscard]] std::string path_of(std::string_view name) const;
    /// Makes the store, or takes away what an interrupted making left. True when the shard must be
    /// made.
    Result<bool> prepare_folder();
    Status create();
    Status recover();
    Status recover_segment();
    Status replay_log();
    Status apply_unapplied();
    Status remove_leftovers();

    struct Current {
        std::shared_ptr<engine::Segment> segment;
        std::uint32_t number = 0;
        OpSeq covered;
        LogPosition applied;
    };

    const Options options_;  // its schema is that of the opening
    std::uint64_t identity_ = 0;
    std::shared_ptr<store::KvStore> store_;
    std::unique_ptr<DurableMark> mark_;
    std::unique_ptr<OperationLog> log_;
    mutable std::mutex checkpointing_;
    std::atomic<OpSeq> log_pin_{OpSeq(UINT64_MAX)};
    mutable std::mutex mutex_;
    ShardSchema schema_;
    std::uint64_t schema_version_ = 0;
    Current current_;
};

inline constexpr std::string_view kStoreFolder = "store";
inline constexpr std::string_view kSegmentsFolder = "segments";
inline constexpr std::string_view kDurableMarkFile = "durable-mark";
/// There while the shard is made; what is found with it and without a durable mark holds nothing.
inline constexpr std::string_view kMakingFile = "making";

/// Column families in the order of engine::k…Family.
const std::vector<store::FamilySpec>& store_families();
std::string encode_manifest(const engine::SegmentManifest& manifest);
Result<engine::SegmentManifest> decode_manifest(std::string_view row);

}  // namespace qdrantd::shard
