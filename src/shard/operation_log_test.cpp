// SPDX-License-Identifier: Apache-2.0
#include "shard/operation_log.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include <qdrantd/engine/segment.hpp>
#include <qdrantd/store/file.hpp>
#include <qdrantd/store/memory_store.hpp>

#include "shard/shard_meta.hpp"

namespace qdrantd::shard {
namespace {

constexpr std::uint64_t kIdentity = 0x1122334455667788;

class OperationLogTest : public ::testing::Test {
  protected:
    void SetUp() override { open(0); }

    void open(std::uint64_t applied) {
        auto opened = OperationLog::open(store_, kIdentity, OpSeq(applied), clock_);
        ASSERT_TRUE(opened.ok()) << describe(opened.error());
        log_ = std::move(opened).value();
    }
    Status append(std::uint64_t epoch, std::uint64_t seq, std::string_view effect = "effect") {
        store::WriteBatch batch;
        log_->append({Epoch(epoch), OpSeq(seq)}, {9, seq}, effect, batch);
        auto status = store_.write(batch, store::Sync::kNoSync);
        if (status.ok()) {
            log_->publish();
        } else {
            log_->discard();
        }
        return status;
    }
    void fill(std::uint64_t count) {
        for (std::uint64_t seq = 1; seq <= count; ++seq) {
            ASSERT_TRUE(append(1, seq, "effect " + std::to_string(seq)).ok());
        }
    }
    std::vector<std::uint64_t> numbers(std::uint64_t from, std::size_t bytes = 1 << 20) {
        std::vector<std::uint64_t> out;
        const auto records = log_->read_from(OpSeq(from), bytes);
        for (const auto& record : records.value()) {
            out.push_back(record.position.seq.value);
        }
        return out;
    }

    ManualClock clock_;
    store::MemoryStore store_{5};
    std::unique_ptr<OperationLog> log_;
};

TEST_F(OperationLogTest, EmptyLogStartsAtOne) {
    EXPECT_EQ(log_->last(), LogPosition{});
    EXPECT_EQ(log_->first(), OpSeq(1));
    EXPECT_TRUE(numbers(1).empty());
    EXPECT_TRUE(log_->epoch_history().empty());
}

TEST_F(OperationLogTest, ReadsBackWhatWasAppendedAlsoAfterReopening) {
    fill(5);
    open(5);
    EXPECT_EQ(log_->last(), (LogPosition{Epoch(1), OpSeq(5)}));
    const auto records = log_->read_from(OpSeq(4), 1 << 20).value();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].effect, "effect 4");
    EXPECT_EQ(records[1].id, (OperationId{9, 5}));
}

TEST_F(OperationLogTest, ReadsAtLeastOneAndNoMoreThanAsked) {
    fill(5);
    EXPECT_EQ(numbers(2, 1), (std::vector<std::uint64_t>{2}));
    EXPECT_EQ(numbers(2, 60), (std::vector<std::uint64_t>{2, 3}));
    EXPECT_EQ(numbers(6), (std::vector<std::uint64_t>{}));
}

TEST_F(OperationLogTest, FailedBatchLeavesNoTrace) {
    fill(2);
    store_.fail_writes(1, Error{ErrorCode::kInsufficientStorage, "full"});
    EXPECT_FALSE(append(2, 3).ok());
    EXPECT_EQ(log_->last().seq, OpSeq(2));
    EXPECT_EQ(log_->epoch_history().size(), 1U);
    ASSERT_TRUE(append(1, 3, "again").ok());
    EXPECT_EQ(log_->read_from(OpSeq(3), 100).value()[0].effect, "again");
}

TEST_F(OperationLogTest, SeveralRecordsShareABatch) {
    store::WriteBatch batch;
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
        log_->append({Epoch(seq), OpSeq(seq)}, {9, seq}, "e", batch);
    }
    ASSERT_TRUE(store_.write(batch, store::Sync::kSync).ok());
    EXPECT_EQ(log_->last(), LogPosition{});
    log_->publish();
    const std::vector<EpochStart> wanted{
        {Epoch(1), OpSeq(1)}, {Epoch(2), OpSeq(2)}, {Epoch(3), OpSeq(3)}};
    EXPECT_EQ(log_->epoch_history(), wanted);
    open(3);
    EXPECT_EQ(log_->epoch_history(), wanted);
}

