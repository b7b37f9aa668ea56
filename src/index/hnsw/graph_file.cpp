// SPDX-License-Identifier: Apache-2.0
#include "index/hnsw/graph_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/common/checksum.hpp>

namespace qdrantd::index::hnsw {
namespace {

constexpr std::string_view kMagic = "QDHNSW\r\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kBlockHeaderBytes = 12;
constexpr std::size_t kBlockTarget = std::size_t{256} << 10;
constexpr std::size_t kMaxBlock = std::size_t{4} << 20;

class File {
  public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] bool open() const { return descriptor_ >= 0; }

  private:
    const int descriptor_;
};

Error io_error(std::string_view what, const std::string& path) {
    const int number = errno;
    const bool full = number == ENOSPC || number == EDQUOT;
    return {full ? ErrorCode::kInsufficientStorage : ErrorCode::kIo,
            fmt::format("cannot {} {}: {}", what, path, std::strerror(number))};
}
Error damaged(const std::string& path, std::string_view what) {
    return {ErrorCode::kChecksum, fmt::format("{}: {}", path, what)};
}
Error mismatch(const std::string& path, std::string_view what) {
    return {ErrorCode::kFormat, fmt::format("{}: {}", path, what)};
}

Status write_all(const File& file, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return io_error("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// Reads exactly `size` bytes; an end before that is damage.
Status read_exactly(const File& file, std::size_t size, std::string& out, const std::string& path) {
    out.resize(size);
    for (std::size_t done = 0; done < size;) {
        const ssize_t got = ::read(file.get(), out.data() + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_error("read", path);
        if (got == 0) return damaged(path, "the file is cut short");
        done += static_cast<std::size_t>(got);
    }
    return {};
}

struct Header {
    std::uint32_t m = 0;
    GraphFileKey key;
    Entry entry;
    std::uint32_t nodes = 0;
    Slot slot_bound = 0;
    std::uint32_t blocks = 0;
};

std::string encode_header(const Header& header) {
    std::string bytes;
    ByteWriter out(bytes);
    out.raw(kMagic.data(), kMagic.size());
    out.u32(kVersion);
    out.u32(header.m);
    out.u32(header.key.dimension);
    out.u32(static_cast<std::uint32_t>(header.key.distance));
    out.u64(header.key.seed);
    out.u32(header.entry.slot);
    out.u32(header.entry.level);
    out.u32(header.nodes);
    out.u32(header.slot_bound);
    out.u32(header.blocks);
    bytes.resize(kHeaderBytes - sizeof(std::uint64_t), '\0');
    out.u64(checksum64(bytes));
    return bytes;
}

Result<Header> decode_header(std::string_view bytes, const std::string& path) {
    if (!bytes.starts_with(kMagic)) return mismatch(path, "not a graph file");
    const std::string_view covered = bytes.substr(0, kHeaderBytes - sizeof(std::uint64_t));
    if (ByteReader(bytes.substr(covered.size())).u64() != checksum64(covered))
        return damaged(path, "the header does not match its checksum");
    ByteReader in(covered.substr(kMagic.size()));
    const std::uint32_t version = in.u32();
    if (version != kVersion) {
        return mismatch(path, fmt::format("version {} is not {}", version, kVersion));
    }
    Header header;
    header.m = in.u32();
    header.key.dimension = in.u32();
    const std::uint32_t distance = in.u32();
    if (distance > static_cast<std::uint32_t>(model::Distance::kManhattan))
        return mismatch(path, fmt::format("metric {} is unknown", distance));
    header.key.distance = static_cast<model::Distance>(distance);
    header.key.seed = in.u64();
    header.entry = {in.u32(), 0};
    header.entry.level = in.u32();
    header.nodes = in.u32();
    header.slot_bound = in.u32();
    header.blocks = in.u32();
    return header;
}

void encode_node(const Graph& graph, Slot slot, Slot delta, ByteWriter& out) {
    const std::uint32_t level = graph.level(slot);
    out.varint(delta);
    out.u8(static_cast<std::uint8_t>(level));
    for (std::uint32_t l = 0; l <= level; ++l) {
        const Link* links = graph.links(slot, l);
        std::uint32_t count = 0;
        while (count < graph.width(l) && links[count].load(std::memory_order_relaxed) != kNoSlot)
            ++count;
        out.varint(count);
        for (std::uint32_t i = 0; i < count; ++i)
            out.u32(links[i].load(std::memory_order_relaxed));
    }
}

Status write_block(const File& file, const std::string& payload, std::uint32_t index,
                   const std::string& path) {
    std::string head;
    ByteWriter out(head);
    out.u32(static_cast<std::uint32_t>(payload.size()));
    out.u64(checksum64(payload, index + 1));
    QD_TRY(write_all(file, head, path));
    return write_all(file, payload, path);
}

Status sync_directory(const std::string& path) {
    std::string parent = std::filesystem::path(path).parent_path().string();
    if (parent.empty()) parent = ".";
    const File directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.open() || ::fsync(directory.get()) != 0) return io_error("sync", parent);
    return {};
}

/// Adds the nodes of one block to `graph`. `next` is the lowest slot that may come.
Status decode_block(std::string_view payload, Graph& graph, const Header& header,
                    const vec::VectorRows& rows, std::uint64_t& next, const std::string& path) {
    ByteReader in(payload);
    while (!in.at_end()) {
        const std::uint64_t delta = in.varint();
        const std::uint32_t level = in.u8();
        if (!in.ok() || delta >= header.slot_bound || next + delta >= header.slot_bound)
            return mismatch(path, "a node lies outside the slots");
        const auto slot = static_cast<Slot>(next + delta);
        if (level > Graph::kMaxLevel || !rows.has_chunk(slot))
            return mismatch(path, fmt::format("node {} has no row or a bad level", slot));
        next = std::uint64_t{slot} + 1;
        graph.add(slot, level);
        for (std::uint32_t l = 0; l <= level; ++l) {
            const std::uint64_t count = in.varint();
            if (count > graph.width(l)) return mismatch(path, "a row of links is too long");
            Link* links = graph.links(slot, l);
            for (std::uint64_t i = 0; i < count; ++i) {
                const Slot link = in.u32();
                if (link >= header.slot_bound) return mismatch(path, "a link leads nowhere");
                links[i].store(link, std::memory_order_relaxed);
            }
        }
        if (!in.ok()) return mismatch(path, "a node is cut short");
        graph.publish(slot);
    }
    return {};
}

/// Every link must lead to another node that exists on its level.
Status check_links(const Graph& graph, const Header& header, const std::string& path) {
    for (Slot slot = 0; slot < header.slot_bound; ++slot) {
        if (!graph.contains(slot)) continue;
        for (std::uint32_t l = 0; l <= graph.level(slot); ++l) {
            const Link* links = graph.links(slot, l);
            for (std::uint32_t i = 0; i < graph.width(l); ++i) {
                const Slot link = links[i].load(std::memory_order_relaxed);
                if (link == kNoSlot) break;
                if (link == slot || !graph.contains(link) || graph.level(link) < l)
                    return mismatch(path, fmt::format("a link of node {} leads nowhere", slot));
            }
        }
    }
    return {};
}

Status write_graph(const File& file, const Graph& graph, const GraphFileKey& key,
                   const std::string& path) {
    Header header{graph.m(), key, graph.entry(), 0, graph.slot_bound(), 0};
    // The header is written last, so a file cut short by a crash has none.
    QD_TRY(write_all(file, std::string(kHeaderBytes, '\0'), path));
    std::string payload;
    ByteWriter out(payload);
    Slot next = 0;
    for (Slot slot = 0; slot < header.slot_bound; ++slot) {
        if (!graph.contains(slot)) continue;
        encode_node(graph, slot, slot - next, out);
        next = slot + 1;
        ++header.nodes;
        if (payload.size() < kBlockTarget) continue;
        QD_TRY(write_block(file, payload, header.blocks++, path));
        payload.clear();
    }
    if (!payload.empty()) QD_TRY(write_block(file, payload, header.blocks++, path));
    const std::string head = encode_header(header);
    if (::lseek(file.get(), 0, SEEK_SET) != 0) return io_error("seek in", path);
    QD_TRY(write_all(file, head, path));
    if (::fsync(file.get()) != 0) return io_error("sync", path);
    return sync_directory(path);
}

}  // namespace

Status save_graph(const Graph& graph, const GraphFileKey& key, const std::string& path) {
    const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.open()) return io_error("create", path);
    auto written = write_graph(file, graph, key, path);
    // Half a graph is of no use and keeps space from what failed for want of it. That it could not
    // be removed, either, says less than why it is incomplete.
    if (!written.ok()) ::unlink(path.c_str());
    return written;
}

Status load_graph(Graph& graph, const GraphFileKey& key, const vec::VectorRows& rows,
                  const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.open()) return io_error("open", path);
    std::string bytes;
    QD_TRY(read_exactly(file, kHeaderBytes, bytes, path));
    QD_ASSIGN(const Header header, decode_header(bytes, path));
    if (header.m != graph.m() || header.key.dimension != key.dimension ||
        header.key.distance != key.distance || header.key.seed != key.seed) {
        return mismatch(path, "the graph was built with other parameters");
    }
    if (header.slot_bound > Graph::kMaxSlots || header.nodes > header.slot_bound)
        return mismatch(path, "more nodes than slots");
    std::uint64_t next = 0;
    for (std::uint32_t block = 0; block < header.blocks; ++block) {
        QD_TRY(read_exactly(file, kBlockHeaderBytes, bytes, path));
        ByteReader head(bytes);
        const std::uint32_t size = head.u32();
        const std::uint64_t checksum = head.u64();
        if (size > kMaxBlock) return damaged(path, "a block is too large");
        QD_TRY(read_exactly(file, size, bytes, path));
        if (checksum64(bytes, block + 1) != checksum)
            return damaged(path, fmt::format("block {} does not match its checksum", block));
        QD_TRY(decode_block(bytes, graph, header, rows, next, path));
    }
    char more = 0;
    if (::read(file.get(), &more, 1) != 0) return damaged(path, "bytes follow the last block");
    if (graph.size() != header.nodes) return mismatch(path, "nodes are missing");
    QD_TRY(check_links(graph, header, path));
    if (header.nodes == 0) return {};
    if (!graph.contains(header.entry.slot) || graph.level(header.entry.slot) != header.entry.level)
        return mismatch(path, "the entry is not a node");
    graph.set_entry(header.entry);
    return {};
}

}  // namespace qdrantd::index::hnsw
