// SPDX-License-Identifier: Apache-2.0
// The inside of a WriteBatch: RocksDB's own batch, so that bytes are copied once. A batch is made
// without a store, so families are named by their number: family i is RocksDB's column family i + 1
// (0 is the one RocksDB insists on), which opening verifies.
#pragma once

#include <rocksdb/write_batch.h>

#include <qdrantd/store/kv_store.hpp>

namespace qdrantd::store {

struct WriteBatch::Rep {
    rocksdb::WriteBatch batch;
};

inline constexpr std::uint32_t kFirstFamilyId = 1;
inline constexpr Family kFamiliesMax = 16;

}  // namespace qdrantd::store
