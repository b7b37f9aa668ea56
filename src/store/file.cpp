// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/store/file.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace qdrantd::store {

namespace {

std::atomic<FileObserver*> observer{nullptr};

void observe_after(FileStep step, const std::string& path) {
    if (auto* seen = observer.load(std::memory_order_acquire)) seen->after(step, path);
}

/// Closes a descriptor when it goes out of scope.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

std::string parent_of(const std::string& path) {
    auto parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

Status write_all(int descriptor, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return file_error(errno, "write", path);
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Error file_error(int error_number, std::string_view what, const std::string& path) {
    const bool full = error_number == ENOSPC || error_number == EDQUOT;
    return Error{full ? ErrorCode::kInsufficientStorage : ErrorCode::kIo,
                 fmt::format("{} {}: {}", what, path, std::strerror(error_number))};
}

void install_file_observer(FileObserver* wanted) {
    observer.store(wanted, std::memory_order_release);
}

Status observe_before(FileStep step, const std::string& path) {
    auto* seen = observer.load(std::memory_order_acquire);
    if (seen == nullptr) return {};
    const int error_number = seen->before(step, path);
    if (error_number != 0) return file_error(error_number, "access", path);
    return {};
}

Status write_file_durably(const std::string& path, std::string_view bytes) {
    const std::string temporary = path + ".new";
    {
        QD_TRY(observe_before(FileStep::kWrite, temporary));
        const Descriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (file.get() < 0) return file_error(errno, "open", temporary);
        QD_TRY(write_all(file.get(), bytes, temporary));
        observe_after(FileStep::kWrite, temporary);
        QD_TRY(sync_file(file.get(), temporary));
    }
    return rename_durably(temporary, path);
}

Result<std::string> read_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        if (errno == ENOENT) return Error{ErrorCode::kNotFound, fmt::format("no file {}", path)};
        return file_error(errno, "open", path);
    }
    std::string out;
    char buffer[64 * 1024];
    while (true) {
        const auto size = ::read(file.get(), buffer, sizeof buffer);
        if (size == 0) return out;
        if (size < 0) {
            if (errno == EINTR) continue;
            return file_error(errno, "read", path);
        }
        out.append(buffer, static_cast<std::size_t>(size));
    }
}

bool file_exists(const std::string& path) {
    struct stat unused {};
    return ::stat(path.c_str(), &unused) == 0;
}

Status make_folder(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) == 0) {
        if (S_ISDIR(found.st_mode)) return {};
        return file_error(ENOTDIR, "make folder", path);
    }
    const auto parent = parent_of(path);
    if (parent != path) QD_TRY(make_folder(parent));
    QD_TRY(observe_before(FileStep::kWrite, path));
    if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
        return file_error(errno, "make folder", path);
    }
    observe_after(FileStep::kWrite, path);
    return sync_folder(parent);
}

Status rename_durably(const std::string& from, const std::string& to) {
    QD_TRY(observe_before(FileStep::kRename, to));
    if (::rename(from.c_str(), to.c_str()) != 0) return file_error(errno, "rename to", to);
    observe_after(FileStep::kRename, to);
    QD_TRY(sync_folder(parent_of(to)));
    if (parent_of(from) != parent_of(to)) QD_TRY(sync_folder(parent_of(from)));
    return {};
}

Status remove_file(const std::string& path) {
    QD_TRY(observe_before(FileStep::kRemove, path));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return file_error(errno, "remove", path);
    observe_after(FileStep::kRemove, path);
    return {};
}

Status remove_tree(const std::string& path) {
    QD_TRY(observe_before(FileStep::kRemove, path));
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) return file_error(error.value(), "remove", path);
    observe_after(FileStep::kRemove, path);
    return {};
}

Status sync_file(int descriptor, const std::string& path) {
    QD_TRY(observe_before(FileStep::kSyncFile, path));
    if (::fdatasync(descriptor) != 0) return file_error(errno, "sync", path);
    observe_after(FileStep::kSyncFile, path);
    return {};
}

Status sync_folder(const std::string& path) {
    QD_TRY(observe_before(FileStep::kSyncFolder, path));
    const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0) return file_error(errno, "open folder", path);
    if (::fsync(folder.get()) != 0) return file_error(errno, "sync folder", path);
    observe_after(FileStep::kSyncFolder, path);
    return {};
}

std::uint64_t folder_bytes(const std::string& path) {
    std::uint64_t total = 0;
    std::error_code error;
    std::filesystem::recursive_directory_iterator entries(path, error);
    const std::filesystem::recursive_directory_iterator end;
    while (!error && entries != end) {
        // Files come and go below; one that vanished counts nothing.
        std::error_code gone;
        if (entries->is_regular_file(gone)) {
            const auto size = entries->file_size(gone);
            if (!gone) total += size;
        }
        entries.increment(error);
    }
    return total;
}

}  // namespace qdrantd::store
