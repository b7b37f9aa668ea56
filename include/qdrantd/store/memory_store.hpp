// SPDX-License-Identifier: Apache-2.0
// A KvStore in memory, for tests of what stands on one: same contract, and writes that fail when
// told to. Thread safety: all methods. Ownership: owns its data; iterators are copies of their
// range. Errors: those told by fail_writes().
#pragma once

#include <map>
#include <mutex>

#include <qdrantd/store/kv_store.hpp>

namespace qdrantd::store {

class MemoryStore final : public KvStore {
  public:
    explicit MemoryStore(std::size_t families) : families_(families) {}

    [[nodiscard]] Result<std::optional<std::string>> get(Family family,
                                                         std::string_view key) const override;
    [[nodiscard]] Result<std::vector<std::optional<std::string>>> get_many(
        Family family, const std::vector<std::string>& keys) const override;
    Status write(WriteBatch& batch, Sync sync) override;
    Status sync_log() override;
    Status flush() override { return {}; }
    [[nodiscard]] std::unique_ptr<Iterator> iterate(Family family, std::string lower,
                                                    std::string upper) const override;
    Status reclaim(Family, std::string_view, std::string_view) override { return {}; }
    [[nodiscard]] std::uint64_t disk_bytes() const override;

    /// The next `count` writes and syncs give `error` and change nothing.
    void fail_writes(std::size_t count, Error error);
    [[nodiscard]] std::uint64_t syncs() const;

  private:
    using Rows = std::map<std::string, std::string, std::less<>>;
    Status take_failure();

    mutable std::mutex mutex_;
    std::vector<Rows> families_;
    std::size_t failures_ = 0;
    Error failure_;
    std::uint64_t syncs_ = 0;
};

}  // namespace qdrantd::store
