// SPDX-License-Identifier: Apache-2.0
#include "cluster/catalog.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include <qdrantd/store/rocksdb_store.hpp>

#include "cluster/registry.hpp"

namespace qdrantd::cluster {
namespace {

class CatalogTest : public ::testing::Test {
  protected:
    CatalogTest() : folder_(std::filesystem::path(::testing::TempDir()) / "qdrantd_catalog_test") {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        reopen();
    }
    ~CatalogTest() override {
        catalog_.reset();
        std::filesystem::remove_all(folder_);
    }

    void reopen() {
        catalog_.reset();
        auto catalog = Catalog::open(folder_.string(), shared_);
        ASSERT_TRUE(catalog.ok()) << describe(catalog.error());
        catalog_ = std::move(*catalog);
    }

    static CatalogEntry entry(std::uint64_t number) {
        CatalogEntry made;
        made.folder_number = number;
        made.config.params.vectors.by_name["v"] = {.size = 8, .distance = model::Distance::kDot};
        made.schema[*model::JsonPath::parse("a[].b")] = {.type = model::FieldType::kInteger,
                                                         .object_form = true};
        made.shards = {ShardId(0), ShardId(1)};
        return made;
    }

    std::filesystem::path folder_;
    store::SharedResources shared_{store::SharedResources::Options{}};
    std::unique_ptr<Catalog> catalog_;
};

TEST_F(CatalogTest, KeepsCollectionsAndAliasesOverAReopening) {
    ASSERT_TRUE(catalog_->put_collection("one", entry(1)).ok());
    ASSERT_TRUE(catalog_->put_collection("two", entry(2)).ok());
    ASSERT_TRUE(catalog_->put_alias("x", "one").ok());
    ASSERT_TRUE(catalog_->put_alias("y", "two").ok());
    ASSERT_TRUE(catalog_->rename_alias("y", "z").ok());
    reopen();
    ASSERT_EQ(catalog_->collections().size(), 2U);
    const auto& one = catalog_->collections().at("one");
    EXPECT_EQ(one.config, entry(1).config);
    EXPECT_EQ(one.schema, entry(1).schema);
    EXPECT_EQ(one.shards, entry(1).shards);
    EXPECT_EQ(catalog_->aliases(),
              (std::map<std::string, std::string>{{"x", "one"}, {"z", "two"}}));
}

TEST_F(CatalogTest, NeverUsesAFolderTwiceAndKnowsWhichAreDoomed) {
    const auto number = catalog_->reserve_folder();
    ASSERT_TRUE(number.ok());
    EXPECT_EQ(catalog_->doomed(), std::set<std::uint64_t>{*number});
    ASSERT_TRUE(catalog_->put_collection("one", entry(*number)).ok());
    EXPECT_TRUE(catalog_->doomed().empty());
    ASSERT_TRUE(catalog_->put_alias("x", "one").ok());
    ASSERT_TRUE(catalog_->remove_collection("one").ok());
    EXPECT_TRUE(catalog_->aliases().empty());
    reopen();
    EXPECT_TRUE(catalog_->collections().empty());
    EXPECT_TRUE(catalog_->aliases().empty());
    EXPECT_EQ(catalog_->doomed(), std::set<std::uint64_t>{*number});
    ASSERT_TRUE(catalog_->forget_folder(*number).ok());
    EXPECT_GT(*catalog_->reserve_folder(), *number);
}

TEST_F(CatalogTest, ALostOrShortenedCatalogIsRefused) {
    ASSERT_TRUE(catalog_->put_collection("one", entry(1)).ok());
    catalog_.reset();
    const auto copy = folder_.string() + "_copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(folder_, copy, std::filesystem::copy_options::recursive);
    for (const auto& file : std::filesystem::directory_iterator(folder_ / "catalog")) {
        if (file.path().extension() == ".log") std::filesystem::resize_file(file.path(), 0);
    }
    EXPECT_FALSE(Catalog::open(folder_.string(), shared_).ok());
    std::filesystem::remove_all(folder_ / "catalog");
    EXPECT_FALSE(Catalog::open(folder_.string(), shared_).ok());
    const auto whole = Catalog::open(copy, shared_);
    ASSERT_TRUE(whole.ok()) << describe(whole.error());
    EXPECT_FALSE((*whole)->is_new());
    EXPECT_EQ((*whole)->collections().size(), 1U);
}

TEST(Registry, FindsByNameThenByAlias) {
    Registry registry;
    EXPECT_EQ(registry.find("c").error().message, "Collection `c` doesn't exist!");
    Registry::Table table;
    table.collections.emplace("c", nullptr);
    table.aliases.emplace("a", "c");
    registry.publish(std::move(table));
    EXPECT_TRUE(registry.find("a").ok());
    EXPECT_EQ(registry.resolve("a"), "c");
    EXPECT_EQ(registry.resolve("nobody"), "");
}

}  // namespace
}  // namespace qdrantd::cluster
