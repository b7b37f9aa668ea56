// SPDX-License-Identifier: Apache-2.0
// A segment that is opened again is the one that was closed, or is not opened.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <qdrantd/common/fault_point.hpp>

#include "engine/segment_fixture.hpp"
#include "engine/store_keys.hpp"

namespace qdrantd::engine {
namespace {

using model::Distance;
using model::PointId;

/// Everything a reader can see, as text.
std::string content(Segment& segment) {
    model::ScrollRequest request;
    request.limit = 1'000'000;
    request.with_vector = model::VectorSelector::all();
    std::string out;
    const auto page = segment.scroll(request, Deadline::never()).value();
    for (const auto& point : page.points) {
        out += point.id.to_string() + " " + *point.payload_json;
        for (const auto& vector : *point.vectors) {
            for (const auto value : std::get<model::DenseVector>(vector.value)) {
                out += " " + std::to_string(value);
            }
        }
        out += "\n";
    }
    return out;
}

std::string answers(Segment& segment, std::uint32_t dimension, bool exact) {
    Random random(5);
    std::string out;
    for (int i = 0; i < 20; ++i) {
        model::DenseVector vector(dimension);
        for (auto& value : vector)
            value = static_cast<float>(random.unit() - 0.5);
        auto request = nearest(std::move(vector), 10);
        request.params.exact = exact;
        const auto found = segment.query(request, Deadline::never()).value();
        for (const auto& point : found) {
            out += point.id.to_string() + "@" + std::to_string(point.version) + "=" +
                   std::to_string(point.score) + " ";
        }
    }
    return out;
}

model::CollectionConfig small_graph(std::uint32_t size, bool on_disk) {
    auto config = config_of(size, Distance::kEuclid);
    config.params.vectors.by_name[""].on_disk = on_disk;
    config.optimizers.indexing_threshold = 1;
    config.hnsw.full_scan_threshold = 10;
    return config;
}

class ReopenTest : public ::testing::TestWithParam<bool> {
  protected:
    /// Puts, replaces, changes and removes points at random.
    static void churn(SegmentFixture& s, Random& random, int steps, std::uint32_t dimension) {
        for (int step = 0; step < steps; ++step) {
            const PointId id(random.below(400));
            const auto kind = random.below(10);
            if (kind < 6) {
                PutPoints put;
                model::DenseVector vector(dimension);
                for (auto& value : vector)
                    value = static_cast<float>(random.unit() - 0.5);
                model::NamedVectors vectors;
                if (random.chance(0.95)) vectors.push_back({"", std::move(vector)});
                put.points.push_back(
                    {id, std::move(vectors),
                     payload_of_json(R"({"n":)" + std::to_string(random.below(50)) + "}")});
                s.apply(put);
            } else if (kind < 7) {
                s.apply(RemovePoints{{id}});
            } else if (kind < 8 && s->exists(id)) {
                PutVectors put;
                put.points.push_back({id, {{"", model::DenseVector(dimension, 0.5F)}}});
                s.apply(put);
            } else if (s->exists(id)) {
                PatchPayload patch;
                patch.ids = {id};
                patch.payload = payload_of_json(R"({"p":)" + std::to_string(step) + "}");
                s.apply(patch);
            } else {
                s.apply(NoEffect{});
            }
        }
    }
};

TEST_P(ReopenTest, IsTheSameAfterACrashAtAnyTime) {
    const auto seed = seed_of_run();
    SCOPED_TRACE(replay_command(seed));
    Random random(seed);
    constexpr std::uint32_t kDimension = 20;
    SegmentFixture s(small_graph(kDimension, GetParam()));
    s.schema()[path_of("n")] = {model::FieldType::kInteger};
    ASSERT_TRUE(s.reopen().ok());
    for (int round = 0; round < 8; ++round) {
        churn(s, random, static_cast<int>(random.below(300)), kDimension);
        if (random.chance(0.6)) s.link_all();
        if (random.chance(0.6)) s.checkpoint(random.chance(0.3));
        churn(s, random, static_cast<int>(random.below(60)), kDimension);
        const auto before = content(s.segment());
        const auto exact = answers(s.segment(), kDimension, true);
        const auto info = s->info();
        model::CountRequest count{below_filter("n", 20), true};
        const auto matching = s->count(count, Deadline::never()).value();
        const auto reopened = s.reopen();
        ASSERT_TRUE(reopened.ok()) << describe(reopened.error());
        EXPECT_EQ(content(s.segment()), before);
        EXPECT_EQ(answers(s.segment(), kDimension, true), exact);
        EXPECT_EQ(s->info().points, info.points);
        EXPECT_EQ(s->info().slots, info.slots);
        EXPECT_EQ(s->count(count, Deadline::never()).value(), matching);
    }
}

TEST_P(ReopenTest, KeepsTheGraphOfACheckpoint) {
    constexpr std::uint32_t kDimension = 16;
    SegmentFixture s(small_graph(kDimension, GetParam()));
    Random random(3);
    churn(s, random, 1500, kDimension);
    s.link_all();
    s.checkpoint();
    const auto linked = s->info().indexed_vectors;
    EXPECT_GT(linked, 200U);
    churn(s, random, 30, kDimension);
    const auto before = answers(s.segment(), kDimension, false);
    ASSERT_TRUE(s.reopen().ok());
    EXPECT_EQ(s->info().indexed_vectors, linked);
    EXPECT_GT(s->info().pending_vectors, 0U);
    EXPECT_EQ(answers(s.segment(), kDimension, false), before);
    // Little growth is not worth a file; stopping saves it all the same.
    const auto saved = s.manifest().vectors.at(0);
    s.link_all();
    s.checkpoint();
    EXPECT_EQ(s.manifest().vectors.at(0), saved);
    s.checkpoint(true);
    EXPECT_GT(s.manifest().vectors.at(0).graph_covers, saved.graph_covers);
    EXPECT_FALSE(store::file_exists(s.folder() + "/" + saved.graph_file));
    ASSERT_TRUE(s.reopen().ok());
    EXPECT_EQ(s->info().pending_vectors, 0U);
}

TEST_P(ReopenTest, RowsAreSavedWhereAGraphFindsNoSpace) {
    constexpr std::uint32_t kDimension = 16;
    SegmentFixture s(small_graph(kDimension, GetParam()));
    Random random(4);
    churn(s, random, 800, kDimension);
    s.link_all();
    s.checkpoint();
    const auto saved = s.manifest();
    churn(s, random, 800, kDimension);
    s.link_all();
    install_fault_handler([](std::string_view name) { return name == "engine.graph.save"; });
    s.checkpoint(true);
    install_fault_handler({});
    EXPECT_EQ(s.manifest().covered, s.applied());
    EXPECT_GT(s.manifest().slots, saved.slots);
    EXPECT_EQ(s.manifest().vectors, saved.vectors);
    const auto before = content(s.segment());
    ASSERT_TRUE(s.reopen().ok());
    EXPECT_EQ(content(s.segment()), before);
    EXPECT_GT(s->info().indexed_vectors, 0U);
    EXPECT_GT(s->info().pending_vectors, 0U);
}

void damage(const std::string& path, Random& random) {
    const auto size = std::filesystem::file_size(path);
    switch (random.below(3)) {
        case 0:
            std::filesystem::remove(path);
            break;
        case 1:
            std::filesystem::resize_file(path, random.below(size));
            break;
        default: {
            std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
            const auto at = static_cast<std::streamoff>(random.below(size));
            file.seekg(at);
            const auto byte = static_cast<char>(file.get() ^ (1 << random.below(8)));
            file.seekp(at);
            file.put(byte);
        }
    }
}

TEST_P(ReopenTest, ADamagedFileOfVectorsIsFound) {
    const auto seed = seed_of_run();
    SCOPED_TRACE(replay_command(seed));
    Random random(seed);
    for (int round = 0; round < 12; ++round) {
        SegmentFixture s(small_graph(16, GetParam()));
        churn(s, random, 150, 16);
        s.checkpoint();
        // Only the covered part counts; a file on disk is as long as its chunk.
        const auto path = s.folder() + "/vec-0-0";
        const auto covered = s.manifest().find_file("vec-0-0")->bytes;
        std::filesystem::resize_file(path, covered);
        damage(path, random);
        const auto opened = s.reopen();
        ASSERT_FALSE(opened.ok());
        EXPECT_EQ(opened.error().code, ErrorCode::kChecksum) << describe(opened.error());
    }
}

TEST_P(ReopenTest, ADamagedGraphIsLinkedAgain) {
    const auto seed = seed_of_run();
    SCOPED_TRACE(replay_command(seed));
    Random random(seed);
    for (int round = 0; round < 6; ++round) {
        SegmentFixture s(small_graph(16, GetParam()));
        churn(s, random, 400, 16);
        s.link_all();
        s.checkpoint();
        const auto graph = s.manifest().vectors.at(0).graph_file;
        ASSERT_FALSE(graph.empty());
        const auto exact = answers(s.segment(), 16, true);
        damage(s.folder() + "/" + graph, random);
        ASSERT_TRUE(s.reopen().ok());
        EXPECT_EQ(s->info().indexed_vectors, 0U);
        EXPECT_EQ(answers(s.segment(), 16, true), exact);
        s.link_all();
        EXPECT_EQ(s->info().pending_vectors, 0U);
        s.checkpoint();
        ASSERT_TRUE(s.reopen().ok());
        EXPECT_GT(s->info().indexed_vectors, 0U);
    }
}

INSTANTIATE_TEST_SUITE_P(Memory, ReopenTest, ::testing::Values(false, true),
                         [](const auto& tested) { return tested.param ? "OnDisk" : "Resident"; });

TEST(SegmentOpen, RefusesAStoreThatDisagrees) {
    SegmentFixture s(config_of(2, Distance::kDot));
    s.put(PointId(1), {1, 2});
    s.checkpoint();
    s.put(PointId(2), {3, 4});
    const auto refused = [&](const char* what) {
        const auto opened = s.reopen();
        ASSERT_FALSE(opened.ok()) << what;
        EXPECT_EQ(opened.error().code, ErrorCode::kChecksum) << describe(opened.error());
    };
    ASSERT_TRUE(s.reopen().ok());
    const auto change = [&](store::Family family, const std::string& key,
                            const std::string& value) {
        store::WriteBatch batch;
        if (value.empty()) {
            batch.erase(family, key);
        } else {
            batch.put(family, key, value);
        }
        ASSERT_TRUE(s.store().write(batch, store::Sync::kNoSync).ok());
    };
    const auto key = point_key(1, PointId(2));
    change(kPointsFamily, key, encode_point_value({7, 2, {""}}));
    refused("a slot that was never written");
    change(kPointsFamily, key, encode_point_value({0, 2, {""}}));
    refused("two points in one slot");
    change(kPointsFamily, key, encode_point_value({1, 2, {}}));
    refused("other vectors than the log");
    change(kPointsFamily, key, encode_point_value({1, 2, {""}}));
    change(kSlotsFamily, slot_key(1, 1), "");
    refused("a point without its slot");
    std::string other;
    PointId(9).append_key(other);
    change(kSlotsFamily, slot_key(1, 1), other);
    refused("a slot of another point");
    other.clear();
    PointId(2).append_key(other);
    change(kSlotsFamily, slot_key(1, 1), other);
    EXPECT_TRUE(s.reopen().ok());
}

TEST(SegmentOpen, LeftoversOfACrashAreErased) {
    SegmentFixture s(config_of(1, Distance::kDot));
    for (int i = 0; i < 30; ++i)
        s.put(PointId(1), {1}, R"({"a":1})");
    ASSERT_TRUE(s.reopen().ok());
    for (const auto family : {kSlotsFamily, kPayloadFamily}) {
        const auto rows = s.store().iterate(family, segment_begin(1), segment_end(1));
        std::size_t left = 0;
        for (rows->seek(""); rows->valid(); rows->next())
            ++left;
        EXPECT_EQ(left, 1U);
    }
    // Another segment of the number finds nothing.
    auto again = Segment::create(s.options()).value();
    EXPECT_EQ(again->info().points, 0U);
    const auto rows = s.store().iterate(kPointsFamily, segment_begin(1), segment_end(1));
    rows->seek("");
    EXPECT_FALSE(rows->valid());
}

TEST(SegmentOpen, RefusesAManifestOfOtherVectors) {
    SegmentFixture s(config_of(4, Distance::kDot));
    s.put(PointId(1), {1, 2, 3, 4});
    s.checkpoint();
    s.config() = config_of(5, Distance::kDot);
    EXPECT_EQ(s.reopen().error().code, ErrorCode::kFormat);
    s.config() = config_of(4, Distance::kDot);
    s.manifest().number = 2;
    EXPECT_EQ(s.reopen().error().code, ErrorCode::kFormat);
}

class FailStep final : public store::FileObserver {
  public:
    int before(store::FileStep step, const std::string&) override {
        return step == failing ? ENOSPC : 0;
    }
    void after(store::FileStep, const std::string&) override {}
    store::FileStep failing = store::FileStep::kWrite;
};

TEST(SegmentOpen, AFailedCheckpointLeavesTheLastOneInForce) {
    for (const auto step :
         {store::FileStep::kWrite, store::FileStep::kSyncFile, store::FileStep::kSyncFolder}) {
        SegmentFixture s(config_of(4, Distance::kDot));
        s.put(PointId(1), {1, 2, 3, 4});
        s.checkpoint();
        s.put(PointId(2), {5, 6, 7, 8});
        FailStep observer;
        observer.failing = step;
        store::install_file_observer(&observer);
        const auto failed = s->checkpoint();
        store::install_file_observer(nullptr);
        ASSERT_FALSE(failed.ok());
        EXPECT_EQ(failed.error().code, ErrorCode::kInsufficientStorage);
        const auto before = content(s.segment());
        ASSERT_TRUE(s.reopen().ok());
        EXPECT_EQ(content(s.segment()), before);
        s.checkpoint();
        ASSERT_TRUE(s.reopen().ok());
        EXPECT_EQ(content(s.segment()), before);
    }
}

}  // namespace
}  // namespace qdrantd::engine
