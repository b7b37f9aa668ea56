// SPDX-License-Identifier: Apache-2.0
// Random operations beside a model in memory, with checkpoints, rebuilding, graph building and
// reopening at random; and single flips and truncations of every file, which must be found or be
// harmless.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "shard/crash/shard_model.hpp"

namespace qdrantd::shard {
namespace {

namespace fs = std::filesystem;

ShardOptions small_steps(ShardHome& home, const std::string& folder, Random& random) {
    auto options = home.options(folder);
    options.durability = static_cast<Durability>(random.below(3));
    options.sync_interval_ms = 1 + static_cast<std::uint32_t>(random.below(20));
    options.checkpoint_log_bytes = 4096 + random.below(100'000);
    options.log_tail_bytes = random.below(20'000);
    options.config.optimizers.vacuum_min_vector_number = 20;
    options.config.optimizers.indexing_threshold = 1;
    options.config.hnsw.m = 4;
    options.config.hnsw.ef_construct = 8;
    return options;
}

TEST(RandomOperationsTest, TheShardAgreesWithTheModelOverReopenings) {
    const auto seed = test_seed();
    SCOPED_TRACE(replay_command(seed));
    Random random(seed);
    const std::string folder = fast_folder("random_operations");
    fs::remove_all(folder);
    ShardModel model(150);
    for (int life = 0; life < 12 && !HasFailure(); ++life) {
        ShardHome home;
        auto opened = Shard::open(small_steps(home, folder, random));
        ASSERT_TRUE(opened.ok()) << describe(opened.error());
        ASSERT_EQ(opened.value()->info().failure, "");
        const auto operations = random.below(300);
        for (std::uint64_t i = 0; i < operations; ++i) {
            auto answer = send(*opened.value(), model.next(random), random.chance(0.5));
            if (random.chance(0.2)) {
                ASSERT_TRUE(answer.get().ok());
            }
        }
        ASSERT_TRUE(apply(*opened.value(), model.next(random)).ok());
        const auto found = ShardModel::of(*opened.value());
        ASSERT_TRUE(found.ok()) << describe(found.error());
        EXPECT_EQ(ShardModel::difference(model.after(model.operations()), *found), "");
    }
    fs::remove_all(folder);
}

/// The states of the shard's life, so that a harmless change can be told from a wrong answer.
TEST(DamageTest, DamagedFilesAreNeverServedAsIfWhole) {
    const auto seed = test_seed();
    SCOPED_TRACE(replay_command(seed));
    Random random(seed);
    const std::string folder = fast_folder("damage");
    const std::string whole = folder + ".whole";
    fs::remove_all(whole);
    ShardModel model(100);
    {
        ShardHome home;
        for (int life = 0; life < 2; ++life) {
            auto options = home.options(whole);
            if (life == 0) options.checkpoint_log_bytes = 10'000;
            auto opened = Shard::open(std::move(options));
            ASSERT_TRUE(opened.ok()) << describe(opened.error());
            for (int i = 0; i < 40; ++i) {
                ASSERT_TRUE(apply(*opened.value(), model.next(random)).ok());
            }
        }
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(whole)) {
        if (entry.is_regular_file() && entry.file_size() > 0) {
            files.push_back(fs::relative(entry.path(), whole));
        }
    }
    std::uint64_t found_out = 0;
    for (int round = 0; round < 120 && !HasFailure(); ++round) {
        fs::remove_all(folder);
        fs::copy(whole, folder, fs::copy_options::recursive);
        const auto path = fs::path(folder) / files[random.below(files.size())];
        const auto size = fs::file_size(path);
        std::string what;
        if (random.chance(0.2)) {
            what = fmt::format("{} truncated to {}", path.string(), random.below(size));
            fs::resize_file(path, random.below(size));
        } else if (random.chance(0.1)) {
            what = fmt::format("{} removed", path.string());
            fs::remove(path);
        } else {
            const auto at = random.below(size);
            what = fmt::format("{} flipped at {}", path.string(), at);
            std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
            file.seekg(static_cast<std::streamoff>(at));
            const int byte = file.get();
            file.seekp(static_cast<std::streamoff>(at));
            file.put(static_cast<char>(byte ^ (1 << random.below(8))));
        }
        SCOPED_TRACE(what);
        ShardHome home;
        auto opened = Shard::open(home.options(folder));
        if (!opened.ok() || !opened.value()->info().failure.empty()) {
            ++found_out;
            continue;
        }
        const auto state = ShardModel::of(*opened.value());
        if (!state.ok()) {
            ++found_out;
            continue;
        }
        // Bytes that nothing relies on: past what a checkpoint covers, lock files, old manifests.
        EXPECT_EQ(ShardModel::difference(model.after(model.operations()), *state), "");
    }
    EXPECT_GT(found_out, 20U);
    fs::remove_all(folder);
    fs::remove_all(whole);
}

}  // namespace
}  // namespace qdrantd::shard
