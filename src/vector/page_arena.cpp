// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/vector/page_arena.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <sys/mman.h>

#include <fmt/format.h>

namespace qdrantd::vec {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kFirstRegion = std::size_t{8} << 20;
constexpr std::size_t kRegion = std::size_t{64} << 20;
constexpr std::size_t kAlignment = 64;
// Linux 6.1 has MADV_COLLAPSE; the C library's headers may be older.
constexpr int kMadviseCollapse = 25;

constexpr std::size_t round_up(std::size_t value, std::size_t unit) {
    return (value + unit - 1) / unit * unit;
}

/// Maps `size` bytes (a multiple of 2 MiB) at an address that is a multiple of 2 MiB.
std::byte* map_aligned(std::size_t size) {
    const std::size_t mapped = size + kHugePage;
    void* raw = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (raw == MAP_FAILED) return nullptr;
    auto* start = static_cast<std::byte*>(raw);
    const std::size_t address = reinterpret_cast<std::uintptr_t>(start);
    const std::size_t skip = round_up(address, kHugePage) - address;
    if (skip > 0) ::munmap(start, skip);
    const std::size_t tail = kHugePage - skip;
    if (tail > 0) ::munmap(start + skip + size, tail);
    return start + skip;
}

}  // namespace

PageArena::~PageArena() {
    for (const Region& region : regions_)
        ::munmap(region.base, region.size);
}

Status PageArena::open_region(std::size_t at_least) {
    const bool first = regions_.empty();
    const std::size_t size =
        round_up(std::max(at_least, first ? kFirstRegion : kRegion), kHugePage);
    std::byte* base = map_aligned(size);
    if (base == nullptr) {
        return Error{ErrorCode::kInsufficientStorage,
                     fmt::format("cannot map {} bytes of memory: {}", size, std::strerror(errno))};
    }
    // Advice only: without it the memory works with small pages.
    if (!first) ::madvise(base, size, MADV_HUGEPAGE);
    if (regions_.size() == 1) {
        // The owner has become large: its first region joins the huge pages.
        ::madvise(regions_[0].base, regions_[0].size, MADV_HUGEPAGE);
        ::madvise(regions_[0].base, regions_[0].size, kMadviseCollapse);
    }
    regions_.push_back({base, size});
    used_ = 0;
    return {};
}

Result<std::span<std::byte>> PageArena::allocate(std::size_t size) {
    const std::size_t rounded = round_up(std::max<std::size_t>(size, 1), kAlignment);
    const std::lock_guard lock(mutex_);
    if (regions_.empty() || regions_.back().size - used_ < rounded) QD_TRY(open_region(rounded));
    std::byte* piece = regions_.back().base + used_;
    used_ += rounded;
    bytes_.fetch_add(rounded, std::memory_order_relaxed);
    return std::span<std::byte>(piece, size);
}

}  // namespace qdrantd::vec
