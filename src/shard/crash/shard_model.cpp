// SPDX-License-Identifier: Apache-2.0
#include "shard/crash/shard_model.hpp"

#include <filesystem>

#include <unistd.h>

namespace qdrantd::shard {

namespace {

model::DenseVector random_vector(Random& random) {
    model::DenseVector vector(kTestDimension);
    for (auto& x : vector)
        x = static_cast<float>(random.between(-1000, 1000));
    return vector;
}

std::string random_payload(Random& random) {
    const auto size = random.chance(0.1) ? random.below(3000) : random.below(40);
    return fmt::format(R"({{"n":{},"s":"{}"}})", random.below(1'000'000), std::string(size, 'p'));
}

}  // namespace

std::string fast_folder(const std::string& name) {
    std::error_code error;
    const auto space = std::filesystem::space("/dev/shm", error);
    const bool roomy = !error && space.available > (1UL << 30);
    return fmt::format("{}/qdrantd_{}_{}", roomy ? "/dev/shm" : ::testing::TempDir(), name,
                       ::getpid());
}

std::vector<model::PointId> ShardModel::some_ids(Random& random, const State& state) const {
    std::vector<model::PointId> ids;
    for (const auto& [id, value] : state) {
        if (random.chance(0.1)) ids.push_back(id);
    }
    return ids;
}

model::UpdateOperation ShardModel::put(Random& random, State& state) {
    model::UpsertPoints operation;
    const auto count = 1 + random.below(8);
    for (std::uint64_t i = 0; i < count; ++i) {
        const model::PointId id(1 + random.below(points_));
        const Value value{random_vector(random), random_payload(random)};
        operation.points.push_back(
            {id, {{"", value.vector}}, model::Payload::trusted(value.payload)});
        state[id] = value;
    }
    return operation;
}

model::UpdateOperation ShardModel::next(Random& random) {
    states_.push_back(states_.back());
    auto& state = states_.back();
    const auto ids = some_ids(random, state);
    if (ids.empty() || random.chance(0.5)) return put(random, state);
    switch (random.below(4)) {
        case 0: {
            for (const auto& id : ids)
                state.erase(id);
            return model::DeletePoints{ids};
        }
        case 1: {
            model::UpdateVectors operation;
            for (const auto& id : ids) {
                state[id].vector = random_vector(random);
                operation.points.push_back({id, {{"", state[id].vector}}});
            }
            return operation;
        }
        case 2: {
            const auto payload = random_payload(random);
            for (const auto& id : ids)
                state[id].payload = payload;
            return model::OverwritePayload{model::Payload::trusted(payload), ids};
        }
        default: {
            for (const auto& id : ids)
                state[id].payload = "{}";
            return model::ClearPayload{ids};
        }
    }
}

Result<ShardModel::State> ShardModel::of(const Shard& shard) {
    QD_ASSIGN(const auto points, all_points(shard));
    State state;
    for (const auto& [id, record] : points) {
        const auto* vector = model::find_vector(*record.vectors, "");
        if (vector == nullptr) {
            return Error{ErrorCode::kInternal, fmt::format("{} lost its vector", id.to_string())};
        }
        state[id] = {std::get<model::DenseVector>(*vector), *record.payload_json};
    }
    // Counting takes another way than scrolling.
    QD_ASSIGN(const auto count, shard.count({}, Deadline::never()));
    if (count != state.size()) {
        return Error{ErrorCode::kInternal,
                     fmt::format("count says {}, scrolling shows {}", count, state.size())};
    }
    return state;
}

std::string ShardModel::difference(const State& wanted, const State& found) {
    for (const auto& [id, value] : wanted) {
        const auto same = found.find(id);
        if (same == found.end()) return fmt::format("point {} is missing", id.to_string());
        if (same->second.vector != value.vector) {
            return fmt::format("point {} has another vector", id.to_string());
        }
        if (same->second.payload != value.payload) {
            return fmt::format("point {} has payload {} instead of {}", id.to_string(),
                               same->second.payload, value.payload);
        }
    }
    for (const auto& [id, value] : found) {
        if (!wanted.contains(id)) return fmt::format("point {} should be gone", id.to_string());
    }
    return "";
}

std::string ShardModel::history(const State& wanted, const State& found) const {
    std::string out;
    for (const auto& [id, value] : wanted) {
        const auto shown = found.find(id);
        if (shown != found.end() && shown->second == value) continue;
        out += fmt::format("point {} is as after operations", id.to_string());
        for (std::size_t i = 0; i < states_.size(); ++i) {
            const auto then = states_[i].find(id);
            const bool same = shown == found.end()
                                  ? then == states_[i].end()
                                  : then != states_[i].end() && then->second == shown->second;
            if (same) out += fmt::format(" {}", i);
        }
        out += "; ";
    }
    return out;
}

}  // namespace qdrantd::shard
