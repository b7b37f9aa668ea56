// SPDX-License-Identifier: Apache-2.0
// A rebuilt segment holds what the old one held, whatever is written meanwhile.
#include "shard/vacuum.hpp"

#include <gtest/gtest.h>

#include <qdrantd/common/fault_point.hpp>

#include "shard/shard_fixture.hpp"

namespace qdrantd::shard {
namespace {

using model::PointId;

constexpr std::uint64_t kPoints = 300;
constexpr std::size_t kPayloadBytes = 32 << 10;  // the copy takes several slices
constexpr int kChanges = 60;                     // in one place

using Content = std::map<PointId, std::string>;

/// Every point with its version, vector and payload.
Content content_of(const Shard& shard) {
    model::QueryRequest request;
    request.nearest = model::NearestQuery{model::VectorValue(model::DenseVector{1, 0, 0, 0})};
    request.params.exact = true;
    request.limit = 10 * kPoints;
    const auto hits = shard.query(request, Deadline::never());
    const auto points = all_points(shard);
    Content content;
    if (!hits.ok() || !points.ok()) {
        ADD_FAILURE() << "the shard cannot be read";
        return content;
    }
    EXPECT_EQ(hits->size(), points->size());
    for (const auto& hit : *hits)
        content[hit.id] = fmt::format("version {}", hit.version);
    for (const auto& [id, record] : *points) {
        auto& text = content[id];
        for (const auto& vector : *record.vectors) {
            for (const auto value : std::get<model::DenseVector>(vector.value)) {
                text += fmt::format(" {}", value);
            }
        }
        text += *record.payload_json;
    }
    return content;
}

void expect_same(const Content& found, const Content& wanted) {
    EXPECT_EQ(found.size(), wanted.size());
    for (const auto& [id, text] : wanted) {
        const auto at = found.find(id);
        const auto now = at == found.end() ? std::string("nothing") : at->second;
        EXPECT_TRUE(now == text) << id.to_string() << " is " << now.substr(0, 200) << "\nwanted "
                                 << text.substr(0, 200);
    }
}

model::UpdateOperation random_change(Random& random) {
    std::vector<PointId> ids;
    for (auto n = 1 + random.below(3); n > 0; --n)
        ids.emplace_back(1 + random.below(kPoints + 30));
    const auto value = random.below(1'000'000);
    const auto payload = [&](const char* key) {
        return model::Payload::trusted(fmt::format(R"({{"{}":{}}})", key, value));
    };
    switch (random.below(8)) {
        case 0:
            return model::SetPayload{payload("k"), ids, std::nullopt};
        case 1:
            return model::SetPayload{payload("x"), ids, model::JsonPath::parse("o.p").value()};
        case 2:
            return model::OverwritePayload{payload("only"), ids};
        case 3:
            return model::DeletePayload{{model::JsonPath::key("k"), model::JsonPath::key("big")},
                                        ids};
        case 4:
            return model::ClearPayload{ids};
        case 5:
            return model::DeletePoints{ids};
        case 6:
            return model::UpdateVectors{
                {{ids.front(), {{"", model::DenseVector{static_cast<float>(value), 1, 2, 3}}}}},
                std::nullopt};
        default:
            return upsert({test_point(ids.front().number(), static_cast<float>(value),
                                      fmt::format(R"({{"new":{}}})", value))});
    }
}

/// Writes at every step of a rebuilding, and takes the content before and after the switch.
class Meddler {
  public:
    explicit Meddler(std::uint64_t seed) : random_(seed) {}

    bool at(Shard& shard, std::string_view name) {
        if (done || !name.starts_with("shard.vacuum.")) return false;
        begun = true;
        if (name == "shard.vacuum.switch") {
            before = content_of(shard);
        } else if (name == "shard.vacuum.switched") {
            after = content_of(shard);
            done = true;
        } else {
            copies += name == "shard.vacuum.copy" ? 1 : 0;
            change(shard);
        }
        return false;
    }

    Content before;
    Content after;
    int copies = 0;
    std::uint64_t changed = 0;
    std::atomic<bool> begun{false};
    std::atomic<bool> done{false};

  private:
    void change(Shard& shard) {
        for (int i = 0; i < kChanges; ++i) {
            const auto result = apply(shard, random_change(random_));
            // A change of a point that was deleted is refused.
            if (!result.ok()) {
                EXPECT_EQ(result.error().code, ErrorCode::kNotFound) << describe(result.error());
            }
            changed += result.ok() ? 1U : 0U;
        }
    }

    Random random_;
};

TEST(VacuumTest, KeepsWhatIsWrittenMeanwhile) {
    const auto seed = test_seed();
    SCOPED_TRACE(replay_command(seed));
    const auto folder = ::testing::TempDir() + "/vacuum_test";
    ASSERT_TRUE(Shard::destroy(folder).ok());
    ShardHome home;
    Meddler meddler(seed);
    std::atomic<Shard*> open_shard{nullptr};
    install_fault_handler([&](std::string_view name) {
        auto* shard = open_shard.load();
        return shard != nullptr && meddler.at(*shard, name);
    });
    auto options = home.options(folder);
    options.config.optimizers.vacuum_min_vector_number = 100;
    options.checkpoint_log_bytes = 256 << 10;
    {
        auto shard = Shard::open(options).value();
        open_shard = shard.get();
        const auto payload =
            fmt::format(R"({{"big":"{}","k":1}})", std::string(kPayloadBytes, 'x'));
        // Replaced points leave dead slots, until a checkpoint finds enough of them.
        std::uint64_t written = 0;
        EXPECT_TRUE(wait_until([&] {
            std::vector<model::Point> points;
            for (int i = 0; i < 20 && !meddler.begun; ++i)
                points.push_back(test_point(1 + written++ % kPoints, 1, payload));
            if (!points.empty()) {
                const auto result = apply(*shard, upsert(std::move(points)));
                EXPECT_TRUE(result.ok());
            }
            return meddler.done.load();
        }));
        shard->stop();
        open_shard = nullptr;
    }
    install_fault_handler({});
    ASSERT_TRUE(meddler.done);
    EXPECT_GE(meddler.copies, 2);
    EXPECT_GT(meddler.changed, 100U);
    EXPECT_GT(meddler.before.size(), 100U);
    expect_same(meddler.after, meddler.before);
    auto shard = Shard::open(options).value();
    EXPECT_EQ(shard->info().failure, "");
    shard.reset();
    ASSERT_TRUE(Shard::destroy(folder).ok());
}

}  // namespace
}  // namespace qdrantd::shard
