// SPDX-License-Identifier: Apache-2.0
// Random operations on a segment and on a plain map; both must answer alike.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include <qdrantd/model/filter_eval.hpp>
#include <qdrantd/vector/distance.hpp>

#include "engine/segment_fixture.hpp"

namespace qdrantd::engine {
namespace {

using model::PointId;

constexpr std::uint32_t kDimension = 6;

struct Stored {
    model::DenseVector vector;  // empty: none
    model::Payload payload;
    std::uint64_t version = 0;
};

class ModelTest : public ::testing::Test {
  protected:
    ModelTest()
        : seed_(seed_of_run()), random_(seed_), fixture_([] {
              auto config = config_of(kDimension, model::Distance::kEuclid);
              config.optimizers.indexing_threshold = 1;
              config.hnsw.full_scan_threshold = 10;
              return config;
          }()) {}

    PointId some_id() {
        const auto n = random_.below(150);
        if (n % 4 != 0) return PointId(n);
        std::array<std::uint8_t, 16> bytes{};
        bytes[3] = static_cast<std::uint8_t>(n);
        return PointId::uuid(bytes);
    }
    model::DenseVector some_vector() {
        model::DenseVector vector(kDimension);
        for (auto& value : vector)
            value = static_cast<float>(random_.between(-3, 3));
        return vector;
    }
    model::Payload some_payload() {
        std::string json = "{";
        if (random_.chance(0.8)) json += R"("n":)" + std::to_string(random_.below(20));
        if (random_.chance(0.5)) {
            json += json.size() > 1 ? "," : "";
            json += R"("k":["a")";
            json += random_.chance(0.5) ? R"(,"b"])" : "]";
        }
        return payload_of_json(json + "}");
    }
    model::Filter some_filter() {
        model::Filter filter;
        const auto condition = [&]() -> model::Condition {
            switch (random_.below(4)) {
                case 0:
                    return below_filter("n", static_cast<double>(random_.below(20))).must.front();
                case 1:
                    return keyword_filter("k", random_.chance(0.5) ? "a" : "b").must.front();
                case 2:
                    return model::IsEmptyCondition{path_of("n")};
                default: {
                    std::vector<PointId> ids{some_id(), some_id(), some_id()};
                    std::sort(ids.begin(), ids.end());
                    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
                    return model::HasIdCondition{ids};
                }
            }
        };
        filter.must.push_back(condition());
        if (random_.chance(0.3)) filter.must_not.push_back(condition());
        if (random_.chance(0.3)) filter.should = {condition(), condition()};
        return filter;
    }

    /// For reading a failure: the kind of each condition, by clause, and the indexes there are.
    std::string kinds_of(const model::Filter& filter) {
        std::string out;
        for (const auto* clause : {&filter.must, &filter.must_not, &filter.should}) {
            for (const auto& condition : *clause)
                out += std::to_string(condition.index()) + " ";
            out += "/ ";
        }
        for (const auto& [path, schema] : fixture_.schema())
            out += path.to_string() + " ";
        return out;
    }

    void one_effect() {
        const auto seq = ++staged_seq_;
        switch (random_.below(8)) {
            case 0:
            case 1:
            case 2:
            case 3: {
                PutPoints put;
                std::map<PointId, Stored> chosen;
                for (auto n = 1 + random_.below(4); n > 0; --n) {
                    chosen[some_id()] = {random_.chance(0.9) ? some_vector() : model::DenseVector(),
                                         some_payload(), seq};
                }
                for (const auto& [id, point] : chosen) {
                    model::NamedVectors vectors;
                    if (!point.vector.empty()) vectors.push_back({"", point.vector});
                    put.points.push_back({id, vectors, point.payload});
                    expected_[id] = point;
                }
                ASSERT_TRUE(fixture_.stage(put).ok());
                break;
            }
            case 4: {
                RemovePoints remove{{some_id()}};
                for (const auto& id : remove.ids)
                    expected_.erase(id);
                ASSERT_TRUE(fixture_.stage(remove).ok());
                break;
            }
            case 5: {
                PutVectors put;
                const auto id = some_id();
                const auto at = expected_.find(id);
                ASSERT_EQ(fixture_->exists(id), at != expected_.end());
                if (at != expected_.end()) {
                    at->second.vector = some_vector();
                    at->second.version = seq;
                    put.points.push_back({id, {{"", at->second.vector}}});
                }
                ASSERT_TRUE(fixture_.stage(put).ok());
                break;
            }
            default: {
                PatchPayload patch;
                patch.kind = random_.chance(0.5) ? PatchPayload::Kind::kMerge
                                                 : PatchPayload::Kind::kOverwrite;
                patch.payload = some_payload();
                const auto id = some_id();
                const auto at = expected_.find(id);
                if (at != expected_.end()) {
                    auto& payload = at->second.payload;
                    payload = patch.kind == PatchPayload::Kind::kMerge
                                  ? merge_payload(payload, patch.payload)
                                  : patch.payload;
                    at->second.version = seq;
                    patch.ids.push_back(id);
                    ASSERT_EQ(fixture_->payload_of(id).ok(), true);
                }
                ASSERT_TRUE(fixture_.stage(patch).ok());
            }
        }
    }

    [[nodiscard]] std::vector<PointId> matching(const model::Filter& filter) const {
        model::FilterEvaluator evaluator(filter);
        std::vector<PointId> ids;
        for (const auto& [id, point] : expected_) {
            const std::function<bool(std::string_view)> has = [&](std::string_view name) {
                return name.empty() && !point.vector.empty();
            };
            if (evaluator.matches({id, point.payload.json(), &has})) ids.push_back(id);
        }
        return ids;
    }

