// SPDX-License-Identifier: Apache-2.0
#include "shard/shard_data.hpp"

#include <charconv>
#include <filesystem>

#include <qdrantd/common/fault_point.hpp>
#include <qdrantd/common/log.hpp>
#include <qdrantd/common/random.hpp>
#include <qdrantd/store/file.hpp>

#include "shard/shard_meta.hpp"

namespace qdrantd::shard {

namespace {

using engine::kMetaFamily;

constexpr std::uint32_t kFirstSegment = 1;
constexpr std::size_t kReplayBytes = 8UL << 20;

OpSeq next(OpSeq seq) { return OpSeq(seq.value + 1); }

Error missing_row(std::string_view name) {
    return {ErrorCode::kChecksum, fmt::format("shard metadata: row '{}' is missing", name)};
}

}  // namespace

const std::vector<store::FamilySpec>& store_families() {
    static const std::vector<store::FamilySpec> list{
        {"log", store::FamilyKind::kLog},      {"points", store::FamilyKind::kPoints},
        {"slots", store::FamilyKind::kPoints}, {"payload", store::FamilyKind::kPayload},
        {"meta", store::FamilyKind::kSmall},
    };
    return list;
}

std::string encode_manifest(const engine::SegmentManifest& manifest) {
    return seal_row(manifest.encode());
}

Result<engine::SegmentManifest> decode_manifest(std::string_view row) {
    QD_ASSIGN(const auto body, unseal_row(row, kManifestKey));
    return engine::SegmentManifest::decode(body);
}

Result<std::shared_ptr<ShardData>> ShardData::open(Options options) {
    std::shared_ptr<ShardData> data(new ShardData(std::move(options)));
    QD_ASSIGN(const bool is_new, data->prepare_folder());
    QD_ASSIGN(
        data->store_,
        store::open_rocksdb(data->path_of(kStoreFolder), store_families(), *data->options_.shared,
                            is_new ? store::OpenMode::kOpenOrCreate : store::OpenMode::kMustExist));
    QD_TRY(is_new ? data->create() : data->recover());
    return data;
}

std::string ShardData::path_of(std::string_view name) const {
    return fmt::format("{}/{}", options_.folder, name);
}

Result<bool> ShardData::prepare_folder() {
    QD_TRY(store::make_folder(options_.folder));
    auto mark = DurableMark::open(path_of(kDurableMarkFile));
    if (mark.ok()) {
        mark_ = std::move(mark).value();
    } else if (mark.error().code != ErrorCode::kNotFound) {
        return std::move(mark).error();
    }
    const bool making = store::file_exists(path_of(kMakingFile));
    if (mark_ != nullptr) {
        if (!making) return false;
        // Only the last step was missing.
        QD_TRY(store::remove_file(path_of(kMakingFile)));
        QD_TRY(store::sync_folder(options_.folder));
        return false;
    }
    const bool found =
        store::file_exists(path_of(kStoreFolder)) || store::file_exists(path_of(kSegmentsFolder));
    if (!making && found) {
        return Error{ErrorCode::kChecksum, "the durable mark is missing"};
    }
    // A power loss may leave any part of what is made first, in any order.
    QD_TRY(store::write_file_durably(path_of(kMakingFile), ""));
    QD_TRY(store::remove_tree(path_of(kStoreFolder)));
    QD_TRY(store::remove_tree(path_of(kSegmentsFolder)));
    return true;
}

engine::SegmentOptions ShardData::segment_options(std::uint32_t number) const {
    engine::SegmentOptions options;
    options.folder = segment_folder(number);
    options.number = number;
    options.store = store_.get();
    const auto now = schema();
    options.config = now.config;
    options.schema = now.fields;
    return options;
}

ShardSchema ShardData::schema() const {
    const std::lock_guard lock(mutex_);
    return schema_;
}

std::uint64_t ShardData::schema_version() const {
    const std::lock_guard lock(mutex_);
    return schema_version_;
}

void ShardData::set_schema(ShardSchema schema) {
    const std::lock_guard lock(mutex_);
    schema_ = std::move(schema);
    ++schema_version_;
}

std::string ShardData::segment_folder(std::uint32_t number) const {
    return fmt::format("{}/{}/{}", options_.folder, kSegmentsFolder, number);
}

std::shared_ptr<engine::Segment> ShardData::adopt(std::unique_ptr<engine::Segment> segment) const {
    // The deleter outlives the segment while somebody watches it, so it lets the store go itself.
    auto store = store_;
    return {segment.release(), [store](engine::Segment* owned) mutable {
                std::default_delete<engine::Segment>()(owned);
                store.reset();
            }};
}

Status ShardData::create() {
    identity_ = Random::entropy();
    QD_TRY(store::make_folder(segment_folder(kFirstSegment)));
    QD_ASSIGN(auto segment, engine::Segment::create(segment_options(kFirstSegment)));
    QD_ASSIGN(const auto manifest, segment->checkpoint());
    store::WriteBatch batch;
    batch.put(kMetaFamily, kFormatKey, encode_format({kShardFormatVersion, identity_}));
    batch.put(kMetaFamily, kAppliedKey, encode_applied({}));
    batch.put(kMetaFamily, kManifestKey, encode_manifest(manifest));
    if (fault_point("shard.create.batch")) return Error{ErrorCode::kIo, "fault"};
    QD_TRY(store_->write(batch, store::Sync::kSync));
    if (fault_point("shard.create.mark")) return Error{ErrorCode::kIo, "fault"};
    QD_ASSIGN(mark_, DurableMark::create(fmt::format("{}/{}", options_.folder, kDurableMarkFile),
                                         identity_));
    QD_ASSIGN(log_, OperationLog::open(*store_, identity_, OpSeq(0)));
    set_segment(adopt(std::move(segment)), manifest);
    return {};
}

Status ShardData::recover() {
    QD_ASSIGN(const auto format, store_->get(kMetaFamily, kFormatKey));
    if (!format) return missing_row(kFormatKey);
    QD_ASSIGN(const auto decoded, decode_format(*format));
    identity_ = decoded.identity;
    QD_ASSIGN(const auto row, store_->get(kMetaFamily, kAppliedKey));
    if (!row) return missing_row(kAppliedKey);
    QD_ASSIGN(current_.applied, decode_applied(*row));
    if (mark_->identity() != identity_) {
        return Error{ErrorCode::kChecksum, "the durable mark is of another shard"};
    }
    if (current_.applied.seq < mark_->position().seq) {
        return Error{ErrorCode::kChecksum,
                     fmt::format("the store ends at operation {}, but {} was durable",
                                 current_.applied.seq.value, mark_->position().seq.value)};
    }
    QD_ASSIGN(log_, OperationLog::open(*store_, identity_, current_.applied.seq));
    QD_TRY(recover_segment());
    QD_TRY(replay_log());
    QD_TRY(apply_unapplied());
    return remove_leftovers();
}

Status ShardData::recover_segment() {
    QD_ASSIGN(const auto row, store_->get(kMetaFamily, kManifestKey));
    if (!row) return missing_row(kManifestKey);
    QD_ASSIGN(const auto manifest, decode_manifest(*row));
    if (manifest.covered > current_.applied.seq) {
        return Error{ErrorCode::kChecksum, "the checkpoint is ahead of the store"};
    }
    QD_ASSIGN(auto segment, engine::Segment::open(segment_options(manifest.number), manifest));
    set_segment(adopt(std::move(segment)), manifest);
    return {};
}

/// Rows of operations that were applied after the checkpoint.
Status ShardData::replay_log() {
    const auto applied = current_.applied.seq;
    for (OpSeq seq = next(current_.covered); seq <= applied;) {
        QD_ASSIGN(const auto records, log_->read_from(seq, kReplayBytes));
        for (const auto& record : records) {
            if (record.position.seq > applied) break;
            QD_ASSIGN(const auto effect, engine::decode_effect(record.effect));
            QD_TRY(current_.segment->replay(record.position.seq, effect));
        }
        seq = next(records.back().position.seq);
    }
    return current_.segment->finish_replay(applied);
}

/// As the only replica, this one confirms what it has logged.
Status ShardData::apply_unapplied() {
    while (current_.applied.seq < log_->last().seq) {
        QD_ASSIGN(const auto records, log_->read_from(next(current_.applied.seq), kReplayBytes));
        store::WriteBatch batch;
        for (const auto& record : records) {
            QD_ASSIGN(const auto effect, engine::decode_effect(record.effect));
            QD_TRY(current_.segment->stage(record.position.seq, effect, batch));
            current_.applied = record.position;
        }
        batch.put(kMetaFamily, kAppliedKey, encode_applied(current_.applied));
        QD_TRY(store_->write(batch, store::Sync::kSync));
        current_.segment->publish(current_.applied.seq);
        log_->set_applied(current_.applied.seq);
    }
    return {};
}

/// Segments that a rebuilding left behind when it was interrupted, before or after its switch.
Status ShardData::remove_leftovers() {
    std::error_code error;
    std::vector<std::uint32_t> numbers;
    std::filesystem::directory_iterator entries(
        fmt::format("{}/{}", options_.folder, kSegmentsFolder), error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const auto name = entries->path().filename().string();
        std::uint32_t number = 0;
        const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
        const bool is_number = failed == std::errc() && end == name.data() + name.size();
        if (is_number && number != current_.number) numbers.push_back(number);
    }
    for (const auto number : numbers) {
        store::WriteBatch batch;
        engine::Segment::erase_keys(number, batch);
        QD_TRY(store_->write(batch, store::Sync::kNoSync));
        QD_TRY(store::remove_tree(segment_folder(number)));
        log_info("shard", "leftover_removed", "folder={} segment={}", options_.folder, number);
    }
    return {};
}

std::shared_ptr<engine::Segment> ShardData::segment() const {
    const std::lock_guard lock(mutex_);
    return current_.segment;
}

std::uint32_t ShardData::segment_number() const {
    const std::lock_guard lock(mutex_);
    return current_.number;
}

OpSeq ShardData::covered() const {
    const std::lock_guard lock(mutex_);
    return current_.covered;
}

LogPosition ShardData::applied() const {
    const std::lock_guard lock(mutex_);
    return current_.applied;
}

void ShardData::set_applied(LogPosition applied) {
    const std::lock_guard lock(mutex_);
    current_.applied = applied;
}

void ShardData::set_segment(std::shared_ptr<engine::Segment> segment,
                            const engine::SegmentManifest& manifest) {
    const std::lock_guard lock(mutex_);
    current_.segment.swap(segment);  // the old one ends outside the lock
    current_.number = manifest.number;
    current_.covered = manifest.covered;
}

}  // namespace qdrantd::shard
