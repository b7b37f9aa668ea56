// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb_options.hpp"

#include <cstdarg>
#include <cstdio>

#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <qdrantd/common/log.hpp>

namespace qdrantd::store {

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

/// Sends RocksDB's own log to ours: no file and no descriptor per shard.
class ForwardingLogger final : public rocksdb::Logger {
  public:
    ForwardingLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override {
        forward(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
    }
    void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
        if (level >= GetInfoLogLevel()) forward(level, format, arguments);
    }

  private:
    static void forward(rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
        const auto ours =
            level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? LogLevel::kWarn : LogLevel::kDebug;
        if (!log_enabled(ours)) return;
        char line[1024];
        std::vsnprintf(line, sizeof line, format, arguments);
        log_at(ours, "rocksdb", "message", "text={:?}", std::string_view(line));
    }
};

std::size_t write_buffer_bytes(FamilyKind kind) {
    switch (kind) {
        case FamilyKind::kLog:
            return 32 * kMiB;
        case FamilyKind::kPayload:
            return 16 * kMiB;
        case FamilyKind::kPoints:
            return 8 * kMiB;
        case FamilyKind::kSmall:
            return 2 * kMiB;
    }
    return 2 * kMiB;
}

rocksdb::BlockBasedTableOptions table_options(FamilyKind kind, const SharedResources::Rep& shared) {
    rocksdb::BlockBasedTableOptions table;
    table.checksum = rocksdb::kXXH3;
    table.format_version = 5;
    table.block_cache = shared.block_cache;
    // Index and filter blocks live in the shared cache: memory stays bounded over many shards.
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.pin_l0_filter_and_index_blocks_in_cache = false;
    table.block_size = kind == FamilyKind::kLog ? 64 * kKiB : 16 * kKiB;
    table.whole_key_filtering = true;
    if (kind == FamilyKind::kPoints) {
        table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10.0));
    }
    return table;
}

}  // namespace

rocksdb::DBOptions database_options(const SharedResources::Rep& shared) {
    rocksdb::DBOptions options;
    options.env = shared.env;
    options.info_log = shared.logger;
    options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    options.write_buffer_manager = shared.write_buffers;
    options.create_missing_column_families = false;
    // Damage is found, not worked around.
    options.paranoid_checks = true;
    options.flush_verify_memtable_count = true;
    options.fail_if_options_file_error = true;
    options.track_and_verify_wals_in_manifest = true;
    options.verify_sst_unique_id_in_manifest = true;
    options.skip_checking_sst_file_sizes_on_db_open = false;
    options.best_efforts_recovery = false;
    // A power loss may leave anything behind the last sync, so recovery must stop at the first bad
    // record instead of refusing. It would also stop at damage before the last sync: the durable
    // mark outside the WAL tells the two apart (shard/durable_mark.hpp).
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.recycle_log_file_num = 0;
    // All families are flushed together, so that tables never disagree about how far they reach.
    options.atomic_flush = true;
    options.manual_wal_flush = false;
    options.use_fsync = false;
    options.allow_fallocate =
        false;  // thousands of small stores would reserve space they never use
    options.avoid_flush_during_recovery = false;
    options.max_total_wal_size = 96 * kMiB;
    options.bytes_per_sync = 1 * kMiB;
    options.wal_bytes_per_sync = 0;
    options.max_open_files = 128;
    options.max_file_opening_threads = 1;
    options.max_background_jobs = 2;
    options.max_subcompactions = 1;
    options.max_manifest_file_size = 16 * kMiB;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    options.skip_stats_update_on_db_open = true;
    options.allow_concurrent_memtable_write = false;  // one writer per shard
    options.enable_write_thread_adaptive_yield = false;
    options.max_bgerror_resume_count = 0;  // write() resumes, when a write comes
    return options;
}

rocksdb::ColumnFamilyOptions family_options(FamilyKind kind, const SharedResources::Rep& shared) {
    rocksdb::ColumnFamilyOptions options;
    options.write_buffer_size = write_buffer_bytes(kind);
    options.arena_block_size = kind == FamilyKind::kSmall ? 8 * kKiB : 32 * kKiB;
    options.max_write_buffer_number = 3;
    options.min_write_buffer_number_to_merge = 1;
    options.compaction_style = rocksdb::kCompactionStyleLevel;
    options.num_levels = 7;
    options.level0_file_num_compaction_trigger = 4;
    options.level0_slowdown_writes_trigger = 20;
    options.level0_stop_writes_trigger = 36;
    options.target_file_size_base = 32 * kMiB;
    options.max_bytes_for_level_base = 256 * kMiB;
    options.level_compaction_dynamic_level_bytes = true;
    options.force_consistency_checks = true;
    options.paranoid_file_checks = false;  // blocks are checked when read
    options.ttl = 0;
    options.periodic_compaction_seconds = 0;
    options.compression =
        kind == FamilyKind::kPayload ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
    options.bottommost_compression = rocksdb::kDisableCompressionOption;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(kind, shared)));
    return options;
}

rocksdb::ColumnFamilyOptions unused_family_options(const SharedResources::Rep& shared) {
    auto options = family_options(FamilyKind::kSmall, shared);
    options.write_buffer_size = 64 * kKiB;
    options.arena_block_size = 4 * kKiB;
    return options;
}

SharedResources::SharedResources(Options options) : rep_(std::make_unique<Rep>()) {
    rep_->env = options.env != nullptr ? options.env : rocksdb::Env::Default();
    rocksdb::LRUCacheOptions cache;
    cache.capacity = options.block_cache_bytes;
    cache.num_shard_bits = 4;
    cache.strict_capacity_limit = false;
    cache.high_pri_pool_ratio = 0.5;
    rep_->block_cache = rocksdb::NewLRUCache(cache);
    rep_->write_buffers = std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes);
    rep_->logger = std::make_shared<ForwardingLogger>();
    rep_->env->SetBackgroundThreads(2, rocksdb::Env::LOW);
    rep_->env->SetBackgroundThreads(1, rocksdb::Env::HIGH);
    rep_->env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
}

SharedResources::~SharedResources() = default;

}  // namespace qdrantd::store