TEST_F(OperationLogTest, CutsWhatConflictsAboveApplied) {
    fill(3);
    ASSERT_TRUE(append(2, 4).ok());
    ASSERT_TRUE(append(3, 5).ok());
    log_->set_applied(OpSeq(3));
    ASSERT_TRUE(log_->cut_after(OpSeq(4)).ok());
    EXPECT_EQ(log_->last(), (LogPosition{Epoch(2), OpSeq(4)}));
    EXPECT_EQ(log_->find({9, 5}), std::nullopt);
    EXPECT_EQ(log_->find({9, 4}), OpSeq(4));
    ASSERT_TRUE(log_->cut_after(OpSeq(3)).ok());
    EXPECT_EQ(log_->last(), (LogPosition{Epoch(1), OpSeq(3)}));
    EXPECT_EQ(log_->epoch_history().size(), 1U);
    ASSERT_TRUE(append(4, 4, "other").ok());
    open(3);
    EXPECT_EQ(log_->last(), (LogPosition{Epoch(4), OpSeq(4)}));
    EXPECT_EQ(log_->read_from(OpSeq(4), 100).value()[0].effect, "other");
    const std::vector<EpochStart> wanted{{Epoch(1), OpSeq(1)}, {Epoch(4), OpSeq(4)}};
    EXPECT_EQ(log_->epoch_history(), wanted);
}

TEST_F(OperationLogTest, CutsEverythingOfALogThatAppliedNothing) {
    fill(2);
    ASSERT_TRUE(log_->cut_after(OpSeq(0)).ok());
    EXPECT_EQ(log_->last(), LogPosition{});
    ASSERT_TRUE(append(2, 1).ok());
    open(0);
    EXPECT_EQ(log_->last(), (LogPosition{Epoch(2), OpSeq(1)}));
}

TEST_F(OperationLogTest, NeverCutsWhatIsApplied) {
    fill(3);
    log_->set_applied(OpSeq(2));
    EXPECT_DEATH(ignore_result(log_->cut_after(OpSeq(1)), "dies before it answers"), "applied");
}

