// SPDX-License-Identifier: Apache-2.0
// Estimates of how many points match (spec search.md §7.2). Parts are taken as independent; bounds
// are those that hold however they depend on each other.
#include <algorithm>
#include <cmath>

#include <qdrantd/model/match.hpp>

#include "index/filter_planner.hpp"

namespace qdrantd::index {

namespace {

using model::Condition;
using model::Filter;

class Estimator {
  public:
    Estimator(const PathIndexes& indexes, std::uint64_t total) : indexes_(indexes), total_(total) {}

    CardinalityEstimate of(const Filter& filter, const model::JsonPath* outer) const {
        std::vector<CardinalityEstimate> parts;
        for (const auto& condition : filter.must)
            parts.push_back(of(condition, outer));
        for (const auto& condition : filter.must_not)
            parts.push_back(outer ? unknown() : complement(of(condition, outer)));
        if (!filter.should.empty()) parts.push_back(any_of(all_of(filter.should, outer)));
        if (filter.min_should) {
            parts.push_back(at_least(all_of(filter.min_should->conditions, outer),
                                     filter.min_should->min_count));
        }
        return both(parts);
    }

  private:
    using Estimates = std::vector<CardinalityEstimate>;

    [[nodiscard]] CardinalityEstimate unknown() const { return {0, total_ / 2, total_}; }

    Estimates all_of(const std::vector<Condition>& conditions, const model::JsonPath* outer) const {
        Estimates all;
        for (const auto& condition : conditions)
            all.push_back(of(condition, outer));
        return all;
    }

    /// `outer`: the array whose elements are asked, inside nested; else null.
    CardinalityEstimate of(const Condition& condition, const model::JsonPath* outer) const {
        const auto at = [&](const model::JsonPath& key) { return outer ? outer->join(key) : key; };
        if (const auto* on = std::get_if<model::FieldCondition>(&condition)) {
            if (outer && !needs_value(*on)) return unknown();
            return clamped(of_field(at(on->key), *on));
        }
        if (const auto* empty = std::get_if<model::IsEmptyCondition>(&condition)) {
            const auto* index = outer ? nullptr : ready(empty->key);
            return index ? complement(exact(index->presence.not_empty().cardinality())) : unknown();
        }
        if (const auto* null = std::get_if<model::IsNullCondition>(&condition)) {
            const auto* index = ready(at(null->key));
            return index ? exact(index->presence.null_values().cardinality()) : unknown();
        }
        if (const auto* in = std::get_if<model::NestedCondition>(&condition)) {
            const auto path = at(in->key);
            auto inside = of(*in->filter, &path);
            inside.min = 0;  // different elements may meet the parts
            return inside;
        }
        if (const auto* sub = std::get_if<model::SubFilter>(&condition)) {
            return of(*sub->filter, outer);
        }
        return of_point(condition, outer != nullptr);
    }

    /// Conditions on the point itself; inside nested they never hold.
    [[nodiscard]] CardinalityEstimate of_point(const Condition& condition, bool nested) const {
        if (nested) return {};
        if (const auto* ids = std::get_if<model::HasIdCondition>(&condition)) {
            const auto most = std::min<std::uint64_t>(ids->ids.size(), total_);
            return {0, most, most};
        }
        if (const auto* slice = std::get_if<model::SliceCondition>(&condition)) {
            return {0, total_ / std::max<std::uint64_t>(slice->total, 1), total_};
        }
        return unknown();
    }

    CardinalityEstimate of_field(const model::JsonPath& key,
                                 const model::FieldCondition& field) const {
        const auto* index = ready(key);
        if (!index) return unknown();
        if (const auto* match = std::get_if<model::Match>(&field.clause)) {
            return index->values->estimate(*match);
        }
        if (const auto* range = std::get_if<model::Range>(&field.clause)) {
            return index->values->estimate(*range);
        }
        if (const auto* range = std::get_if<model::DatetimeRange>(&field.clause)) {
            return index->values->estimate(*range);
        }
        const auto& presence = index->presence;
        if (const auto* empty = std::get_if<model::FieldIsEmpty>(&field.clause)) {
            const auto some = exact(presence.not_empty().cardinality());
            return empty->wanted ? complement(some) : some;
        }
        if (const auto* null = std::get_if<model::FieldIsNull>(&field.clause)) {
            const auto some = exact(presence.null_elements().cardinality());
            return null->wanted ? some : complement(some);
        }
        const auto& bounds = std::get<model::ValuesCount>(field.clause);
        const auto with_count = presence.with_count(bounds).cardinality();
        if (!model::within(bounds, std::uint64_t{0})) return exact(with_count);
        const auto present = std::min(presence.present().cardinality(), total_);
        return exact(with_count + total_ - present);
    }

