// SPDX-License-Identifier: Apache-2.0
// A segment on a store in memory, as a shard would drive it, for tests: operations are logged,
// staged, written and published; reopen() replays the log behind the last checkpoint.
// Thread safety: none, except that reads of segment() may run in other threads.
#pragma once

#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>
#include <qdrantd/engine/segment.hpp>
#include <qdrantd/store/file.hpp>
#include <qdrantd/store/memory_store.hpp>

namespace qdrantd::engine {

inline std::uint64_t seed_of_run() {
    const char* given = std::getenv("QDRANTD_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : Random::entropy();
}

inline std::string replay_command(std::uint64_t seed) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return "replay: QDRANTD_SEED=" + std::to_string(seed) +
           " engine_test --gtest_filter=" + test->test_suite_name() + "." + test->name();
}

inline model::JsonPath path_of(const char* text) { return model::JsonPath::parse(text).value(); }
inline model::Payload payload_of_json(std::string json) {
    return model::Payload::parse(json).value();
}

inline model::CollectionConfig config_of(std::uint32_t size, model::Distance distance) {
    model::CollectionConfig config;
    config.params.vectors.single = true;
    config.params.vectors.by_name[""] = {size, distance, {}, {}, {}, {}};
    return config;
}

class SegmentFixture {
  public:
    explicit SegmentFixture(model::CollectionConfig config, std::string suffix = {})
        : config_(std::move(config)), store_(5) {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        std::string name = std::string(test->test_suite_name()) + "_" + test->name() + suffix;
        for (auto& c : name)
            c = c == '/' ? '_' : c;
        folder_ = ::testing::TempDir() + "/segment_" + name;
        manifest_.number = 1;
        auto made = Segment::create(options());
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : describe(made.error()));
        segment_ = std::move(made).value();
    }
    ~SegmentFixture() {
        segment_.reset();
        ignore_result(store::remove_tree(folder_), "the test is over");
    }
    SegmentFixture(const SegmentFixture&) = delete;
    SegmentFixture& operator=(const SegmentFixture&) = delete;

    Segment& segment() { return *segment_; }
    Segment* operator->() { return segment_.get(); }
    store::MemoryStore& store() { return store_; }
    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] OpSeq applied() const { return applied_; }
    std::map<model::JsonPath, model::FieldSchema>& schema() { return schema_; }
    SegmentManifest& manifest() { return manifest_; }
    model::CollectionConfig& config() { return config_; }

    /// Stages without writing; the caller publishes with finish() or discards.
    Status stage(Effect effect) {
        const OpSeq seq(applied_.value + staged_.size() + 1);
        QD_TRY(segment_->stage(seq, effect, batch_));
        std::string bytes;
        encode_effect(effect, bytes);
        staged_.push_back(std::move(bytes));
        return {};
    }
    void finish() {
        EXPECT_TRUE(store_.write(batch_, store::Sync::kNoSync).ok());
        batch_.clear();
        for (auto& bytes : staged_)
            log_.push_back(std::move(bytes));
        applied_ = OpSeq(applied_.value + staged_.size());
        staged_.clear();
        segment_->publish(applied_);
    }
    void discard() {
        batch_.clear();
        staged_.clear();
        segment_->discard();
    }
    void apply(Effect effect) {
        const auto staged = stage(std::move(effect));
        ASSERT_TRUE(staged.ok()) << describe(staged.error());
        finish();
    }
    void put(model::PointId id, model::DenseVector vector, const std::string& json = "{}") {
        PutPoints put;
        put.points.push_back({id, {{"", std::move(vector)}}, payload_of_json(json)});
        apply(std::move(put));
    }
    void checkpoint(bool stopping = false) {
        auto made = segment_->checkpoint(stopping);
        ASSERT_TRUE(made.ok()) << describe(made.error());
        manifest_ = SegmentManifest::decode(made->encode()).value();
        segment_->release_files(manifest_);
    }
    /// As after a crash: what was written is there, what was only in memory is not.
    Status reopen() {
        segment_.reset();
        auto opened = Segment::open(options(), manifest_);
        if (!opened.ok()) return opened.error();
        segment_ = std::move(opened).value();
        for (auto seq = manifest_.covered.value; seq < applied_.value; ++seq) {
            QD_ASSIGN(const auto effect, decode_effect(log_[seq]));
            QD_TRY(segment_->replay(OpSeq(seq + 1), effect));
        }
        return segment_->finish_replay(applied_);
    }
    void link_all() {
        while (segment_->index_some(1000) > 0) {
        }
    }

    SegmentOptions options() { return {folder_, 1, &store_, config_, schema_}; }

  private:
    model::CollectionConfig config_;
    store::MemoryStore store_;
    std::string folder_;
    std::map<model::JsonPath, model::FieldSchema> schema_;
    std::unique_ptr<Segment> segment_;
    SegmentManifest manifest_;
    OpSeq applied_;
    std::vector<std::string> log_;
    std::vector<std::string> staged_;
    store::WriteBatch batch_;
};

inline model::QueryRequest nearest(model::DenseVector vector, std::uint64_t limit) {
    model::QueryRequest request;
    request.nearest = model::NearestQuery{model::VectorValue(std::move(vector))};
    request.limit = limit;
    return request;
}

inline model::Filter keyword_filter(const char* path, std::string value) {
    model::Filter filter;
    filter.must.emplace_back(
        model::FieldCondition{path_of(path), model::Match(model::MatchValue{std::move(value)})});
    return filter;
}

inline model::Filter below_filter(const char* path, double bound) {
    model::Filter filter;
    model::Range range;
    range.lt = bound;
    filter.must.emplace_back(model::FieldCondition{path_of(path), range});
    return filter;
}

template <typename Points>
std::vector<std::uint64_t> numbers_of(const Points& points) {
    std::vector<std::uint64_t> out;
    for (const auto& point : points)
        out.push_back(point.id.number());
    return out;
}

}  // namespace qdrantd::engine
