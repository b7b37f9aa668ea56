// SPDX-License-Identifier: Apache-2.0
// Durable steps on plain files: write, sync, rename, remove. Everything of ours that is not inside
// RocksDB and must survive a power loss goes through sync_file() and sync_folder(), so that tests
// can forget what was not synced and fail any step. How to use: write_file_durably() for small
// files replaced whole; open files of your own, and sync_file(fd, path) them. Thread safety: all
// functions; install_file_observer before threads start. Ownership: the observer is borrowed.
// Errors: kInsufficientStorage (no space left), kNotFound (read_file of a missing file), kIo for
// the rest; messages name the path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <qdrantd/common/result.hpp>

namespace qdrantd::store {

/// Error of a failed system call: "<what> <path>: <reason>".
Error file_error(int error_number, std::string_view what, const std::string& path);

/// Replaces `path` atomically and durably: written beside it, synced, renamed, folder synced.
Status write_file_durably(const std::string& path, std::string_view bytes);
Result<std::string> read_file(const std::string& path);
[[nodiscard]] bool file_exists(const std::string& path);
/// Makes the folder and its parents, durably. Fine when it is there.
Status make_folder(const std::string& path);
/// Renames and syncs the folders on both sides.
Status rename_durably(const std::string& from, const std::string& to);
/// Removes one file. Fine when it is not there. Not durable by itself: sync_folder().
Status remove_file(const std::string& path);
/// Removes a folder with all it holds. Fine when it is not there.
Status remove_tree(const std::string& path);
/// fdatasync of an open file, written through mappings or not. After a failure the bytes must be
/// taken as lost: never retry.
Status sync_file(int descriptor, const std::string& path);
/// Makes names made, renamed or removed in the folder durable.
Status sync_folder(const std::string& path);
/// Bytes of all files below the folder; 0 when it is not there.
[[nodiscard]] std::uint64_t folder_bytes(const std::string& path);

enum class FileStep : std::uint8_t { kWrite, kSyncFile, kSyncFolder, kRename, kRemove };

/// For tests: sees each step before it is done and may fail it by returning an errno (0 = go on),
/// and after it succeeded.
class FileObserver {
  public:
    virtual ~FileObserver() = default;
    virtual int before(FileStep step, const std::string& path) = 0;
    virtual void after(FileStep step, const std::string& path) = 0;
};
void install_file_observer(FileObserver* observer);

/// For writers of their own: what the observer says about a step, as a Status.
Status observe_before(FileStep step, const std::string& path);

}  // namespace qdrantd::store
