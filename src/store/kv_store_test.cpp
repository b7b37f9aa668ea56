// SPDX-License-Identifier: Apache-2.0
// The contract of KvStore, asked of RocksDB and of the double in memory.
#include <qdrantd/store/kv_store.hpp>

#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>
#include <qdrantd/store/file.hpp>
#include <qdrantd/store/memory_store.hpp>
#include <qdrantd/store/rocksdb_store.hpp>

namespace qdrantd::store {
namespace {

const std::vector<FamilySpec> kFamilies{
    {"log", FamilyKind::kLog}, {"payload", FamilyKind::kPayload}, {"meta", FamilyKind::kSmall}};

std::string test_folder() {
    std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '_');
    return ::testing::TempDir() + "/kv_store_test_" + name;
}

class KvStoreTest : public ::testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        ASSERT_TRUE(remove_tree(test_folder()).ok());
        if (GetParam()) {
            auto opened = open_rocksdb(test_folder(), kFamilies, shared_);
            ASSERT_TRUE(opened.ok()) << describe(opened.error());
            store_ = std::move(opened).value();
        } else {
            store_ = std::make_unique<MemoryStore>(kFamilies.size());
        }
    }
    void TearDown() override {
        store_.reset();
        ASSERT_TRUE(destroy_rocksdb(test_folder()).ok());
    }
    std::vector<std::string> keys(std::string lower = {}, std::string upper = {}) const {
        std::vector<std::string> out;
        for (auto i = store_->iterate(0, std::move(lower), std::move(upper)); i->valid();
             i->next()) {
            out.emplace_back(i->key());
        }
        return out;
    }

    SharedResources shared_{SharedResources::Options{}};
    std::unique_ptr<KvStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, KvStoreTest, ::testing::Bool(),
                         [](const auto& each) { return each.param ? "rocksdb" : "memory"; });

TEST_P(KvStoreTest, BatchesAreReadBackByFamily) {
    WriteBatch batch;
    batch.put(0, "k", "zero");
    batch.put(1, "k", std::string("a\0b", 3));
    batch.put(2, "gone", "x");
    batch.erase(2, "gone");
    EXPECT_EQ(batch.count(), 4U);
    EXPECT_GT(batch.bytes(), 10U);
    ASSERT_TRUE(store_->write(batch, Sync::kSync).ok());
    EXPECT_EQ(store_->get(0, "k").value(), "zero");
    EXPECT_EQ(store_->get(1, "k").value(), std::string("a\0b", 3));
    EXPECT_EQ(store_->get(2, "gone").value(), std::nullopt);
    batch.clear();
    EXPECT_EQ(batch.count(), 0U);
}

TEST_P(KvStoreTest, GetManyKeepsTheOrderOfTheKeys) {
    WriteBatch batch;
    batch.put(0, "a", "1");
    batch.put(0, "c", "3");
    ASSERT_TRUE(store_->write(batch, Sync::kNoSync).ok());
    const auto found = store_->get_many(0, {"c", "b", "a"}).value();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0], "3");
    EXPECT_EQ(found[1], std::nullopt);
    EXPECT_EQ(found[2], "1");
}

TEST_P(KvStoreTest, IteratorsHonourBoundsAndSeeTheirOwnMoment) {
    WriteBatch batch;
    for (const char* key : {"a", "b", "c", "d"})
        batch.put(0, key, "v");
    ASSERT_TRUE(store_->write(batch, Sync::kNoSync).ok());
    auto all = store_->iterate(0);
    WriteBatch more;
    more.put(0, "bb", "v");
    more.erase_range(0, "c", "d");
    ASSERT_TRUE(store_->write(more, Sync::kNoSync).ok());
    ASSERT_TRUE(store_->reclaim(0, "c", "d").ok());

    std::vector<std::string> before;
    for (; all->valid(); all->next())
        before.emplace_back(all->key());
    EXPECT_TRUE(all->status().ok());
    EXPECT_EQ(before, (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(keys(), (std::vector<std::string>{"a", "b", "bb", "d"}));
    EXPECT_EQ(keys("b", "d"), (std::vector<std::string>{"b", "bb"}));
    auto back = store_->iterate(0, "a", "d");
    back->seek_to_last();
    ASSERT_TRUE(back->valid());
    EXPECT_EQ(back->key(), "bb");
    back->prev();
    EXPECT_EQ(back->key(), "b");
    back->seek("bb");
    EXPECT_EQ(back->key(), "bb");
}

TEST_P(KvStoreTest, AgreesWithAMapUnderRandomOperations) {
    const auto seed =
        std::getenv("QDRANTD_SEED") ? std::stoull(std::getenv("QDRANTD_SEED")) : Random::entropy();
    SCOPED_TRACE(
        fmt::format("replay: QDRANTD_SEED={} store_test --gtest_filter=*AgreesWithAMap*", seed));
    Random random(seed);
    std::map<std::string, std::string> wanted;
    for (int round = 0; round < 200; ++round) {
        WriteBatch batch;
        for (int i = 0; i < 10; ++i) {
            const auto key = fmt::format("{:03}", random.below(300));
            if (random.chance(0.6)) {
                const auto value = std::string(random.below(50), 'v') + std::to_string(round);
                batch.put(0, key, value);
                wanted[key] = value;
            } else if (random.chance(0.9)) {
                batch.erase(0, key);
                wanted.erase(key);
            } else {
                const auto end = fmt::format("{:03}", random.below(300));
                if (end <= key) continue;
                batch.erase_range(0, key, end);
                wanted.erase(wanted.lower_bound(key), wanted.lower_bound(end));
            }
        }
        ASSERT_TRUE(store_->write(batch, Sync::kNoSync).ok());
        if (random.chance(0.02)) {
            ASSERT_TRUE(store_->flush().ok());
        }
    }
    std::map<std::string, std::string> found;
    for (auto i = store_->iterate(0); i->valid(); i->next()) {
        found.emplace(std::string(i->key()), std::string(i->value()));
    }
    EXPECT_EQ(found, wanted);
}

class RocksdbStoreTest : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(remove_tree(test_folder()).ok()); }
    void TearDown() override { ASSERT_TRUE(remove_tree(test_folder()).ok()); }
    void fill(const std::string& value) {
        auto store = open_rocksdb(test_folder(), kFamilies, shared_);
        ASSERT_TRUE(store.ok()) << describe(store.error());
        WriteBatch batch;
        for (int i = 0; i < 1000; ++i)
            batch.put(1, fmt::format("key{:05}", i), value);
        ASSERT_TRUE(store.value()->write(batch, Sync::kSync).ok());
        ASSERT_TRUE(store.value()->flush().ok());
    }
    SharedResources shared_{SharedResources::Options{}};
};

