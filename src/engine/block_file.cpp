// SPDX-License-Identifier: Apache-2.0
#include "engine/block_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/checksum.hpp>
#include <qdrantd/store/file.hpp>

namespace qdrantd::engine {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }

  private:
    int fd_;
};

Error damaged(const std::string& name, const std::string& what) {
    return {ErrorCode::kChecksum, "file " + name + " is damaged: " + what};
}

/// Reads up to `target.size()` bytes; fewer only at the end of the file.
Result<std::size_t> read_at(int fd, const std::string& path, std::uint64_t offset,
                            std::span<std::byte> target) {
    std::size_t done = 0;
    while (done < target.size()) {
        const auto n = ::pread(fd, target.data() + done, target.size() - done,
                               static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return store::file_error(errno, "cannot read", path);
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

std::size_t block_count(std::uint64_t bytes) {
    return static_cast<std::size_t>((bytes + kBlockBytes - 1) / kBlockBytes);
}

/// Walks over the file block by block.
Status each_block(const std::string& path, const SegmentManifest::File& file,
                  const std::function<Status(std::size_t, int)>& visit) {
    if (file.checksums.size() != block_count(file.bytes)) {
        return damaged(file.name, "its list of checksums has a wrong length");
    }
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) {
        if (errno == ENOENT) return damaged(file.name, "it is missing");
        return store::file_error(errno, "cannot open", path);
    }
    for (std::size_t block = 0; block < file.checksums.size(); ++block) {
        QD_TRY(visit(block, fd.get()));
    }
    return {};
}

Status read_block(const std::string& path, const SegmentManifest::File& file, std::size_t block,
                  int fd, std::span<std::byte> target) {
    QD_ASSIGN(const auto got, read_at(fd, path, block * kBlockBytes, target));
    if (got != target.size()) return damaged(file.name, "it is shorter than it was");
    if (checksum64(target) != file.checksums[block]) {
        return damaged(file.name, "block " + std::to_string(block) + " fails its checksum");
    }
    return {};
}

std::size_t block_bytes(const SegmentManifest::File& file, std::size_t block) {
    return std::min<std::size_t>(kBlockBytes, file.bytes - block * kBlockBytes);
}

}  // namespace

Status write_durably(const std::string& path, std::uint64_t offset,
                     std::span<const std::byte> bytes) {
    QD_TRY(store::observe_before(store::FileStep::kWrite, path));
    const Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    if (fd.get() < 0) return store::file_error(errno, "cannot open", path);
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto n = ::pwrite(fd.get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return store::file_error(errno, "cannot write", path);
        done += static_cast<std::size_t>(n);
    }
    return store::sync_file(fd.get(), path);
}

void extend_checksums(SegmentManifest::File& file, std::span<const std::byte> content) {
    QD_ASSERT(content.size() >= file.bytes);
    // The last block covered so far may have been a part of one.
    const auto first = static_cast<std::size_t>(file.bytes / kBlockBytes);
    file.bytes = content.size();
    file.checksums.resize(block_count(file.bytes));
    for (auto block = first; block < file.checksums.size(); ++block) {
        file.checksums[block] =
            checksum64(content.subspan(block * kBlockBytes, block_bytes(file, block)));
    }
}

Status verify_checksums(const SegmentManifest::File& file, std::span<const std::byte> content) {
    QD_ASSERT(content.size() == file.bytes);
    if (file.checksums.size() != block_count(file.bytes)) {
        return damaged(file.name, "its list of checksums has a wrong length");
    }
    for (std::size_t block = 0; block < file.checksums.size(); ++block) {
        if (checksum64(content.subspan(block * kBlockBytes, block_bytes(file, block))) !=
            file.checksums[block]) {
            return damaged(file.name, "block " + std::to_string(block) + " fails its checksum");
        }
    }
    return {};
}

Status read_verified(const std::string& path, const SegmentManifest::File& file,
                     std::span<std::byte> target) {
    QD_ASSERT(target.size() == file.bytes);
    return each_block(path, file, [&](std::size_t block, int fd) {
        return read_block(path, file, block, fd,
                          target.subspan(block * kBlockBytes, block_bytes(file, block)));
    });
}

Result<SegmentManifest::File> cover_file(const std::string& folder, const std::string& name) {
    const auto path = folder + "/" + name;
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return store::file_error(errno, "cannot open", path);
    SegmentManifest::File file;
    file.name = name;
    std::vector<std::byte> block(kBlockBytes);
    for (;;) {
        QD_ASSIGN(const auto got, read_at(fd.get(), path, file.bytes, block));
        if (got == 0) break;
        file.checksums.push_back(checksum64(std::span(block).first(got)));
        file.bytes += got;
        if (got < block.size()) break;
    }
    return file;
}

Status verify_file(const std::string& folder, const SegmentManifest::File& file) {
    const auto path = folder + "/" + file.name;
    std::vector<std::byte> block(kBlockBytes);
    return each_block(path, file, [&](std::size_t which, int fd) {
        return read_block(path, file, which, fd, std::span(block).first(block_bytes(file, which)));
    });
}

}  // namespace qdrantd::engine
