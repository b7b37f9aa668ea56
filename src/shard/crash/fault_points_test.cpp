// SPDX-License-Identifier: Apache-2.0
// Fails a shard at every named step of writing, checkpoints, rebuilding and creation, and drops it
// there; whatever the step, opening it again shows all that was acknowledged. Then fails the n-th
// disk step, for every n, and fills the disk.
#include <cerrno>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include <qdrantd/common/fault_point.hpp>
#include <qdrantd/store/testing/unreliable_disk.hpp>

#include "shard/crash/shard_model.hpp"

namespace qdrantd::shard {
namespace {

using store::UnreliableDisk;

ShardOptions busy(ShardHome& home, const std::string& folder) {
    auto options = home.options(folder);
    options.checkpoint_log_bytes = 8192;
    options.log_tail_bytes = 1024;
    options.config.optimizers.vacuum_min_vector_number = 20;
    options.config.optimizers.deleted_threshold = 0.3;
    return options;
}

/// Opens again until the disk lets it, and compares.
void expect_state(const std::string& folder, ShardModel& model, std::uint64_t acknowledged) {
    ShardHome home;
    auto opened = Shard::open(busy(home, folder));
    ASSERT_TRUE(opened.ok()) << describe(opened.error());
    ASSERT_EQ(opened.value()->info().failure, "");
    const auto applied = opened.value()->info().applied.value;
    ASSERT_GE(applied, acknowledged);
    ASSERT_LE(applied, model.operations());
    const auto found = ShardModel::of(*opened.value());
    ASSERT_TRUE(found.ok()) << describe(found.error());
    EXPECT_EQ(ShardModel::difference(model.after(applied), found.value()), "");
}

class FaultPointTest : public ::testing::TestWithParam<const char*> {
  protected:
    void TearDown() override { install_fault_handler({}); }
};

INSTANTIATE_TEST_SUITE_P(Points, FaultPointTest,
                         ::testing::Values("shard.create.batch", "shard.create.mark",
                                           "shard.batch.before", "shard.batch.after",
                                           "shard.batch.published", "shard.checkpoint.begin",
                                           "shard.checkpoint.files", "shard.checkpoint.manifest",
                                           "shard.checkpoint.mark", "shard.log.cut",
                                           "shard.checkpoint.end", "shard.vacuum.begin",
                                           "shard.vacuum.indexed", "shard.vacuum.files",
                                           "shard.vacuum.switch", "shard.vacuum.switched"),
                         [](const auto& each) {
                             std::string name = each.param;
                             std::replace(name.begin(), name.end(), '.', '_');
                             return name;
                         });

/// The power goes at the step: nothing reaches the disk from there on.
TEST_P(FaultPointTest, CrashLosesNothingAcknowledged) {
    const auto seed = test_seed();
    SCOPED_TRACE(replay_command(seed));
    Random random(seed);
    const std::string folder = fast_folder("fault_point");
    auto disk = std::make_unique<UnreliableDisk>(folder);
    ShardModel model(60);
    std::uint64_t acknowledged = 0;
    std::atomic<int> left = random.chance(0.5) ? 0 : static_cast<int>(random.below(3));
    install_fault_handler([&](std::string_view name) {
        if (name != GetParam() || left-- != 0) return false;
        disk->power_off();
        return true;
    });
    {
        ShardHome home(disk->env());
        auto opened = Shard::open(busy(home, folder));
        if (opened.ok()) {
            const auto deadline = Deadline::after(std::chrono::seconds(20));
            while (!disk->is_off() && !deadline.passed()) {
                if (!apply(*opened.value(), model.next(random)).ok()) break;
                ++acknowledged;
            }
        }
        // Creation passes its points once.
        if (std::string_view(GetParam()).starts_with("shard.create")) disk->power_off();
        EXPECT_TRUE(disk->is_off()) << "the point was never reached";
        disk->power_off();
    }
    install_fault_handler({});
    disk->write_image(folder + ".image", random);
    disk.reset();
    expect_state(folder + ".image", model, acknowledged);
    std::filesystem::remove_all(folder);
    std::filesystem::remove_all(folder + ".image");
}

/// One operation at a time while the n-th disk step fails. An operation that was refused is there
/// wholly or not at all.
class FailingDisk {
  public:
    FailingDisk(std::uint64_t seed, int error_number)
        : random_(seed), error_number_(error_number), folder_(fast_folder("failing_disk")) {}

