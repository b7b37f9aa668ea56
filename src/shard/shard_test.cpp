// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/shard/shard.hpp>

#include <gtest/gtest.h>

#include "shard/shard_data.hpp"
#include "shard/shard_fixture.hpp"
#include "shard/shard_meta.hpp"

namespace qdrantd::shard {
namespace {

using model::PointId;

class ShardTest : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = ::testing::TempDir() + "/shard_test_" +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name();
        ASSERT_TRUE(Shard::destroy(folder_).ok());
    }
    void TearDown() override {
        shard_.reset();
        ASSERT_TRUE(Shard::destroy(folder_).ok());
    }
    void open(const std::function<void(ShardOptions&)>& change = {}) {
        shard_.reset();
        auto options = home_.options(folder_);
        if (change) change(options);
        auto opened = Shard::open(std::move(options));
        ASSERT_TRUE(opened.ok()) << describe(opened.error());
        shard_ = std::move(opened).value();
    }
    [[nodiscard]] std::uint64_t count() const {
        return shard_->count({}, Deadline::never()).value();
    }
    [[nodiscard]] std::string payload_of(std::uint64_t id) const {
        model::RetrieveRequest request;
        request.ids = {PointId(id)};
        request.with_payload = model::PayloadSelector::all();
        const auto found = shard_->retrieve(request, Deadline::never());
        return found.ok() && found->size() == 1 ? *found->front().payload_json : "none";
    }
    void put(std::uint64_t first, std::uint64_t last, float value = 0) {
        std::vector<model::Point> points;
        for (auto id = first; id <= last; ++id)
            points.push_back(test_point(id, value));
        const auto result = apply(*shard_, upsert(std::move(points)));
        ASSERT_TRUE(result.ok()) << describe(result.error());
    }

    ShardHome home_;
    std::string folder_;
    std::unique_ptr<Shard> shard_;
};

TEST_F(ShardTest, AnsweredWritesAreSeenAndNumbered) {
    open();
    auto result = apply(*shard_, upsert({test_point(1, 2, R"({"a":1})"), test_point(2, 3)}));
    ASSERT_TRUE(result.ok()) << describe(result.error());
    EXPECT_EQ(result->operation_id, 1U);
    EXPECT_EQ(result->status, model::UpdateStatus::kCompleted);
    EXPECT_EQ(count(), 2U);
    EXPECT_EQ(payload_of(1), R"({"a":1})");
    result = send(*shard_, model::DeletePoints{std::vector{PointId(2)}}, false).get();
    EXPECT_EQ(result->status, model::UpdateStatus::kAcknowledged);
    EXPECT_EQ(result->operation_id, 2U);
    EXPECT_EQ(count(), 1U);
    EXPECT_EQ(shard_->info().applied, OpSeq(2));
}

TEST_F(ShardTest, EverythingIsThereAfterReopening) {
    open();
    put(1, 500, 1);
    put(400, 600, 2);
    ASSERT_TRUE(apply(*shard_, model::DeletePoints{std::vector{PointId(7), PointId(450)}}).ok());
    const auto before = all_points(*shard_).value();
    for (int round = 0; round < 3; ++round) {
        open();
        EXPECT_EQ(shard_->info().failure, "");
        const auto after = all_points(*shard_).value();
        ASSERT_EQ(after.size(), before.size());
        for (const auto& [id, record] : before) {
            EXPECT_EQ(after.at(id).vectors, record.vectors) << id.to_string();
        }
        put(1000, 1000 + static_cast<std::uint64_t>(round), 3);
        ASSERT_TRUE(apply(*shard_, model::DeletePoints{std::vector{PointId(1000), PointId(1001),
                                                                   PointId(1002)}})
                        .ok());
    }
}

TEST_F(ShardTest, SearchFindsTheNearest) {
    open();
    for (std::uint64_t id = 1; id <= 50; ++id)
        put(id, id, static_cast<float>(id));
    model::QueryRequest request;
    request.nearest = model::NearestQuery{model::VectorValue(model::DenseVector{1, 0, 0, 0})};
    request.limit = 3;
    const auto hits = shard_->query(request, Deadline::never());
    ASSERT_TRUE(hits.ok()) << describe(hits.error());
    ASSERT_EQ(hits->size(), 3U);
    EXPECT_EQ(hits->at(0).id, PointId(50));
    EXPECT_EQ(hits->at(0).version, 50U);
}

