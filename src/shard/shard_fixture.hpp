// SPDX-License-Identifier: Apache-2.0
// What tests of a shard share: a folder, pools, store resources, and calls that wait for their
// answer. For tests only.
#pragma once

#include <cstdlib>
#include <future>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>
#include <qdrantd/shard/shard.hpp>
#include <qdrantd/store/file.hpp>

namespace qdrantd::shard {

inline constexpr std::uint32_t kTestDimension = 4;

inline model::CollectionConfig test_config() {
    model::CollectionConfig config;
    model::VectorParams params;
    params.size = kTestDimension;
    params.distance = model::Distance::kDot;
    config.params.vectors.single = true;
    config.params.vectors.by_name[""] = params;
    config.optimizers.flush_interval_sec = 3600;
    return config;
}

inline model::Point test_point(std::uint64_t id, float value, const std::string& payload = "{}") {
    return {model::PointId(id),
            {{"", model::DenseVector{value, static_cast<float>(id), 1, 0}}},
            model::Payload::trusted(payload)};
}

inline model::UpsertPoints upsert(std::vector<model::Point> points) {
    model::UpsertPoints operation;
    operation.points = std::move(points);
    return operation;
}

/// From QDRANTD_SEED, or drawn.
inline std::uint64_t test_seed() {
    const char* given = std::getenv("QDRANTD_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : Random::entropy();
}

inline std::string replay_command(std::uint64_t seed) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return fmt::format("replay: QDRANTD_SEED={} <test binary> --gtest_filter={}.{}", seed,
                       test->test_suite_name(), test->name());
}

/// Pools and store resources; outlives its shards.
class ShardHome {
  public:
    explicit ShardHome(rocksdb::Env* env = nullptr)
        : shared({.block_cache_bytes = 8UL << 20, .write_buffer_bytes = 32UL << 20, .env = env}),
          writers({.name = "writer", .threads = 1}),
          background({.name = "background", .threads = 2}) {}
    ~ShardHome() {
        writers.stop();
        background.stop();
    }

    ShardOptions options(const std::string& folder) {
        ShardOptions options;
        options.folder = folder;
        options.config = test_config();
        options.writers = &writers;
        options.background = &background;
        options.shared = &shared;
        return options;
    }

    store::SharedResources shared;
    ThreadPool writers;
    ThreadPool background;
};

/// Sends an update; the future has the answer.
inline std::future<Result<model::UpdateResult>> send(Shard& shard, model::UpdateOperation operation,
                                                     bool wait = true,
                                                     Deadline deadline = Deadline::never()) {
    auto promise = std::make_shared<std::promise<Result<model::UpdateResult>>>();
    auto answer = promise->get_future();
    shard.update(
        std::move(operation), wait, deadline,
        [promise](Result<model::UpdateResult> result) { promise->set_value(std::move(result)); });
    return answer;
}

inline Result<model::UpdateResult> apply(Shard& shard, model::UpdateOperation operation) {
    return send(shard, std::move(operation)).get();
}

/// Every point by id, as a scroll shows it.
inline Result<std::map<model::PointId, model::Record>> all_points(const Shard& shard) {
    std::map<model::PointId, model::Record> out;
    model::ScrollRequest request;
    request.limit = 1000;
    request.with_vector = model::VectorSelector::all();
    while (true) {
        QD_ASSIGN(auto page, shard.scroll(request, Deadline::never()));
        for (auto& record : page.points)
            out.emplace(record.id, std::move(record));
        if (!page.next_offset) return out;
        request.offset = page.next_offset;
    }
}

/// Waits for a condition; no fixed sleep decides anything.
inline bool wait_until(const std::function<bool()>& condition, int seconds = 20) {
    const auto deadline = Deadline::after(std::chrono::seconds(seconds));
    while (!condition()) {
        if (deadline.passed()) return false;
        std::this_thread::yield();
    }
    return true;
}

}  // namespace qdrantd::shard
