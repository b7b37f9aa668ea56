// SPDX-License-Identifier: Apache-2.0
// A disk for tests that loses power, fills up and fails: everything RocksDB and file.hpp do below
// one folder is watched; what was not synced may be missing, torn or garbage in the image that a
// power loss leaves. How to use: make it for an empty folder, give env() to SharedResources, work;
// power_off() makes every later step fail; when all that uses the folder is closed, write_image()
// builds what a restarted machine would find. One at a time in a process (it observes file.hpp).
//
// Model: bytes of a file are durable up to its last sync; names up to the last sync of their
// folder, or of the new file itself (as ext4, XFS and btrfs do). Of the rest any part may be there:
// a prefix with a torn end for appended files, any 512-byte sectors for files written in place,
// either state of each name. Thread safety: all methods, except write_image() (nothing may run).
// Ownership: owns the env. Only for tests.
#pragma once

#include <memory>
#include <string>

#include <qdrantd/common/random.hpp>
#include <qdrantd/common/result.hpp>

namespace rocksdb {
class Env;
}

namespace qdrantd::store {

class UnreliableDisk {
  public:
    enum class Content { kNone, kKeep };

    /// `folder` is made anew, or kept with what it holds, which is durable then. Beside it
    /// `<folder>.kept` holds links to files that were removed.
    explicit UnreliableDisk(const std::string& folder, Content content = Content::kNone);
    ~UnreliableDisk();
    UnreliableDisk(const UnreliableDisk&) = delete;
    UnreliableDisk& operator=(const UnreliableDisk&) = delete;

    [[nodiscard]] rocksdb::Env* env() const;

    void power_off();
    /// The n-th step from now on (0 = the next) finds the power gone.
    void power_off_at(std::uint64_t n);
    [[nodiscard]] bool is_off() const;
    /// What is left after the power loss. REQUIRES: power_off(), and everything is closed.
    void write_image(const std::string& target, Random& random) const;

    /// Steps that may fail (writes, syncs, renames, removals, new files), counted since the start.
    [[nodiscard]] std::uint64_t steps() const;
    /// The n-th step from now on (0 = the next) fails with this errno, and `more` after it.
    void fail_step(std::uint64_t n, int error_number, std::uint64_t more = 0);
    /// Writes fail with "no space left", syncs and removals go on.
    void set_full(bool full);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace qdrantd::store