TEST_F(ShardTest, MissingIdsAreToldAfterTheOthersChanged) {
    open();
    put(1, 1);
    const model::SetPayload set{model::Payload::trusted(R"({"k":1})"),
                                std::vector{PointId(1), PointId(7)}, std::nullopt};
    const auto result = apply(*shard_, set);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(result.error().message, "No point with id 7 found");
    EXPECT_EQ(payload_of(1), R"({"k":1})");
    const auto unwaited = send(*shard_, set, false).get();
    ASSERT_TRUE(unwaited.ok());
    EXPECT_EQ(unwaited->status, model::UpdateStatus::kAcknowledged);
    const auto nothing = apply(*shard_, model::ClearPayload{std::vector{PointId(9)}});
    EXPECT_EQ(nothing.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(shard_->info().applied, OpSeq(3));
}

TEST_F(ShardTest, ConditionsSeeEveryEarlierOperation) {
    open();
    std::vector<std::future<Result<model::UpdateResult>>> answers;
    answers.push_back(send(*shard_, upsert({test_point(1, 1, R"({"v":0})")})));
    const auto version_is = [](std::int64_t wanted) {
        model::Filter filter;
        filter.must.emplace_back(model::FieldCondition{model::JsonPath::key("v"),
                                                       model::Match(model::MatchValue{wanted})});
        return filter;
    };
    for (std::int64_t version = 0; version < 20; ++version) {
        auto operation = upsert({test_point(1, static_cast<float>(version),
                                            fmt::format(R"({{"v":{}}})", version + 1))});
        operation.update_filter = version_is(version);
        answers.push_back(send(*shard_, operation));
        operation.update_filter = version_is(-1);
        answers.push_back(send(*shard_, operation));
    }
    answers.push_back(send(*shard_, model::SetPayload{model::Payload::trusted(R"({"done":true})"),
                                                      version_is(20), std::nullopt}));
    for (auto& answer : answers) {
        const auto result = answer.get();
        ASSERT_TRUE(result.ok()) << describe(result.error());
    }
    EXPECT_EQ(payload_of(1), R"({"v":20,"done":true})");
}

TEST_F(ShardTest, AFullQueueRefuses) {
    ManualExecutor writers;
    open([&](ShardOptions& options) {
        options.writers = &writers;
        options.queue_operations_max = 2;
    });
    auto first = send(*shard_, upsert({test_point(1, 1)}));
    auto second = send(*shard_, upsert({test_point(2, 1)}), false);
    const auto third = send(*shard_, upsert({test_point(3, 1)})).get();
    ASSERT_FALSE(third.ok());
    EXPECT_EQ(third.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(shard_->info().queue_length, 2U);
    writers.run_all();
    EXPECT_TRUE(first.get().ok());
    EXPECT_TRUE(second.get().ok());
    EXPECT_EQ(count(), 2U);
    shard_.reset();
}

TEST_F(ShardTest, TheQueueIsBoundedByBytes) {
    ManualExecutor writers;
    open([&](ShardOptions& options) {
        options.writers = &writers;
        options.queue_bytes_max = 1000;
    });
    const auto large = upsert({test_point(1, 1, "{\"a\":\"" + std::string(2000, 'x') + "\"}")});
    auto first = send(*shard_, large);  // one is taken, however large
    EXPECT_EQ(send(*shard_, large).get().error().code, ErrorCode::kUnavailable);
    writers.run_all();
    EXPECT_TRUE(first.get().ok());
    shard_.reset();
}

TEST_F(ShardTest, WaitingEndsAtTheDeadlineAndTheOperationStaysQueued) {
    ManualExecutor writers;
    open([&](ShardOptions& options) { options.writers = &writers; });
    auto answer = send(*shard_, upsert({test_point(1, 1)}), true,
                       Deadline::after(std::chrono::milliseconds(5)));
    const auto result = answer.get();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->status, model::UpdateStatus::kWaitTimeout);
    EXPECT_EQ(count(), 0U);
    writers.run_all();
    EXPECT_EQ(count(), 1U);
    shard_.reset();
}

TEST_F(ShardTest, StoppingAnswersEveryWriterOnce) {
    open();
    std::vector<std::future<Result<model::UpdateResult>>> answers;
    for (std::uint64_t id = 1; id <= 150; ++id) {
        answers.push_back(send(*shard_, upsert({test_point(id, 1)}), id % 2 == 0));
    }
    shard_->stop();
    shard_->stop();
    std::uint64_t done = 0;
    for (auto& answer : answers)
        done += answer.get().ok() ? 1U : 0U;
    EXPECT_EQ(send(*shard_, upsert({test_point(1, 1)})).get().error().code,
              ErrorCode::kUnavailable);
    EXPECT_FALSE(shard_->count({}, Deadline::never()).ok());
    open();
    EXPECT_EQ(count(), done);
    EXPECT_EQ(done, 150U);
}

TEST_F(ShardTest, FieldIndexesAreBuiltAndDropped) {
    open();
    const auto create = [&] {
        std::promise<Result<OpSeq>> promise;
        shard_->create_field_index(model::JsonPath::key("k"), {},
                                   [&](Result<OpSeq> r) { promise.set_value(std::move(r)); });
        return promise.get_future().get();
    };
    ASSERT_TRUE(apply(*shard_, upsert({test_point(1, 1, R"({"k":"a"})")})).ok());
    const auto created = create();
    ASSERT_TRUE(created.ok()) << describe(created.error());
    EXPECT_EQ(shard_->info().indexed_payloads.size(), 1U);
    ASSERT_TRUE(shard_->delete_field_index(model::JsonPath::key("k")).ok());
    EXPECT_EQ(shard_->info().indexed_payloads.size(), 0U);
    shard_->stop();
    EXPECT_EQ(create().error().code, ErrorCode::kUnavailable);
}

TEST_F(ShardTest, CheckpointsCutTheLog) {
    open([](ShardOptions& options) {
        options.checkpoint_log_bytes = 256 << 10;
        options.log_tail_bytes = 0;
    });
    for (int round = 0; round < 40; ++round) {
        put(1, 300, static_cast<float>(round));
    }
    shard_->stop();
    shard_.reset();
    auto store = store::open_rocksdb(folder_ + "/store", store_families(), home_.shared);
    ASSERT_TRUE(store.ok()) << describe(store.error());
    std::size_t records = 0;
    for (auto i = store.value()->iterate(0); i->valid(); i->next())
        ++records;
    EXPECT_EQ(records, 1U);
    store.value().reset();
    open();
    EXPECT_EQ(shard_->info().failure, "");
    EXPECT_EQ(count(), 300U);
    EXPECT_EQ(shard_->info().applied, OpSeq(40));
}

TEST_F(ShardTest, DeadSlotsAreVacuumed) {
    const auto frequent = [](ShardOptions& options) {
        options.config.optimizers.vacuum_min_vector_number = 100;
        options.checkpoint_log_bytes = 64 << 10;
        options.log_tail_bytes = 0;
    };
    open(frequent);
    std::map<PointId, float> wanted;
    ASSERT_TRUE(wait_until([&] {
        for (std::uint64_t id = 1; id <= 200; id += 10) {
            put(id, id + 9, static_cast<float>(id));
            for (auto k = id; k < id + 10; ++k)
                wanted[PointId(k)] = static_cast<float>(id);
        }
        const auto info = shard_->info();
        return info.applied.value > 200 && info.slots < 300;
    }));
    for (int round = 0; round < 2; ++round) {
        const auto points = all_points(*shard_).value();
        ASSERT_EQ(points.size(), wanted.size());
        for (const auto& [id, value] : wanted) {
            const auto* vector = model::find_vector(*points.at(id).vectors, "");
            EXPECT_EQ(std::get<model::DenseVector>(*vector)[0], value);
        }
        open(frequent);
        EXPECT_EQ(shard_->info().failure, "");
        EXPECT_LT(shard_->info().slots, 3000U);
    }
}

TEST_F(ShardTest, DamageFailsTheShardAndNamesTheReason) {
    open();
    put(1, 100);
    shard_.reset();
    ASSERT_TRUE(store::write_file_durably(folder_ + "/durable-mark", "not a mark").ok());
    open();
    EXPECT_NE(shard_->info().failure, "");
    const auto read = shard_->count({}, Deadline::never());
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, ErrorCode::kInternal);
    EXPECT_NE(read.error().message.find("durable-mark"), std::string::npos);
    const auto written = send(*shard_, upsert({test_point(1, 1)})).get();
    EXPECT_EQ(written.error().code, ErrorCode::kInternal);
}

