// SPDX-License-Identifier: Apache-2.0
// A small file outside the store that says how far the store was made durable. RocksDB takes damage
// in the middle of its WAL for the end of the log and opens happily; a store that comes back with
// less than the mark has lost something and must not be served. How to use: create() when a shard
// is made, advance() after each sync and before its answer, persist() at checkpoints. The mark
// itself reaches the disk when the kernel writes it, so after a power loss it may be old, never too
// new. Format: docs/formats/shard-store.md. Thread safety: advance() and persist() from any thread.
// Ownership: owns the descriptor. Errors: kNotFound when there is no mark, kChecksum when neither
// half is whole, kFormat for an unknown version, kIo.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <qdrantd/common/result.hpp>

#include "shard/log_record.hpp"

namespace qdrantd::shard {

class DurableMark {
  public:
    static Result<std::unique_ptr<DurableMark>> create(const std::string& path,
                                                       std::uint64_t identity);
    static Result<std::unique_ptr<DurableMark>> open(const std::string& path);
    ~DurableMark();
    DurableMark(const DurableMark&) = delete;
    DurableMark& operator=(const DurableMark&) = delete;

    [[nodiscard]] std::uint64_t identity() const { return identity_; }
    [[nodiscard]] LogPosition position() const;
    /// Everything up to `position` is on the disk. Lower positions change nothing.
    Status advance(LogPosition position);
    Status persist();

  private:
    DurableMark(std::string path, int descriptor, std::uint64_t identity, LogPosition position);

    const std::string path_;
    const int descriptor_;
    const std::uint64_t identity_;
    mutable std::mutex mutex_;
    LogPosition position_;
    std::uint64_t writes_ = 0;
};

}  // namespace qdrantd::shard
