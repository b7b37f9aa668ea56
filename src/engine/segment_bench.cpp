// SPDX-License-Identifier: Apache-2.0
// What a segment costs on a RocksDB store: upsert, search by plan, opening. 384 floats per vector,
// points around a few hundred centres; QDRANTD_BENCH_POINTS sets how many (20,000).
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>

#include <benchmark/benchmark.h>

#include <qdrantd/common/random.hpp>
#include <qdrantd/engine/segment.hpp>
#include <qdrantd/model/validate.hpp>
#include <qdrantd/store/rocksdb_store.hpp>

namespace qdrantd::engine {
namespace {

constexpr std::uint32_t kDimension = 384;
constexpr std::size_t kBatch = 100;

std::uint64_t points_wanted() {
    const char* given = std::getenv("QDRANTD_BENCH_POINTS");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : 20'000;
}

model::JsonPath path_of(const char* text) { return model::JsonPath::parse(text).value(); }

model::DenseVector some_vector(Random& random) {
    Random centre(random.below(300));
    model::DenseVector vector(kDimension);
    for (auto& value : vector) {
        value = static_cast<float>(centre.unit() - 0.5 + 0.5 * (random.unit() - 0.5));
    }
    model::normalise(vector);
    return vector;
}

class World {
  public:
    World() : folder_(std::filesystem::temp_directory_path() / "qdrantd_segment_bench") {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        store_ = store::open_rocksdb(folder_ / "store",
                                     {{"log", store::FamilyKind::kLog},
                                      {"points", store::FamilyKind::kPoints},
                                      {"slots", store::FamilyKind::kPoints},
                                      {"payload", store::FamilyKind::kPayload},
                                      {"meta", store::FamilyKind::kSmall}},
                                     shared_)
                     .value();
        config_.params.vectors.single = true;
        config_.params.vectors.by_name[""].size = kDimension;
        config_.optimizers.indexing_threshold = 1;
        schema_[path_of("group")] = {};
        schema_[path_of("n")] = {model::FieldType::kInteger};
        segment_ = Segment::create(options()).value();
    }
    ~World() {
        segment_.reset();
        store_.reset();
        std::filesystem::remove_all(folder_);
    }

    SegmentOptions options() { return {folder_ / "segment", 1, store_.get(), config_, schema_}; }
    Segment& segment() { return *segment_; }

    void put(std::uint64_t first, std::size_t count) {
        PutPoints put;
        for (std::size_t i = 0; i < count; ++i) {
            const auto n = first + i;
            put.points.push_back(
                {model::PointId(n),
                 {{"", some_vector(random_)}},
                 model::Payload::trusted(
                     R"({"group":"g)" + std::to_string(n % 100) + R"(","n":)" + std::to_string(n) +
                     R"(,"plain":)" + std::to_string(n % 10) +
                     R"(,"text":"a description of about the usual length, one line of words"})")});
        }
        begin_ = std::chrono::steady_clock::now();
        store::WriteBatch batch;
        const OpSeq seq(++seq_);
        if (!segment_->stage(seq, put, batch).ok()) std::abort();
        if (!store_->write(batch, store::Sync::kNoSync).ok()) std::abort();
        segment_->publish(seq);
    }
    /// Of the last put, without making its input.
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }
    void fill() {
        if (filled_) return;
        filled_ = true;
        for (std::uint64_t n = 0; n < points_wanted(); n += kBatch)
            put(n, kBatch);
        while (segment_->index_some(4096) > 0) {
        }
    }
    void reopen() {
        const auto manifest = segment_->checkpoint(true).value();
        segment_.reset();
        begin_ = std::chrono::steady_clock::now();
        segment_ = Segment::open(options(), manifest).value();
        if (!segment_->finish_replay(OpSeq(seq_)).ok()) std::abort();
    }
    Random& random() { return random_; }

  private:
    std::filesystem::path folder_;
    store::SharedResources shared_{store::SharedResources::Options{}};
    std::unique_ptr<store::KvStore> store_;
    model::CollectionConfig config_;
    std::map<model::JsonPath, model::FieldSchema> schema_;
    std::unique_ptr<Segment> segment_;
    Random random_{42};
    std::uint64_t seq_ = 0;
    bool filled_ = false;
    std::chrono::steady_clock::time_point begin_;
};

World& world() {
    static World one;
    return one;
}

void put_points(benchmark::State& state) {
    auto& w = world();
    std::uint64_t n = std::uint64_t{1} << 40;
    for (auto _ : state) {
        w.put(n, kBatch);
        state.SetIterationTime(w.seconds());
        n += kBatch;
    }
    state.SetItemsProcessed(state.iterations() * std::int64_t{kBatch});
}
BENCHMARK(put_points)->UseManualTime()->Iterations(50)->Unit(benchmark::kMicrosecond);

void search(benchmark::State& state, const char* key, double below, bool exact) {
    auto& w = world();
    w.fill();
    model::QueryRequest request;
    request.limit = 10;
    request.params.exact = exact;
    if (key != nullptr) {
        model::Range range;
        range.lt =
            below * (std::string_view(key) == "plain" ? 10 : static_cast<double>(points_wanted()));
        model::Filter filter;
        filter.must.emplace_back(model::FieldCondition{path_of(key), range});
        request.filter = filter;
    }
    Random random(7);
    std::vector<model::DenseVector> queries;
    for (int i = 0; i < 64; ++i)
        queries.push_back(some_vector(random));
    std::size_t at = 0;
    for (auto _ : state) {
        request.nearest = model::NearestQuery{model::VectorValue(queries[at++ % queries.size()])};
        auto found = w.segment().query(request, Deadline::never());
        if (!found.ok() || found->size() != 10) state.SkipWithError("wrong number of points");
        benchmark::DoNotOptimize(found);
    }
}
BENCHMARK_CAPTURE(search, graph, nullptr, 1.0, false)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search, exact, nullptr, 1.0, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search, indexed_1_percent, "n", 0.01, false)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search, indexed_10_percent, "n", 0.1, false)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search, indexed_50_percent, "n", 0.5, false)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search, unindexed_10_percent, "plain", 0.1, false)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search, unindexed_50_percent, "plain", 0.5, false)->Unit(benchmark::kMicrosecond);

void reopen(benchmark::State& state) {
    auto& w = world();
    w.fill();
    for (auto _ : state) {
        w.reopen();
        state.SetIterationTime(w.seconds());
    }
}
BENCHMARK(reopen)->UseManualTime()->Iterations(2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace qdrantd::engine

BENCHMARK_MAIN();