    /// False when the step was never reached.
    bool run(std::uint64_t step) {
        UnreliableDisk disk(folder_);
        ShardHome home(disk.env());
        auto opened = Shard::open(busy(home, folder_));
        EXPECT_TRUE(opened.ok());
        if (!opened.ok()) return false;
        auto& shard = *opened.value();
        const auto before = disk.steps();
        disk.fail_step(step, error_number_);
        for (int i = 0; i < 25; ++i) {
            auto operation = model_.next(random_);
            const auto done = apply(shard, std::move(operation)).ok();
            if (!done && !settle(shard)) return false;
        }
        const bool reached = disk.steps() - before > step;
        // The step may have hit a checkpoint, and the shard be on its way back.
        std::optional<ShardModel::State> found;
        EXPECT_TRUE(wait_until([&] {
            auto state = ShardModel::of(shard);
            if (state.ok()) found = std::move(state).value();
            return found.has_value();
        })) << shard.info().failure;
        if (found) {
            EXPECT_EQ(ShardModel::difference(model_.after(model_.operations()), *found), "");
        }
        return reached;
    }

  private:
    /// Waits until the shard works again and finds out what became of the operation that was
    /// refused.
    bool settle(Shard& shard) {
        std::optional<ShardModel::State> found;
        const bool back = wait_until([&] {
            if (!shard.info().failure.empty()) return false;
            auto state = ShardModel::of(shard);
            if (state.ok()) found = std::move(state).value();
            return found.has_value();
        });
        EXPECT_TRUE(back) << shard.info().failure;
        if (!back) return false;
        const auto last = model_.operations();
        if (ShardModel::difference(model_.after(last), *found).empty()) return true;
        EXPECT_EQ(ShardModel::difference(model_.after(last - 1), *found), "");
        model_.forget_after(last - 1);
        return true;
    }

    Random random_;
    const int error_number_;
    const std::string folder_;
    ShardModel model_{40};
};

class FailingStepTest : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Errors, FailingStepTest, ::testing::Values(EIO, ENOSPC),
                         [](const auto& each) { return each.param == EIO ? "eio" : "enospc"; });

TEST_P(FailingStepTest, EveryStepMayFailOnce) {
    const auto seed = test_seed();
    SCOPED_TRACE(replay_command(seed));
    Random seeds(seed);
    std::uint64_t step = 0;
    // Neighbouring steps are alike; the stride keeps the test short and drawn anew each time.
    for (; step < 200 && !HasFailure(); step += 1 + seeds.below(8)) {
        SCOPED_TRACE(fmt::format("step {}", step));
        if (!FailingDisk(seeds.next(), GetParam()).run(step)) break;
    }
    EXPECT_GT(step, 50U);
}

TEST(FullDiskTest, RefusesAndResumesByItself) {
    const std::string folder = fast_folder("full_disk");
    {
        UnreliableDisk disk(folder);
        ShardHome home(disk.env());
        auto opened = Shard::open(busy(home, folder));
        ASSERT_TRUE(opened.ok());
        auto& shard = *opened.value();
        ASSERT_TRUE(apply(shard, upsert({test_point(1, 1)})).ok());
        for (int round = 0; round < 3; ++round) {
            disk.set_full(true);
            for (int i = 0; i < 5; ++i) {
                const auto refused = apply(shard, upsert({test_point(2, 1)}));
                ASSERT_FALSE(refused.ok());
                EXPECT_EQ(refused.error().code, ErrorCode::kInsufficientStorage)
                    << describe(refused.error());
                EXPECT_TRUE(refused.error().message.starts_with("No space left on device"));
            }
            EXPECT_EQ(shard.count({}, Deadline::never()).value(), round == 0 ? 1U : 2U);
            disk.set_full(false);
            ASSERT_TRUE(wait_until([&] { return apply(shard, upsert({test_point(3, 1)})).ok(); }));
        }
    }
    ShardHome home;
    auto opened = Shard::open(busy(home, folder));
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened.value()->count({}, Deadline::never()).value(), 2U);
    opened.value().reset();
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace qdrantd::shard