TEST_F(RocksdbStoreTest, KeepsDataOverReopening) {
    fill("v");
    auto store = open_rocksdb(test_folder(), kFamilies, shared_, OpenMode::kMustExist);
    ASSERT_TRUE(store.ok()) << describe(store.error());
    EXPECT_EQ(store.value()->get(1, "key00999").value(), "v");
    EXPECT_GT(store.value()->disk_bytes(), 1000U);
}

TEST_F(RocksdbStoreTest, MissingStoreIsRefusedWhereItMustExist) {
    const auto store = open_rocksdb(test_folder(), kFamilies, shared_, OpenMode::kMustExist);
    ASSERT_FALSE(store.ok());
    EXPECT_EQ(store.error().code, ErrorCode::kChecksum);
    EXPECT_FALSE(file_exists(test_folder()));
}

TEST_F(RocksdbStoreTest, OtherFamiliesAreRefused) {
    fill("v");
    const auto other = open_rocksdb(
        test_folder(), {{"log", FamilyKind::kLog}, {"other", FamilyKind::kPayload}}, shared_);
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.error().code, ErrorCode::kFormat);
}

TEST_F(RocksdbStoreTest, FlippedTableByteIsAChecksumError) {
    fill(std::string(100, 'v'));
    std::size_t flipped = 0;
    for (const auto& entry : std::filesystem::directory_iterator(test_folder())) {
        if (entry.path().extension() != ".sst") continue;
        std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(100);
        file.put('\x5a');
        ++flipped;
    }
    ASSERT_GT(flipped, 0U);
    auto store = open_rocksdb(test_folder(), kFamilies, shared_, OpenMode::kMustExist);
    ASSERT_TRUE(store.ok()) << describe(store.error());
    const auto value = store.value()->get(1, "key00000");
    ASSERT_FALSE(value.ok());
    EXPECT_EQ(value.error().code, ErrorCode::kChecksum);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kResidentBar = 16U << 20;  // shadow memory and quarantine are resident too
#else
constexpr std::uint64_t kResidentBar = 1U << 20;
#endif

TEST_F(RocksdbStoreTest, EmptyStoresAreCheap) {
    const auto resident = [] {
        std::ifstream statm("/proc/self/statm");
        std::uint64_t total = 0;
        std::uint64_t pages = 0;
        statm >> total >> pages;
        return pages * 4096;
    };
    std::vector<std::unique_ptr<KvStore>> stores;
    const auto open_one = [&](int i) {
        auto opened = open_rocksdb(fmt::format("{}/{}", test_folder(), i), kFamilies, shared_);
        ASSERT_TRUE(opened.ok()) << describe(opened.error());
        stores.push_back(std::move(opened).value());
    };
    for (int i = 0; i < 10; ++i)
        open_one(i);
    const auto before = resident();
    for (int i = 10; i < 60; ++i)
        open_one(i);
    const auto each = (resident() - before) / 50;
    RecordProperty("bytes_each", std::to_string(each));
    EXPECT_LE(each, kResidentBar);
}

TEST(MemoryStoreTest, FailsWritesWhenTold) {
    MemoryStore store(1);
    store.fail_writes(1, Error{ErrorCode::kInsufficientStorage, "full"});
    WriteBatch batch;
    batch.put(0, "a", "b");
    EXPECT_FALSE(store.write(batch, Sync::kSync).ok());
    EXPECT_EQ(store.get(0, "a").value(), std::nullopt);
    EXPECT_TRUE(store.write(batch, Sync::kSync).ok());
    EXPECT_EQ(store.get(0, "a").value(), "b");
    EXPECT_EQ(store.syncs(), 1U);
}

}  // namespace
}  // namespace qdrantd::store