TEST_F(OperationLogTest, CutInFrontKeepsAppliedRecordEpochsAndIds) {
    fill(3);
    ASSERT_TRUE(append(2, 4).ok());
    log_->set_applied(OpSeq(4));
    ASSERT_TRUE(log_->cut_before(OpSeq(3)).ok());
    EXPECT_EQ(log_->first(), OpSeq(3));
    EXPECT_EQ(log_->read_from(OpSeq(2), 100).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(log_->cut_before(OpSeq(100)).ok());
    EXPECT_EQ(log_->first(), OpSeq(4));
    open(4);
    EXPECT_EQ(log_->first(), OpSeq(4));
    EXPECT_EQ(log_->last(), (LogPosition{Epoch(2), OpSeq(4)}));
    const std::vector<EpochStart> wanted{{Epoch(1), OpSeq(1)}, {Epoch(2), OpSeq(4)}};
    EXPECT_EQ(log_->epoch_history(), wanted);
    EXPECT_EQ(log_->find({9, 1}), OpSeq(1));
    EXPECT_EQ(log_->find({9, 4}), OpSeq(4));
    EXPECT_EQ(log_->find({9, 7}), std::nullopt);
}

TEST_F(OperationLogTest, RemembersTheLastIdsAndTenMinutes) {
    RecentOperations recent(clock_);
    const auto kept = RecentOperations::kKept;
    for (std::uint64_t i = 1; i <= kept + 10; ++i)
        recent.add(OpSeq(i), {1, i});
    EXPECT_EQ(recent.size(), kept + 10);
    clock_.advance(std::chrono::minutes(11));
    recent.add(OpSeq(kept + 11), {1, kept + 11});
    EXPECT_EQ(recent.size(), kept);
    EXPECT_EQ(recent.find({1, 11}), std::nullopt);
    EXPECT_EQ(recent.find({1, 12}), OpSeq(12));
}

TEST_F(OperationLogTest, MeasuresTheTail) {
    const std::string large(100'000, 'x');
    for (std::uint64_t seq = 1; seq <= 30; ++seq)
        ASSERT_TRUE(append(1, seq, large).ok());
    const auto slack = 512U << 10;
    EXPECT_NEAR(static_cast<double>(log_->bytes_behind(OpSeq(10))), 2e6, slack);
    const auto start = log_->start_of_tail(1'000'000);
    EXPECT_GE(start.value, 21U);
    EXPECT_LE(start.value, 27U);
    EXPECT_EQ(log_->start_of_tail(1 << 30), OpSeq(1));
    log_->set_applied(OpSeq(30));
    ASSERT_TRUE(log_->cut_before(start).ok());
    EXPECT_NEAR(static_cast<double>(log_->bytes_behind(OpSeq(0))), 1e6, slack);
    EXPECT_EQ(log_->start_of_tail(1 << 30), start);
}

TEST_F(OperationLogTest, DamageIsFound) {
    fill(3);
    const auto value = store_.get(engine::kLogFamily, log_key(OpSeq(2))).value().value();
    const auto put = [&](std::string changed) {
        store::WriteBatch batch;
        batch.put(engine::kLogFamily, log_key(OpSeq(2)), changed);
        ASSERT_TRUE(store_.write(batch, store::Sync::kNoSync).ok());
    };
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto changed = value;
        changed[i] = static_cast<char>(changed[i] ^ 0x40);
        put(changed);
        const auto opened = OperationLog::open(store_, kIdentity, OpSeq(3), clock_);
        ASSERT_FALSE(opened.ok()) << "byte " << i;
        EXPECT_EQ(opened.error().code, i == 0 ? ErrorCode::kFormat : ErrorCode::kChecksum);
        EXPECT_FALSE(log_->read_from(OpSeq(2), 1).ok());
    }
    put(value.substr(0, value.size() - 1));
    EXPECT_FALSE(OperationLog::open(store_, kIdentity, OpSeq(3), clock_).ok());
    put(value);
    EXPECT_TRUE(OperationLog::open(store_, kIdentity, OpSeq(3), clock_).ok());
    EXPECT_FALSE(OperationLog::open(store_, kIdentity + 1, OpSeq(3), clock_).ok());
    EXPECT_FALSE(OperationLog::open(store_, kIdentity, OpSeq(4), clock_).ok());

    store::WriteBatch gap;
    gap.erase(engine::kLogFamily, log_key(OpSeq(2)));
    ASSERT_TRUE(store_.write(gap, store::Sync::kNoSync).ok());
    EXPECT_FALSE(OperationLog::open(store_, kIdentity, OpSeq(3), clock_).ok());
}

/// Bytes on disk never change in silence: QDRANTD_REWRITE=1 writes the file anew.
TEST(LogRecordTest, BytesMatchTheGoldenFile) {
    std::string value;
    encode_log_record(kIdentity, {Epoch(2), OpSeq(258)}, {0xA1A2A3A4, 7}, "an effect", value);
    std::string hex;
    for (const auto& [name, bytes] : {std::pair{"key  ", log_key(OpSeq(258))}, {"value", value}}) {
        hex += name;
        for (const char c : bytes)
            hex += fmt::format(" {:02x}", static_cast<unsigned char>(c));
        hex += "\n";
    }
    const std::string path = std::string(QD_GOLDEN_FOLDER) + "/operation_log_record.txt";
    if (std::getenv("QDRANTD_REWRITE") != nullptr) {
        ASSERT_TRUE(store::write_file_durably(path, hex).ok());
    }
    EXPECT_EQ(store::read_file(path).value(), hex);
}

TEST(ShardMetaTest, UnknownFormatNamesBothVersions) {
    EXPECT_EQ(decode_format(encode_format({1, 5})).value().identity, 5U);
    const auto later = decode_format(encode_format({7, 5}));
    ASSERT_FALSE(later.ok());
    EXPECT_EQ(later.error().code, ErrorCode::kFormat);
    EXPECT_EQ(later.error().message, "shard has format version 7, this build reads version 1");
    auto damaged = encode_format({1, 5});
    damaged[6] = 'x';
    EXPECT_EQ(decode_format(damaged).error().code, ErrorCode::kChecksum);
}

TEST(ShardMetaTest, RowsRoundTripAndDamageIsFound) {
    const LogPosition applied{Epoch(2), OpSeq(9)};
    EXPECT_EQ(decode_applied(encode_applied(applied)).value(), applied);
    EXPECT_FALSE(decode_applied("short").ok());
    const std::vector<EpochStart> epochs{{Epoch(1), OpSeq(1)}, {Epoch(9), OpSeq(100)}};
    const auto row = encode_epochs(epochs);
    EXPECT_EQ(decode_epochs(row).value(), epochs);
    for (std::size_t i = 0; i < row.size(); ++i) {
        auto damaged = row;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        EXPECT_FALSE(decode_epochs(damaged).ok());
        EXPECT_FALSE(decode_epochs(row.substr(0, i)).ok());
    }
    const OperationId id{3, 4};
    EXPECT_EQ(decode_id(encode_id(id)).value(), id);
}

}  // namespace
}  // namespace qdrantd::shard