    void compare_everything() {
        model::ScrollRequest request;
        request.limit = 1000;
        request.with_vector = model::VectorSelector::all();
        const auto page = fixture_->scroll(request, Deadline::never()).value();
        ASSERT_EQ(page.points.size(), expected_.size());
        auto at = expected_.begin();
        for (const auto& point : page.points) {
            ASSERT_EQ(point.id, at->first);
            ASSERT_EQ(*point.payload_json, at->second.payload.json());
            model::NamedVectors vectors;
            if (!at->second.vector.empty()) vectors.push_back({"", at->second.vector});
            ASSERT_EQ(*point.vectors, vectors);
            ++at;
        }
        ASSERT_EQ(fixture_->info().points, expected_.size());
    }

    void compare_filter() {
        const auto filter = some_filter();
        SCOPED_TRACE(kinds_of(filter));
        const auto ids = matching(filter);
        ASSERT_EQ(fixture_->matching_ids(filter).value(), ids);
        ASSERT_EQ(fixture_->count({filter, true}, Deadline::never()).value(), ids.size());
        model::ScrollRequest request;
        request.filter = filter;
        request.limit = 5;
        request.offset = some_id();
        std::vector<PointId> page;
        for (const auto& id : ids) {
            if (id >= *request.offset && page.size() < 5) page.push_back(id);
        }
        std::vector<PointId> got;
        const auto shown = fixture_->scroll(request, Deadline::never()).value();
        for (const auto& point : shown.points)
            got.push_back(point.id);
        ASSERT_EQ(got, page);
        const auto one = some_id();
        if (expected_.contains(one)) {
            ASSERT_EQ(fixture_->matches(one, filter).value(),
                      std::find(ids.begin(), ids.end(), one) != ids.end());
        }
    }

    void compare_search() {
        auto request = nearest(some_vector(), 1 + random_.below(12));
        std::vector<PointId> ids;
        if (random_.chance(0.6)) {
            request.filter = some_filter();
            ids = matching(*request.filter);
        } else {
            for (const auto& [id, point] : expected_)
                ids.push_back(id);
        }
        request.params.exact = true;
        const auto& query =
            std::get<model::DenseVector>(std::get<model::VectorValue>(request.nearest->target));
        std::vector<std::pair<float, PointId>> best;  // ties: the smaller id first, for Euclid
        for (const auto& id : ids) {
            const auto& vector = expected_.at(id).vector;
            if (vector.empty()) continue;
            best.emplace_back(
                vec::reference_squared_euclid(vector.data(), query.data(), kDimension), id);
        }
        std::sort(best.begin(), best.end());
        best.resize(std::min<std::size_t>(best.size(), request.limit));
        const auto found = fixture_->query(request, Deadline::never()).value();
        ASSERT_EQ(found.size(), best.size());
        for (std::size_t i = 0; i < best.size(); ++i) {
            ASSERT_EQ(found[i].id, best[i].second);
            ASSERT_FLOAT_EQ(found[i].score, std::sqrt(best[i].first));
            ASSERT_EQ(found[i].version, expected_.at(found[i].id).version);
        }
        request.params.exact = false;
        const auto walked = fixture_->query(request, Deadline::never()).value();
        ASSERT_EQ(walked.size(), best.size());
    }

    const std::uint64_t seed_;
    Random random_;
    SegmentFixture fixture_;
    std::map<PointId, Stored> expected_;
    std::uint64_t staged_seq_ = 0;
};

TEST_F(ModelTest, RandomOperationsAgree) {
    SCOPED_TRACE(replay_command(seed_));
    auto& s = fixture_;
    for (int step = 0; step < 1500; ++step) {
        if (random_.chance(0.1)) {
            // A write that fails: nothing of it may be seen, then or later.
            const auto before = expected_;
            for (auto n = 1 + random_.below(3); n > 0; --n) {
                ASSERT_NO_FATAL_FAILURE(one_effect());
            }
            s.discard();
            expected_ = before;
            staged_seq_ = s.applied().value;
        }
        for (auto n = 1 + random_.below(3); n > 0; --n)
            ASSERT_NO_FATAL_FAILURE(one_effect());
        s.finish();
        if (random_.chance(0.1)) s->index_some(random_.below(200));
        if (random_.chance(0.03)) s.checkpoint(random_.chance(0.2));
        if (random_.chance(0.02)) {
            const auto reopened = s.reopen();
            ASSERT_TRUE(reopened.ok()) << describe(reopened.error());
        }
        if (random_.chance(0.02)) {
            const bool add = random_.chance(0.7);
            const bool keyword = random_.chance(0.5);
            const auto path = path_of(keyword ? "k" : "n");
            const model::FieldSchema schema{keyword ? model::FieldType::kKeyword
                                                    : model::FieldType::kInteger};
            if (add) {
                ASSERT_TRUE(s->create_field_index(path, schema).ok());
                s.schema()[path] = schema;
            } else {
                s->delete_field_index(path);
                s.schema().erase(path);
            }
        }
        if (random_.chance(0.05)) {
            ASSERT_NO_FATAL_FAILURE(compare_everything());
        }
        ASSERT_NO_FATAL_FAILURE(compare_filter());
        ASSERT_NO_FATAL_FAILURE(compare_search());
    }
}

}  // namespace
}  // namespace qdrantd::engine
