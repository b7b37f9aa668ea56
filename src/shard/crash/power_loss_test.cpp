// SPDX-License-Identifier: Apache-2.0
// Power loss, in process: random operations on a disk whose power goes at a random step; unsynced
// data is dropped or torn; what a restarted machine finds must hold every acknowledged operation,
// and be the state after a prefix of all operations (`durability: disk`).
#include <filesystem>

#include <gtest/gtest.h>

#include <qdrantd/store/testing/unreliable_disk.hpp>

#include "shard/crash/shard_model.hpp"

namespace qdrantd::shard {
namespace {

using store::UnreliableDisk;

struct Totals {
    std::uint64_t runs = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0;
    std::uint64_t unacknowledged_kept = 0;
    std::uint64_t in_recovery = 0;
};

ShardOptions stressed(ShardHome& home, const std::string& folder, Random& random) {
    auto options = home.options(folder);
    options.checkpoint_log_bytes = random.chance(0.7) ? 4096 + random.below(60'000) : 1UL << 30;
    options.log_tail_bytes = random.below(10'000);
    options.config.optimizers.vacuum_min_vector_number = 20;
    options.config.optimizers.deleted_threshold = 0.3;
    options.config.optimizers.indexing_threshold = random.chance(0.5) ? 1 : 0;
    options.config.hnsw.m = 4;
    options.config.hnsw.ef_construct = 8;
    return options;
}

class PowerLoss {
  public:
    explicit PowerLoss(std::uint64_t seed)
        : random_(seed), folder_(fast_folder("power_loss")), image_(folder_ + ".image") {}

    /// One life after another on the same data, until the power stays on.
    void run(Totals& totals) {
        ShardModel model(30 + random_.below(100));
        auto content = UnreliableDisk::Content::kNone;
        for (int life = 0; life < 3 && !::testing::Test::HasFailure(); ++life) {
            live(model, content, totals);
            std::filesystem::remove_all(folder_);
            std::filesystem::rename(image_, folder_);
            content = UnreliableDisk::Content::kKeep;
            if (random_.chance(0.5)) break;
        }
        verify(model, totals);
        ++totals.runs;
        std::filesystem::remove_all(folder_);
    }

  private:
    /// Works until the power goes.
    void live(ShardModel& model, UnreliableDisk::Content content, Totals& totals) {
        UnreliableDisk disk(folder_, content);
        {
            ShardHome home(disk.env());
            disk.power_off_at(random_.chance(0.15) ? random_.below(60) : random_.below(1200));
            auto opened = Shard::open(stressed(home, folder_, random_));
            if (opened.ok() && opened.value()->info().failure.empty()) {
                auto& shard = *opened.value();
                check(shard, model, totals);
                work(shard, disk, model, totals);
            } else {
                // Only the missing power may stop it from opening.
                EXPECT_TRUE(disk.is_off())
                    << (opened.ok() ? opened.value()->info().failure : describe(opened.error()));
                ++totals.in_recovery;
            }
            disk.power_off();
        }
        disk.write_image(image_, random_);
    }

    void work(Shard& shard, UnreliableDisk& disk, ShardModel& model, Totals& totals) {
        std::vector<std::future<Result<model::UpdateResult>>> answers;
        while (!disk.is_off() && answers.size() < 400) {
            const auto burst = 1 + random_.below(5);
            for (std::uint64_t i = 0; i < burst; ++i) {
                answers.push_back(send(shard, model.next(random_), random_.chance(0.8)));
            }
            answers.back().wait();
        }
        for (auto& answer : answers) {
            if (!answer.get().ok()) break;
            ++acknowledged_;
            ++totals.acknowledged;
        }
    }

    /// The state is the one after the operations that are in the log, and all acknowledged ones
    /// are.
    void check(const Shard& shard, ShardModel& model, Totals& totals) {
        const auto applied = shard.info().applied.value;
        EXPECT_GE(applied, acknowledged_) << "acknowledged operations are lost";
        EXPECT_LE(applied, model.operations());
        if (applied < acknowledged_) totals.lost += acknowledged_ - applied;
        if (applied > acknowledged_) totals.unacknowledged_kept += applied - acknowledged_;
        if (applied > model.operations()) return;
        const auto found = ShardModel::of(shard);
        ASSERT_TRUE(found.ok()) << describe(found.error());
        EXPECT_EQ(ShardModel::difference(model.after(applied), found.value()), "")
            << "after " << applied
            << " operations: " << model.history(model.after(applied), found.value());
        // What was in the log stays, acknowledged or not.
        model.forget_after(applied);
        acknowledged_ = applied;
    }

    void verify(ShardModel& model, Totals& totals) {
        ShardHome home;
        auto opened = Shard::open(home.options(folder_));
        ASSERT_TRUE(opened.ok()) << describe(opened.error());
        ASSERT_EQ(opened.value()->info().failure, "");
        check(*opened.value(), model, totals);
        // It works on.
        for (int i = 0; i < 3; ++i) {
            const auto result = apply(*opened.value(), model.next(random_));
            EXPECT_TRUE(result.ok()) << describe(result.error());
        }
        const auto found = ShardModel::of(*opened.value());
        ASSERT_TRUE(found.ok()) << describe(found.error());
        EXPECT_EQ(ShardModel::difference(model.after(model.operations()), found.value()), "");
    }

    Random random_;
    const std::string folder_;
    const std::string image_;
    std::uint64_t acknowledged_ = 0;
};

TEST(PowerLossTest, NothingAcknowledgedIsLost) {
    const auto seed = test_seed();
    SCOPED_TRACE(replay_command(seed));
    const char* wanted = std::getenv("QDRANTD_POWER_LOSS_RUNS");
    const std::uint64_t runs = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 200;
    Totals totals;
    Random seeds(seed);
    for (std::uint64_t run = 0; run < runs && !HasFailure(); ++run) {
        SCOPED_TRACE(fmt::format("run {}", run));
        PowerLoss(seeds.next()).run(totals);
    }
    fmt::print(
        "power loss: {} runs, {} acknowledged, {} lost, {} kept without acknowledgement, "
        "{} times while opening, seed {}\n",
        totals.runs, totals.acknowledged, totals.lost, totals.unacknowledged_kept,
        totals.in_recovery, seed);
    EXPECT_EQ(totals.lost, 0U);
    EXPECT_GT(totals.acknowledged, runs);
}

}  // namespace
}  // namespace qdrantd::shard
