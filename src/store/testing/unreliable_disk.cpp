// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/store/testing/unreliable_disk.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <sys/stat.h>
#include <unistd.h>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/store/file.hpp>

namespace qdrantd::store {

namespace {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

using Inode = std::uint64_t;
constexpr std::size_t kSector = 512;

std::optional<struct stat> stat_of(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return std::nullopt;
    return found;
}

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// As RocksDB's own file system reports them.
IOStatus io_error(int error_number) {
    if (error_number != ENOSPC) return IOStatus::IOError("simulated: input/output error");
    auto status = IOStatus::NoSpace("simulated: no space left");
    status.SetRetryable(true);
    status.SetScope(IOStatus::IOErrorScope::kIOErrorScopeFileSystem);
    return status;
}

}  // namespace

struct UnreliableDisk::Impl final : public FileObserver {
    enum class Kind { kWrite, kSync, kOther };

    explicit Impl(const std::string& given) : root(given), kept(given + ".kept") {}

    // --- faults ---
    int step(Kind kind) {
        const std::lock_guard lock(mutex);
        return decide(kind);
    }
    /// A sync whose power is still there has happened: what it makes durable is noted in the same
    /// moment, since another thread may be the one that finds the power gone next.
    int sync_step(const std::string& path, bool in_place) {
        const std::lock_guard lock(mutex);
        const int failed = decide(Kind::kSync);
        if (failed == 0) {
            note_synced(path, in_place);
            note_name(path);
        }
        return failed;
    }
    int folder_step(const std::string& path) {
        const std::lock_guard lock(mutex);
        const int failed = decide(Kind::kSync);
        if (failed == 0) note_folder_synced(path);
        return failed;
    }
    /// REQUIRES: the lock.
    int decide(Kind kind) {
        ++steps;
        if (off_after && (*off_after)-- == 0) {
            off_after.reset();
            off = true;
        }
        if (off) return EIO;
        if (full && kind == Kind::kWrite) return ENOSPC;
        if (fail_after && (*fail_after)-- == 0) {
            fail_after = fail_more > 0 ? std::optional<std::uint64_t>(0) : std::nullopt;
            if (fail_more > 0) --fail_more;
            return fail_with;
        }
        return 0;
    }

    // --- what is durable ---
    struct File {
        std::uint64_t synced_bytes = 0;
        std::optional<std::string> snapshot;  // of files written in place
    };
    using Names = std::map<std::string, Inode>;

    /// Keeps the bytes of a file reachable whatever happens to its name. REQUIRES: the lock.
    std::optional<Inode> keep(const std::string& path) {
        const auto found = stat_of(path);
        if (!found) return std::nullopt;
        if (S_ISREG(found->st_mode) && files.try_emplace(found->st_ino).second) {
            ::link(path.c_str(), kept_path(found->st_ino).c_str());
        }
        return found->st_ino;
    }
    [[nodiscard]] std::string kept_path(Inode inode) const {
        return kept + "/" + std::to_string(inode);
    }
    /// REQUIRES: the lock.
    void note_synced(const std::string& path, bool in_place) {
        const auto inode = keep(path);
        if (!inode) return;
        auto& file = files[*inode];
        if (in_place) {
            file.snapshot = content_of(path);
        } else {
            file.snapshot.reset();
            file.synced_bytes = fs::file_size(path);
        }
    }
    /// As ext4, XFS and btrfs do it: syncing a new file brings its name along. RocksDB counts on
    /// it. REQUIRES: the lock.
    void note_name(const std::string& path) {
        const fs::path name(path);
        if (const auto inode = keep(path)) {
            folders[name.parent_path().string()][name.filename().string()] = *inode;
        }
    }
    /// REQUIRES: the lock.
    void note_folder_synced(std::string folder) {
        while (folder.size() > 1 && folder.back() == '/')
            folder.pop_back();
        Names names;
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(folder, error)) {
            const auto inode = keep(entry.path().string());
            if (inode) names[entry.path().filename().string()] = *inode;
        }
        folders[folder] = std::move(names);
    }