    [[nodiscard]] const PathIndex* ready(const model::JsonPath& path) const {
        const auto found = indexes_.find(path);
        return found != indexes_.end() && found->second.ready ? &found->second : nullptr;
    }

    [[nodiscard]] CardinalityEstimate exact(std::uint64_t n) const {
        n = std::min(n, total_);
        return {n, n, n};
    }
    [[nodiscard]] CardinalityEstimate clamped(CardinalityEstimate e) const {
        return {std::min(e.min, total_), std::min(e.expected, total_), std::min(e.max, total_)};
    }
    [[nodiscard]] CardinalityEstimate complement(CardinalityEstimate e) const {
        return {total_ - e.max, total_ - e.expected, total_ - e.min};
    }

    [[nodiscard]] double share(std::uint64_t n) const {
        return total_ == 0 ? 0 : static_cast<double>(n) / static_cast<double>(total_);
    }
    [[nodiscard]] std::uint64_t part(double of_all) const {
        return static_cast<std::uint64_t>(
            std::llround(std::clamp(of_all, 0.0, 1.0) * static_cast<double>(total_)));
    }

    [[nodiscard]] CardinalityEstimate bounded(std::uint64_t min, double of_all,
                                              std::uint64_t max) const {
        return {min, std::clamp(part(of_all), min, std::max(min, max)), max};
    }

    [[nodiscard]] CardinalityEstimate both(const Estimates& parts) const {
        double of_all = 1;
        std::uint64_t missing = 0;  // at most so many fail one part or another
        std::uint64_t max = total_;
        for (const auto& e : parts) {
            of_all *= share(e.expected);
            missing += total_ - e.min;
            max = std::min(max, e.max);
        }
        return bounded(total_ > missing ? total_ - missing : 0, of_all, max);
    }

    [[nodiscard]] CardinalityEstimate any_of(const Estimates& parts) const {
        double of_none = 1;
        std::uint64_t min = 0;
        std::uint64_t max = 0;
        for (const auto& e : parts) {
            of_none *= 1 - share(e.expected);
            min = std::max(min, e.min);
            max = std::min(total_, max + e.max);
        }
        return bounded(min, 1 - of_none, max);
    }

    /// The probability that at least `count` of independent parts hold, by the sums of each number
    /// of parts instead of all subsets.
    [[nodiscard]] CardinalityEstimate at_least(const Estimates& parts, std::uint64_t count) const {
        if (count == 0) return exact(total_);
        if (count > parts.size()) return {};
        std::vector<double> exactly(parts.size() + 1, 0.0);  // [k]: k of the parts so far hold
        exactly[0] = 1;
        std::uint64_t sum = 0;
        for (const auto& e : parts) {
            const double holds = share(e.expected);
            for (std::size_t k = parts.size(); k > 0; --k)
                exactly[k] = exactly[k] * (1 - holds) + exactly[k - 1] * holds;
            exactly[0] *= 1 - holds;
            sum += e.max;
        }
        double of_all = 0;
        for (auto k = static_cast<std::size_t>(count); k <= parts.size(); ++k)
            of_all += exactly[k];
        // Each match takes `count` of the places that the parts have together.
        const auto max = std::min(total_, sum / count);
        const auto min = count == parts.size() ? both(parts).min : 0;
        return bounded(std::min(min, max), of_all, max);
    }

    const PathIndexes& indexes_;
    std::uint64_t total_;
};

}  // namespace

CardinalityEstimate estimate_filter(const PathIndexes& indexes, const Filter& filter,
                                    std::uint64_t total) {
    return Estimator(indexes, total).of(filter, nullptr);
}

}  // namespace qdrantd::index
