// SPDX-License-Identifier: Apache-2.0
// Upload into one shard: 100 points of 384 dimensions per update, a few updates in flight, by
// durability. Counters: points/s and CPU microseconds per point (all threads of the process; graphs
// are not built).
#include <condition_variable>
#include <ctime>
#include <filesystem>

#include <benchmark/benchmark.h>

#include <qdrantd/common/random.hpp>
#include <qdrantd/shard/shard.hpp>

namespace qdrantd::shard {
namespace {

constexpr std::uint32_t kDimension = 384;
constexpr std::size_t kPointsPerUpdate = 100;
constexpr std::size_t kInFlight = 8;

double cpu_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Lets no more than kInFlight updates be on their way.
class Window {
  public:
    void enter() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return inside_ < kInFlight; });
        ++inside_;
    }
    void leave(bool ok) {
        const std::lock_guard lock(mutex_);
        --inside_;
        failed_ += ok ? 0U : 1U;
        changed_.notify_all();
    }
    std::size_t drain() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return inside_ == 0; });
        return failed_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t inside_ = 0;
    std::size_t failed_ = 0;
};

void upload(benchmark::State& state) {
    const std::string folder = std::filesystem::temp_directory_path() / "qdrantd_shard_bench";
    std::filesystem::remove_all(folder);
    store::SharedResources shared(store::SharedResources::Options{});
    ThreadPool writers({.name = "writer", .threads = 1});
    ThreadPool background({.name = "background", .threads = 1, .nice = 19});
    ShardOptions options;
    options.folder = folder;
    options.durability = static_cast<Durability>(state.range(0));
    options.config.params.vectors.single = true;
    model::VectorParams params;
    params.size = kDimension;
    params.distance = model::Distance::kCosine;
    options.config.params.vectors.by_name[""] = params;
    options.config.optimizers.indexing_threshold = 0;
    options.writers = &writers;
    options.background = &background;
    options.shared = &shared;
    auto opened = Shard::open(std::move(options));
    if (!opened.ok()) {
        state.SkipWithError(describe(opened.error()).c_str());
        return;
    }
    Random random(1);
    std::vector<float> values(kDimension * kPointsPerUpdate);
    for (auto& x : values)
        x = static_cast<float>(random.unit()) - 0.5F;
    const auto payload =
        model::Payload::trusted(R"({"title":"a title","year":1999,"tag":["a","b"]})");

    Window window;
    std::uint64_t id = 0;
    const double cpu = cpu_seconds();
    for (auto unused : state) {
        model::UpsertPoints operation;
        operation.points.reserve(kPointsPerUpdate);
        for (std::size_t i = 0; i < kPointsPerUpdate; ++i) {
            const auto* row = values.data() + i * kDimension;
            operation.points.push_back(
                {model::PointId(++id), {{"", model::DenseVector(row, row + kDimension)}}, payload});
        }
        window.enter();
        opened.value()->update(
            std::move(operation), true, Deadline::never(),
            [&window](Result<model::UpdateResult> result) { window.leave(result.ok()); });
    }
    if (window.drain() > 0) state.SkipWithError("an update was refused");
    const double used = cpu_seconds() - cpu;
    state.SetItemsProcessed(static_cast<std::int64_t>(id));
    state.counters["cpu_us_per_point"] = used * 1e6 / static_cast<double>(id);
    opened.value()->stop();
    opened.value().reset();
    std::filesystem::remove_all(folder);
}

BENCHMARK(upload)
    ->ArgName("durability")
    ->Arg(static_cast<int>(Durability::kDisk))
    ->Arg(static_cast<int>(Durability::kInterval))
    ->Arg(static_cast<int>(Durability::kOs))
    ->Iterations(300)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace qdrantd::shard

BENCHMARK_MAIN();