    void take_as_durable() {
        const std::lock_guard lock(mutex);
        note_folder_synced(root);
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            const auto path = entry.path().string();
            if (entry.is_directory()) {
                note_folder_synced(path);
            } else {
                note_synced(path, true);
            }
        }
    }

    // --- FileObserver: what file.hpp does ---
    int before(FileStep what, const std::string& path) override {
        if (what == FileStep::kRemove) {
            const std::lock_guard lock(mutex);
            keep(path);
        }
        switch (what) {
            case FileStep::kWrite:
                return step(Kind::kWrite);
            case FileStep::kSyncFile:
                return sync_step(path, true);
            case FileStep::kSyncFolder:
                return folder_step(path);
            case FileStep::kRename:
            case FileStep::kRemove:
                break;
        }
        return step(Kind::kOther);
    }
    void after(FileStep, const std::string&) override {}

    // --- the image ---
    [[nodiscard]] std::string torn_content(Inode inode, Random& random) const {
        const auto now = content_of(kept_path(inode));
        const auto known = files.find(inode);
        QD_ASSERT(known != files.end());
        const auto& file = known->second;
        return file.snapshot ? torn_in_place(*file.snapshot, now, random)
                             : torn_append(file.synced_bytes, now, random);
    }
    static std::string torn_append(std::uint64_t synced, const std::string& now, Random& random) {
        auto bytes = now.substr(0, synced + random.below(now.size() - synced + 1));
        const auto loose = bytes.size() - synced;
        if (loose > 0 && random.chance(0.3)) {
            // The file grew, but some of its blocks never came.
            const auto from = synced + random.below(loose);
            const auto size = std::min<std::size_t>(bytes.size() - from, 1 + random.below(4096));
            for (std::size_t i = 0; i < size; ++i) {
                bytes[from + i] = random.chance(0.5) ? '\0' : static_cast<char>(random.next());
            }
        }
        return bytes;
    }
    static std::string torn_in_place(const std::string& synced, const std::string& now,
                                     Random& random) {
        auto bytes = synced;
        bytes.resize(std::max(synced.size(), now.size()), '\0');
        const double share = random.chance(0.3) ? 0 : random.unit();
        for (std::size_t at = 0; at < now.size(); at += kSector) {
            if (random.chance(share)) {
                const auto size = std::min(kSector, now.size() - at);
                bytes.replace(at, size, now, at, size);
            }
        }
        return bytes;
    }
    void build(const std::string& folder, const std::string& target, Random& random) {
        fs::create_directories(target);
        Names now;
        for (const auto& entry : fs::directory_iterator(folder)) {
            const auto inode = keep(entry.path().string());
            if (inode) now[entry.path().filename().string()] = *inode;
        }
        const auto found = folders.find(folder);
        const Names durable = found == folders.end() ? Names{} : found->second;
        std::set<std::string> all;
        for (const auto& [name, inode] : now)
            all.insert(name);
        for (const auto& [name, inode] : durable)
            all.insert(name);
        for (const auto& name : all) {
            const auto was = durable.find(name);
            const auto is = now.find(name);
            const bool old = random.chance(0.5);
            const auto& names = old ? durable : now;
            const auto chosen = old ? was : is;
            const bool same = was != durable.end() && is != now.end() && was->second == is->second;
            if (!same && chosen == names.end()) continue;
            const auto inode = same ? was->second : chosen->second;
            const auto path = folder + "/" + name;
            if (!files.contains(inode)) {
                // A folder; one that was removed is gone with what was in it.
                if (fs::is_directory(path)) build(path, target + "/" + name, random);
                continue;
            }
            std::ofstream out(target + "/" + name, std::ios::binary);
            const auto bytes = torn_content(inode, random);
            out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        }
    }

    const std::string root;
    const std::string kept;
    std::mutex mutex;
    std::uint64_t steps = 0;
    bool off = false;
    std::optional<std::uint64_t> off_after;
    bool full = false;
    std::optional<std::uint64_t> fail_after;
    std::uint64_t fail_more = 0;
    int fail_with = 0;
    std::map<Inode, File> files;
    std::map<std::string, Names> folders;
    std::unique_ptr<rocksdb::Env> env;
};

namespace {

/// What RocksDB does.
class WatchedFile final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    using Step = std::function<int()>;
    WatchedFile(std::unique_ptr<rocksdb::FSWritableFile> file, Step write, Step sync)
        : FSWritableFileOwnerWrapper(std::move(file)),
          write_(std::move(write)),
          sync_(std::move(sync)) {}

    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                    IODebugContext* debug) override {
        if (const int failed = write_()) return io_error(failed);
        return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                    const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
        if (const int failed = write_()) return io_error(failed);
        return FSWritableFileOwnerWrapper::Append(data, options, info, debug);
    }
    IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
        if (const int failed = sync_()) return io_error(failed);
        return FSWritableFileOwnerWrapper::Sync(options, debug);
    }
    IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
        if (const int failed = sync_()) return io_error(failed);
        return FSWritableFileOwnerWrapper::Fsync(options, debug);
    }

  private:
    const Step write_;
    const Step sync_;
};

