// SPDX-License-Identifier: Apache-2.0
#include "shard/durable_mark.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/common/checksum.hpp>
#include <qdrantd/store/file.hpp>

namespace qdrantd::shard {

namespace {

constexpr std::uint32_t kVersion = 1;
// Two halves in sectors of their own, written in turn: a torn write leaves the other whole.
constexpr std::size_t kHalfBytes = 4096;
constexpr std::size_t kBodyBytes = 4 + 4 * 8;

std::string encode_half(std::uint64_t identity, LogPosition position, std::uint64_t writes) {
    std::string out;
    ByteWriter writer(out);
    writer.u32(kVersion);
    writer.u64(identity);
    writer.u64(writes);
    writer.u64(position.epoch.value);
    writer.u64(position.seq.value);
    writer.u64(checksum64(out));
    return out;
}

struct Half {
    std::uint32_t version = 0;
    std::uint64_t identity = 0;
    std::uint64_t writes = 0;
    LogPosition position;
    bool whole = false;
};

Half decode_half(std::string_view bytes) {
    ByteReader reader(bytes);
    Half half;
    half.version = reader.u32();
    half.identity = reader.u64();
    half.writes = reader.u64();
    half.position.epoch = Epoch(reader.u64());
    half.position.seq = OpSeq(reader.u64());
    const auto checksum = reader.u64();
    half.whole = reader.ok() && checksum64(bytes.substr(0, kBodyBytes)) == checksum;
    return half;
}

}  // namespace

DurableMark::DurableMark(std::string path, int descriptor, std::uint64_t identity,
                         LogPosition position)
    : path_(std::move(path)), descriptor_(descriptor), identity_(identity), position_(position) {}

DurableMark::~DurableMark() { ::close(descriptor_); }

Result<std::unique_ptr<DurableMark>> DurableMark::create(const std::string& path,
                                                         std::uint64_t identity) {
    auto half = encode_half(identity, {}, 0);
    half.resize(kHalfBytes);
    QD_TRY(store::write_file_durably(path, half + half));
    return open(path);
}

Result<std::unique_ptr<DurableMark>> DurableMark::open(const std::string& path) {
    QD_ASSIGN(const auto bytes, store::read_file(path));
    const std::string_view view(bytes);
    const auto first = decode_half(view.substr(0, kHalfBytes));
    const auto second = decode_half(view.size() > kHalfBytes ? view.substr(kHalfBytes) : "");
    if (!first.whole && !second.whole) {
        return Error{ErrorCode::kChecksum, fmt::format("{}: damaged", path)};
    }
    const bool newer = second.whole && (!first.whole || second.writes > first.writes);
    const auto& half = newer ? second : first;
    if (half.version != kVersion) {
        return Error{ErrorCode::kFormat, fmt::format("{}: has version {}, this build reads {}",
                                                     path, half.version, kVersion)};
    }
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return store::file_error(errno, "open", path);
    std::unique_ptr<DurableMark> mark(
        new DurableMark(path, descriptor, half.identity, half.position));
    mark->writes_ = half.writes;
    return mark;
}

LogPosition DurableMark::position() const {
    const std::lock_guard lock(mutex_);
    return position_;
}

Status DurableMark::advance(LogPosition position) {
    const std::lock_guard lock(mutex_);
    if (position.seq <= position_.seq) return {};
    const auto half = encode_half(identity_, position, writes_ + 1);
    const auto at = static_cast<off_t>((writes_ + 1) % 2 * kHalfBytes);
    QD_TRY(store::observe_before(store::FileStep::kWrite, path_));
    const auto written = ::pwrite(descriptor_, half.data(), half.size(), at);
    if (written != static_cast<ssize_t>(half.size())) {
        return store::file_error(written < 0 ? errno : EIO, "write", path_);
    }
    ++writes_;
    position_ = position;
    return {};
}

Status DurableMark::persist() { return store::sync_file(descriptor_, path_); }

}  // namespace qdrantd::shard
