// SPDX-License-Identifier: Apache-2.0
// Why nested conditions can be answered at all: `nested a { b = 1 }` says that one element of `a`
// has a `b` of 1, and the index of `a[].b` says in which slots some element has. For one condition
// both are the same; so they are for a disjunction. For a conjunction the index only bounds the
// answer from above, since each part may be met by another element. A negation, and conditions that
// hold for missing values, are not "some value is such" at all; the index says nothing about them.
#include "index/filter_planner.hpp"

#include <qdrantd/model/match.hpp>

namespace qdrantd::index {

namespace {

bool allows_zero(const model::ValuesCount& bounds) {
    return model::within(bounds, std::uint64_t{0});
}

SlotSpan conjunction(const std::vector<SlotSpan>& parts) {
    SlotSpan all = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i)
        all = SlotSpan::both(all, parts[i]);
    return all;
}

}  // namespace

bool needs_value(const model::FieldCondition& field) {
    if (const auto* empty = std::get_if<model::FieldIsEmpty>(&field.clause)) return !empty->wanted;
    if (const auto* null = std::get_if<model::FieldIsNull>(&field.clause)) return null->wanted;
    if (const auto* count = std::get_if<model::ValuesCount>(&field.clause)) {
        return !allows_zero(*count);
    }
    return true;
}

const PathIndex* FilterPlanner::ready(const model::JsonPath& path) const {
    const auto found = indexes_.find(path);
    return found != indexes_.end() && found->second.ready ? &found->second : nullptr;
}

SlotSpan FilterPlanner::span(const model::Filter& filter) const {
    std::vector<SlotSpan> parts;
    for (const auto& condition : filter.must)
        parts.push_back(span(condition));
    for (const auto& condition : filter.must_not)
        parts.push_back(span(condition).negated(universe_));
    if (!filter.should.empty()) parts.push_back(any_of(filter.should));
    if (filter.min_should) {
        std::vector<SlotSpan> options;
        for (const auto& condition : filter.min_should->conditions)
            options.push_back(span(condition));
        parts.push_back(SlotSpan::at_least(options, filter.min_should->min_count, universe_));
    }
    return parts.empty() ? SlotSpan::exactly(universe_) : conjunction(parts);
}

SlotSpan FilterPlanner::any_of(const std::vector<model::Condition>& conditions) const {
    SlotSpan any = span(conditions.front());
    for (std::size_t i = 1; i < conditions.size(); ++i)
        any = SlotSpan::either(any, span(conditions[i]));
    return any;
}

SlotSpan FilterPlanner::span(const model::Condition& condition) const {
    if (const auto* on = std::get_if<model::FieldCondition>(&condition)) return field(on->key, *on);
    if (const auto* empty = std::get_if<model::IsEmptyCondition>(&condition)) {
        const auto* index = ready(empty->key);
        return index ? SlotSpan::exactly(universe_ - index->presence.not_empty())
                     : SlotSpan::open();
    }
    if (const auto* null = std::get_if<model::IsNullCondition>(&condition)) {
        const auto* index = ready(null->key);
        return index ? SlotSpan::exactly(index->presence.null_values()) : SlotSpan::open();
    }
    if (const auto* ids = std::get_if<model::HasIdCondition>(&condition)) {
        return SlotSpan::exactly(ids_.at(ids));
    }
    if (const auto* in = std::get_if<model::NestedCondition>(&condition)) {
        return nested(in->key, *in->filter);
    }
    if (const auto* sub = std::get_if<model::SubFilter>(&condition)) return span(*sub->filter);
    return SlotSpan::open();  // has_vector and slice are not in the payload
}

SlotSpan FilterPlanner::field(const model::JsonPath& key,
                              const model::FieldCondition& field) const {
    const auto* index = ready(key);
    if (!index) return SlotSpan::open();
    const auto& presence = index->presence;
    if (const auto* empty = std::get_if<model::FieldIsEmpty>(&field.clause)) {
        auto not_empty = SlotSpan::exactly(presence.not_empty());
        return empty->wanted ? not_empty.negated(universe_) : not_empty;
    }
    if (const auto* null = std::get_if<model::FieldIsNull>(&field.clause)) {
        auto has_null = SlotSpan::exactly(presence.null_elements());
        return null->wanted ? has_null : has_null.negated(universe_);
    }
    if (const auto* bounds = std::get_if<model::ValuesCount>(&field.clause)) {
        auto slots = presence.with_count(*bounds);
        if (allows_zero(*bounds)) slots |= universe_ - presence.present();
        return SlotSpan::exactly(std::move(slots));
    }
    if (const auto* match = std::get_if<model::Match>(&field.clause)) {
        return index->values->find(*match);
    }
    if (const auto* range = std::get_if<model::Range>(&field.clause)) {
        return index->values->find(*range);
    }
    return index->values->find(std::get<model::DatetimeRange>(field.clause));
}

SlotSpan FilterPlanner::nested(const model::JsonPath& outer, const model::Filter& filter) const {
    std::vector<SlotSpan> parts;
    for (const auto& condition : filter.must)
        parts.push_back(nested(outer, condition));
    if (!filter.should.empty()) parts.push_back(nested_any(outer, filter.should));
    if (filter.min_should) {
        std::vector<SlotSpan> options;
        for (const auto& condition : filter.min_should->conditions)
            options.push_back(nested(outer, condition));
        auto part = SlotSpan::at_least(options, filter.min_should->min_count, universe_);
        // More than one option asks them of the same element, as a conjunction does.
        if (filter.min_should->min_count > 1 && !part.is_open()) {
            part = SlotSpan::between({}, part.maybe());
        }
        parts.push_back(std::move(part));
    }
    if (parts.empty()) return SlotSpan::open();
    auto all = conjunction(parts);
    if (parts.size() == 1 && filter.must_not.empty()) return all;
    return all.is_open() ? SlotSpan::open() : SlotSpan::between({}, all.maybe());
}

SlotSpan FilterPlanner::nested_any(const model::JsonPath& outer,
                                   const std::vector<model::Condition>& conditions) const {
    SlotSpan any = nested(outer, conditions.front());
    for (std::size_t i = 1; i < conditions.size(); ++i)
        any = SlotSpan::either(any, nested(outer, conditions[i]));
    return any;
}

SlotSpan FilterPlanner::nested(const model::JsonPath& outer,
                               const model::Condition& condition) const {
    if (const auto* on = std::get_if<model::FieldCondition>(&condition)) {
        return needs_value(*on) ? field(outer.join(on->key), *on) : SlotSpan::open();
    }
    if (const auto* null = std::get_if<model::IsNullCondition>(&condition)) {
        return span(model::Condition{model::IsNullCondition{outer.join(null->key)}});
    }
    if (const auto* in = std::get_if<model::NestedCondition>(&condition)) {
        return nested(outer.join(in->key), *in->filter);
    }
    if (const auto* sub = std::get_if<model::SubFilter>(&condition)) {
        return nested(outer, *sub->filter);
    }
    if (std::holds_alternative<model::IsEmptyCondition>(condition)) return SlotSpan::open();
    return SlotSpan::exactly({});  // conditions on the point never hold inside nested
}

}  // namespace qdrantd::index