TEST_F(ShardTest, AStoreThatLostWhatWasDurableIsRefused) {
    open();
    put(1, 10);
    put(11, 20);
    shard_.reset();
    {
        auto mark = DurableMark::open(folder_ + "/durable-mark");
        ASSERT_TRUE(mark.ok());
        ASSERT_TRUE(mark.value()->advance({Epoch(1), OpSeq(3)}).ok());
    }
    open();
    EXPECT_NE(shard_->info().failure.find("ends at operation 2, but 3 was durable"),
              std::string::npos)
        << shard_->info().failure;
}

TEST_F(ShardTest, AnotherFormatVersionIsRefusedAndNamed) {
    open();
    put(1, 10);
    shard_.reset();
    {
        auto store = store::open_rocksdb(folder_ + "/store", store_families(), home_.shared);
        ASSERT_TRUE(store.ok());
        store::WriteBatch batch;
        batch.put(engine::kMetaFamily, kFormatKey, encode_format({9, 1}));
        ASSERT_TRUE(store.value()->write(batch, store::Sync::kSync).ok());
    }
    open();
    EXPECT_NE(shard_->info().failure.find("shard has format version 9, this build reads version 1"),
              std::string::npos)
        << shard_->info().failure;
}

TEST_F(ShardTest, AFolderThatCannotBeUsedIsAnError) {
    ASSERT_TRUE(store::write_file_durably(folder_, "a file").ok());
    const auto opened = Shard::open(home_.options(folder_ + "/x"));
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ErrorCode::kIo);
    ASSERT_TRUE(store::remove_file(folder_).ok());
}

TEST_F(ShardTest, LinksGraphsInTheBackground) {
    open([](ShardOptions& options) { options.config.optimizers.indexing_threshold = 1; });
    for (std::uint64_t id = 1; id <= 1000; id += 100)
        put(id, id + 99, static_cast<float>(id));
    EXPECT_TRUE(wait_until([&] {
        const auto info = shard_->info();
        return info.pending_vectors == 0 && info.indexed_vectors == 1000 && !info.optimizing;
    }));
}

}  // namespace
}  // namespace qdrantd::shard
