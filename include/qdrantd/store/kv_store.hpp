// SPDX-License-Identifier: Apache-2.0
// An ordered key-value store with column families and atomic batches; RocksDB behind it
// (rocksdb_store.cpp). How to use: open with the list of families, build a WriteBatch, write() it;
// read with get() or an Iterator. Thread safety: all methods of KvStore; a WriteBatch or Iterator
// belongs to one thread. Ownership: iterators and snapshots must be destroyed before their store.
// Errors: kIo, kInsufficientStorage (no space left), kChecksum (damaged data), kInternal.
// Durability: write(batch, kSync) returns after the log is on disk (fdatasync); kNoSync hands it to
// the operating system; sync_log() makes everything written before durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/result.hpp>

namespace qdrantd::store {

/// Index into the list of families the store was opened with.
using Family = std::uint32_t;

class WriteBatch {
  public:
    WriteBatch();
    ~WriteBatch();
    WriteBatch(WriteBatch&&) noexcept;
    WriteBatch& operator=(WriteBatch&&) noexcept;

    void put(Family family, std::string_view key, std::string_view value);
    void erase(Family family, std::string_view key);
    /// Removes [begin, end).
    void erase_range(Family family, std::string_view begin, std::string_view end);
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::size_t count() const;
    void clear();

    struct Rep;
    [[nodiscard]] Rep& rep() const { return *rep_; }

  private:
    std::unique_ptr<Rep> rep_;
};

class Iterator {
  public:
    virtual ~Iterator() = default;
    virtual void seek(std::string_view key) = 0;
    virtual void seek_to_last() = 0;
    virtual void next() = 0;
    virtual void prev() = 0;
    [[nodiscard]] virtual bool valid() const = 0;
    /// Views live until the next move.
    [[nodiscard]] virtual std::string_view key() const = 0;
    [[nodiscard]] virtual std::string_view value() const = 0;
    /// Why valid() is false: ok at the end, an error for damage.
    [[nodiscard]] virtual Status status() const = 0;
};

enum class Sync : std::uint8_t { kSync, kNoSync };

class KvStore {
  public:
    virtual ~KvStore() = default;
    [[nodiscard]] virtual Result<std::optional<std::string>> get(Family family,
                                                                 std::string_view key) const = 0;
    /// Values in the order of the keys.
    [[nodiscard]] virtual Result<std::vector<std::optional<std::string>>> get_many(
        Family family, const std::vector<std::string>& keys) const = 0;
    virtual Status write(WriteBatch& batch, Sync sync) = 0;
    /// Makes all earlier writes durable.
    virtual Status sync_log() = 0;
    /// Writes memory tables out, so that a reopening replays nothing.
    virtual Status flush() = 0;
    /// Bounds are [lower, upper); an empty upper means none. Sees the state of its making.
    [[nodiscard]] virtual std::unique_ptr<Iterator> iterate(Family family, std::string lower = {},
                                                            std::string upper = {}) const = 0;
    /// Gives the disk space of an erased range back sooner than compaction would. The range must be
    /// erased already, and durably so: files in it vanish at once.
    virtual Status reclaim(Family family, std::string_view begin, std::string_view end) = 0;
    [[nodiscard]] virtual std::uint64_t disk_bytes() const = 0;
};

}  // namespace qdrantd::store