class WatchedFolder final : public rocksdb::FSDirectoryWrapper {
  public:
    WatchedFolder(std::unique_ptr<rocksdb::FSDirectory> folder, WatchedFile::Step sync)
        : FSDirectoryWrapper(std::move(folder)), sync_(std::move(sync)) {}

    IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
        if (const int failed = sync_()) return io_error(failed);
        return FSDirectoryWrapper::Fsync(options, debug);
    }
    IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                                 const rocksdb::DirFsyncOptions& how) override {
        if (const int failed = sync_()) return io_error(failed);
        return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how);
    }

  private:
    const WatchedFile::Step sync_;
};

template <typename Impl>
class WatchedFileSystem final : public rocksdb::FileSystemWrapper {
  public:
    explicit WatchedFileSystem(Impl& impl)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), impl_(impl) {}
    const char* Name() const override { return "UnreliableDisk"; }

    IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* out,
                             IODebugContext* debug) override {
        if (const int failed = impl_.step(Impl::Kind::kWrite)) return io_error(failed);
        // A file that is made anew under an old name is another file; the old one may come back.
        {
            const std::lock_guard lock(impl_.mutex);
            if (impl_.keep(path)) ::unlink(path.c_str());
        }
        std::unique_ptr<rocksdb::FSWritableFile> file;
        auto status = FileSystemWrapper::NewWritableFile(path, options, &file, debug);
        if (!status.ok()) return status;
        {
            const std::lock_guard lock(impl_.mutex);
            impl_.keep(path);
        }
        *out = std::make_unique<WatchedFile>(
            std::move(file), [this] { return impl_.step(Impl::Kind::kWrite); },
            [this, path] { return impl_.sync_step(path, false); });
        return status;
    }
    IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                          std::unique_ptr<rocksdb::FSDirectory>* out,
                          IODebugContext* debug) override {
        std::unique_ptr<rocksdb::FSDirectory> folder;
        auto status = FileSystemWrapper::NewDirectory(path, options, &folder, debug);
        if (!status.ok()) return status;
        *out = std::make_unique<WatchedFolder>(std::move(folder),
                                               [this, path] { return impl_.folder_step(path); });
        return status;
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        IODebugContext* debug) override {
        if (const int failed = impl_.step(Impl::Kind::kOther)) return io_error(failed);
        {
            const std::lock_guard lock(impl_.mutex);
            impl_.keep(from);
            impl_.keep(to);
        }
        return FileSystemWrapper::RenameFile(from, to, options, debug);
    }
    IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                        IODebugContext* debug) override {
        if (const int failed = impl_.step(Impl::Kind::kOther)) return io_error(failed);
        {
            const std::lock_guard lock(impl_.mutex);
            impl_.keep(path);
        }
        return FileSystemWrapper::DeleteFile(path, options, debug);
    }

  private:
    Impl& impl_;
};

}  // namespace

UnreliableDisk::UnreliableDisk(const std::string& folder, Content content)
    : impl_(std::make_unique<Impl>(folder)) {
    if (content == Content::kNone) fs::remove_all(folder);
    fs::remove_all(impl_->kept);
    fs::create_directories(folder);
    fs::create_directories(impl_->kept);
    impl_->take_as_durable();
    impl_->env = rocksdb::NewCompositeEnv(std::make_shared<WatchedFileSystem<Impl>>(*impl_));
    install_file_observer(impl_.get());
}

UnreliableDisk::~UnreliableDisk() {
    install_file_observer(nullptr);
    std::error_code error;
    fs::remove_all(impl_->kept, error);
}

rocksdb::Env* UnreliableDisk::env() const { return impl_->env.get(); }

void UnreliableDisk::power_off() {
    const std::lock_guard lock(impl_->mutex);
    impl_->off = true;
}

void UnreliableDisk::write_image(const std::string& target, Random& random) const {
    QD_ASSERT(impl_->off);
    fs::remove_all(target);
    impl_->build(impl_->root, target, random);
}

void UnreliableDisk::power_off_at(std::uint64_t n) {
    const std::lock_guard lock(impl_->mutex);
    impl_->off_after = n;
}

bool UnreliableDisk::is_off() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->off;
}

std::uint64_t UnreliableDisk::steps() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->steps;
}

void UnreliableDisk::fail_step(std::uint64_t n, int error_number, std::uint64_t more) {
    const std::lock_guard lock(impl_->mutex);
    impl_->fail_after = n;
    impl_->fail_with = error_number;
    impl_->fail_more = more;
}

void UnreliableDisk::set_full(bool full) {
    const std::lock_guard lock(impl_->mutex);
    impl_->full = full;
}

}  // namespace qdrantd::store
