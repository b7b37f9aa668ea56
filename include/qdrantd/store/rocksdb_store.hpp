// SPDX-License-Identifier: Apache-2.0
// Opens KvStores on RocksDB. All options are set explicitly (design notes:
// docs/formats/shard-store.md), and all stores of a process share one block cache, one write-buffer
// manager and one Env, held by SharedResources. Thread safety: all.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <qdrantd/common/result.hpp>
#include <qdrantd/store/kv_store.hpp>

namespace rocksdb {
class Env;
}

namespace qdrantd::store {

/// What a family is for; decides compression, buffers and compaction.
enum class FamilyKind { kLog, kPoints, kSmall, kPayload };

struct FamilySpec {
    std::string name;
    FamilyKind kind = FamilyKind::kSmall;
};

class SharedResources {
  public:
    struct Options {
        std::size_t block_cache_bytes = 64UL << 20;
        std::size_t write_buffer_bytes = 128UL << 20;  // over all stores
        /// For tests: an Env that fails or forgets. Borrowed; nullptr = the operating system's.
        rocksdb::Env* env = nullptr;
    };
    explicit SharedResources(Options options);
    ~SharedResources();
    struct Rep;
    [[nodiscard]] Rep& rep() const { return *rep_; }

  private:
    std::unique_ptr<Rep> rep_;
};

enum class OpenMode { kOpenOrCreate, kMustExist };

/// Opens or makes the store in folder `path`. Families are numbered as listed; a store with other
/// families is refused (kFormat). A missing or damaged store is kChecksum with kMustExist.
/// After the disk was full, writing resumes by itself once there is space; where that is not
/// possible, it gives kIo, and the store must be opened anew.
Result<std::unique_ptr<KvStore>> open_rocksdb(const std::string& path,
                                              const std::vector<FamilySpec>& families,
                                              SharedResources& shared,
                                              OpenMode mode = OpenMode::kOpenOrCreate);
/// Removes the store's files.
Status destroy_rocksdb(const std::string& path);

}  // namespace qdrantd::store
