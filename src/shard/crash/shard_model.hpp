// SPDX-License-Identifier: Apache-2.0
// What a shard must hold: random operations, each of which logs exactly one record, and the state
// after every one of them. For tests only. Thread safety: none.
#pragma once

#include <map>
#include <vector>

#include "shard/shard_fixture.hpp"

namespace qdrantd::shard {

/// A folder in memory where there is one with room: what these tests lose, they lose by themselves.
std::string fast_folder(const std::string& name);

class ShardModel {
  public:
    struct Value {
        model::DenseVector vector;
        std::string payload;
        bool operator==(const Value&) const = default;
    };
    using State = std::map<model::PointId, Value>;

    /// `points` bounds the ids in use.
    explicit ShardModel(std::uint64_t points) : points_(points) { states_.emplace_back(); }

    /// The next operation; the state after it becomes the last one.
    model::UpdateOperation next(Random& random);
    /// State after the first `operations` operations.
    [[nodiscard]] const State& after(std::size_t operations) const {
        return states_.at(operations);
    }
    [[nodiscard]] std::size_t operations() const { return states_.size() - 1; }
    /// The first `operations` happened, the others did not.
    void forget_after(std::size_t operations) { states_.resize(operations + 1); }

    /// What a shard shows.
    static Result<State> of(const Shard& shard);
    /// Empty when equal, else the first difference in words.
    static std::string difference(const State& wanted, const State& found);

    /// For whom it differs: after which operations each differing point was as found.
    [[nodiscard]] std::string history(const State& wanted, const State& found) const;

  private:
    model::UpdateOperation put(Random& random, State& state);
    std::vector<model::PointId> some_ids(Random& random, const State& state) const;

    const std::uint64_t points_;
    std::vector<State> states_;
};

}  // namespace qdrantd::shard
