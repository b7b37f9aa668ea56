// SPDX-License-Identifier: Apache-2.0
// Every RocksDB option that matters, set on purpose (reasons: docs/formats/shard-store.md).
// Private to store. Thread safety: free functions.
#pragma once

#include <memory>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/write_buffer_manager.h>

#include <qdrantd/store/rocksdb_store.hpp>

namespace qdrantd::store {

struct SharedResources::Rep {
    rocksdb::Env* env = nullptr;
    std::shared_ptr<rocksdb::Cache> block_cache;
    std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
    std::shared_ptr<rocksdb::Logger> logger;
};

rocksdb::DBOptions database_options(const SharedResources::Rep& shared);
rocksdb::ColumnFamilyOptions family_options(FamilyKind kind, const SharedResources::Rep& shared);
/// For the family RocksDB insists on; nothing is kept in it.
rocksdb::ColumnFamilyOptions unused_family_options(const SharedResources::Rep& shared);

}  // namespace qdrantd::store
