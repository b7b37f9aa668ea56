// SPDX-License-Identifier: Apache-2.0
#include "engine/mapped_chunks.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/store/file.hpp>

namespace qdrantd::engine {
MappedChunks::~MappedChunks() {
    for (const auto chunk : chunks_)
        ::munmap(chunk.data(), chunk.size());
}

Result<std::span<std::byte>> MappedChunks::chunk(std::size_t index, std::size_t size) {
    if (index < chunks_.size()) return chunks_[index];
    QD_ASSERT(index == chunks_.size());
    const auto path = prefix_ + std::to_string(index);
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return store::file_error(errno, "cannot open", path);
    if (const int code = ::posix_fallocate(fd, 0, static_cast<off_t>(size)); code != 0) {
        ::close(fd);
        return store::file_error(code, "cannot take space for", path);
    }
    auto* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    const int code = errno;
    ::close(fd);
    if (memory == MAP_FAILED) return store::file_error(code, "cannot map", path);
    chunks_.emplace_back(static_cast<std::byte*>(memory), size);
    return chunks_.back();
}

Status MappedChunks::sync(std::size_t index) {
    const auto path = prefix_ + std::to_string(index);
    if (lost_) return Error{ErrorCode::kIo, "cannot sync " + path + ": an earlier sync failed"};
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return store::file_error(errno, "cannot open", path);
    auto synced = store::sync_file(fd, path);
    ::close(fd);
    // The kernel may have dropped the pages it could not write, and calls them clean now.
    lost_ = !synced.ok();
    return synced;
}

}  // namespace qdrantd::engine
