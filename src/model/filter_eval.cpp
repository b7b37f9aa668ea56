// SPDX-License-Identifier: Apache-2.0
// The filter is compiled once: lists are sorted for quick membership, and conditions that need no
// payload come first, so that a payload is parsed only when they leave the answer open.
#include <qdrantd/model/filter_eval.hpp>

#include <algorithm>

#include <qdrantd/common/log.hpp>
#include <qdrantd/model/datetime.hpp>
#include <qdrantd/model/match.hpp>

#include "model/json_document.hpp"
#include "model/path_values.hpp"

namespace qdrantd::model {

namespace {

using simdjson::dom::element;

/// A list of strings or integers that can be asked quickly; borrows the strings.
class ValueList {
  public:
    ValueList() = default;
    explicit ValueList(
        const std::variant<std::vector<std::string>, std::vector<std::int64_t>>& values) {
        if (const auto* strings = std::get_if<0>(&values)) {
            strings_.assign(strings->begin(), strings->end());
            std::sort(strings_.begin(), strings_.end());
        } else {
            integers_ = std::get<1>(values);
            std::sort(integers_.begin(), integers_.end());
        }
    }

    [[nodiscard]] bool contains(const element& value) const {
        if (value.is_string() && !strings_.empty()) {
            const auto text = sure(value.get_string());
            return std::binary_search(strings_.begin(), strings_.end(), text);
        }
        if (value.type() == simdjson::dom::element_type::INT64 && !integers_.empty()) {
            const auto number = sure(value.get_int64());
            return std::binary_search(integers_.begin(), integers_.end(), number);
        }
        return false;
    }

  private:
    std::vector<std::string_view> strings_;
    std::vector<std::int64_t> integers_;
};

bool equals(const MatchValue& match, const element& value) {
    if (const auto* text = std::get_if<std::string>(&match.value)) {
        return value.is_string() && sure(value.get_string()) == *text;
    }
    if (const auto* number = std::get_if<std::int64_t>(&match.value)) {
        return value.type() == simdjson::dom::element_type::INT64 &&
               sure(value.get_int64()) == *number;
    }
    return value.is_bool() && sure(value.get_bool()) == std::get<bool>(match.value);
}

/// Calls `fn` with the value, or with each element where it is an array, until it answers true.
template <typename Fn>
bool any_element(const element& value, Fn&& fn) {
    if (!value.is_array()) return fn(value);
    for (const auto item : sure(value.get_array())) {
        if (fn(item)) return true;
    }
    return false;
}

/// Number of values in a value: an array's length, 0 of null, else 1.
std::uint64_t count_of(const element& value) {
    if (!value.is_array()) return value.is_null() ? 0 : 1;
    // size() is capped at 0xFFFFFF by the tape; longer arrays are counted by walking.
    const auto array = sure(value.get_array());
    if (array.size() < 0xFFFFFF) return array.size();
    return static_cast<std::uint64_t>(std::distance(array.begin(), array.end()));
}

struct CompiledFilter;

struct CompiledCondition {
    explicit CompiledCondition(const Condition& condition);
    CompiledCondition(CompiledCondition&&) noexcept = default;
    CompiledCondition& operator=(CompiledCondition&&) noexcept = default;

    const Condition* source;
    ValueList list;                       // of match any and except
    std::unique_ptr<CompiledFilter> sub;  // of nested and sub-filters
    bool reads_payload = true;
};

struct CompiledFilter {
    explicit CompiledFilter(const Filter& filter)
        : must(compile(filter.must)),
          should(compile(filter.should)),
          must_not(compile(filter.must_not)) {
        if (filter.min_should) {
            min_should = compile(filter.min_should->conditions);
            min_count = filter.min_should->min_count;
            has_min_should = true;
        }
    }

    [[nodiscard]] bool reads_payload() const {
        const auto reads = [](const std::vector<CompiledCondition>& conditions) {
            return std::any_of(conditions.begin(), conditions.end(),
                               [](const CompiledCondition& c) { return c.reads_payload; });
        };
        return reads(must) || reads(should) || reads(must_not) || reads(min_should);
    }

    std::vector<CompiledCondition> must;
    std::vector<CompiledCondition> should;
    std::vector<CompiledCondition> must_not;
    std::vector<CompiledCondition> min_should;
    std::uint64_t min_count = 0;
    bool has_min_should = false;

  private:
    static std::vector<CompiledCondition> compile(const std::vector<Condition>& conditions) {
        std::vector<CompiledCondition> compiled;
        compiled.reserve(conditions.size());
        for (const auto& condition : conditions)
            compiled.emplace_back(condition);
        std::stable_partition(compiled.begin(), compiled.end(),
                              [](const CompiledCondition& c) { return !c.reads_payload; });
        return compiled;
    }
};

CompiledCondition::CompiledCondition(const Condition& condition) : source(&condition) {
    if (const auto* field = std::get_if<FieldCondition>(&condition)) {
        if (const auto* match = std::get_if<Match>(&field->clause)) {
            if (const auto* any = std::get_if<MatchAny>(match)) list = ValueList(any->values);
            if (const auto* except = std::get_if<MatchExcept>(match)) {
                list = ValueList(except->values);
            }
        }
    } else if (const auto* nested = std::get_if<NestedCondition>(&condition)) {
        sub = std::make_unique<CompiledFilter>(*nested->filter);
    } else if (const auto* inner = std::get_if<SubFilter>(&condition)) {
        sub = std::make_unique<CompiledFilter>(*inner->filter);
        reads_payload = sub->reads_payload();
    } else {
        reads_payload = std::holds_alternative<IsEmptyCondition>(condition) ||
                        std::holds_alternative<IsNullCondition>(condition);
    }
}

bool is_empty_at(const element& root, const JsonPath& key) {
    return !any_value_at(root, key.steps(), [](const element& v) { return count_of(v) > 0; });
}

bool match_holds(const Match& match, const ValueList& list, const element& value) {
    return any_element(value, [&](const element& item) {
        if (const auto* exact = std::get_if<MatchValue>(&match)) return equals(*exact, item);
        if (const auto* text = std::get_if<MatchText>(&match)) {
            return item.is_string() && text_matches(*text, sure(item.get_string()));
        }
        if (std::holds_alternative<MatchAny>(match)) return list.contains(item);
        return !item.is_null() && !list.contains(item);
    });
}

bool in_range(const Range& range, const element& value) {
    // The tape keeps integers apart; get_double() reads every kind of number.
    double number = 0;
    return value.is_number() && !value.get_double().get(number) && within(range, number);
}

bool in_range(const DatetimeRange& range, const element& value) {
    if (!value.is_string()) return false;
    const auto micros = parse_datetime(sure(value.get_string()));
    return micros && within(range, *micros);
}

bool field_holds(const FieldCondition& field, const ValueList& list, const element& root) {
    const auto& steps = field.key.steps();
    if (const auto* match = std::get_if<Match>(&field.clause)) {
        return any_value_at(root, steps,
                            [&](const element& value) { return match_holds(*match, list, value); });
    }
    if (const auto* empty = std::get_if<FieldIsEmpty>(&field.clause)) {
        return is_empty_at(root, field.key) == empty->wanted;
    }
    if (const auto* null = std::get_if<FieldIsNull>(&field.clause)) {
        const bool found = any_value_at(root, steps, [](const element& value) {
            return any_element(value, [](const element& item) { return item.is_null(); });
        });
        return found == null->wanted;
    }
    if (const auto* bounds = std::get_if<ValuesCount>(&field.clause)) {
        bool missing = true;
        const bool found = any_value_at(root, steps, [&](const element& value) {
            missing = false;
            return within(*bounds, count_of(value));
        });
        return found || (missing && within(*bounds, std::uint64_t{0}));
    }
    return any_value_at(root, steps, [&](const element& value) {
        return any_element(value, [&](const element& item) {
            if (const auto* range = std::get_if<Range>(&field.clause))
                return in_range(*range, item);
            return in_range(std::get<DatetimeRange>(field.clause), item);
        });
    });
}

}  // namespace

struct FilterEvaluator::Impl {
    explicit Impl(const Filter& filter) : compiled(filter), reads(compiled.reads_payload()) {}

    /// What a filter is judged on: a point, or an element inside nested (then `point` is null and
    /// conditions on the point never hold).
    struct Subject {
        const PointFacts* point = nullptr;
        const element* root = nullptr;
    };

    bool holds(const CompiledFilter& filter, const Subject& subject) {
        const auto true_of = [&](const CompiledCondition& c) { return holds(c, subject); };
        const auto all = [&](const auto& list) {
            return std::all_of(list.begin(), list.end(), true_of);
        };
        const auto any = [&](const auto& list) {
            return std::any_of(list.begin(), list.end(), true_of);
        };
        if (!all(filter.must) || any(filter.must_not)) return false;
        if (!filter.should.empty() && !any(filter.should)) return false;
        return !filter.has_min_should || enough(filter, subject);
    }

    bool enough(const CompiledFilter& filter, const Subject& subject) {
        std::uint64_t found = 0;
        for (const auto& condition : filter.min_should) {
            if (found >= filter.min_count) break;
            if (holds(condition, subject)) ++found;
        }
        return found >= filter.min_count;
    }

    bool holds(const CompiledCondition& condition, const Subject& subject) {
        const auto& source = *condition.source;
        if (std::holds_alternative<SubFilter>(source)) return holds(*condition.sub, subject);
        if (!condition.reads_payload) return subject.point && holds_of(source, *subject.point);
        const auto* from = root_of(subject);
        if (!from) return false;
        if (const auto* field = std::get_if<FieldCondition>(&source)) {
            return field_holds(*field, condition.list, *from);
        }
        if (const auto* empty = std::get_if<IsEmptyCondition>(&source)) {
            return is_empty_at(*from, empty->key);
        }
        if (const auto* null = std::get_if<IsNullCondition>(&source)) {
            return any_value_at(*from, null->key.steps(),
                                [](const element& value) { return value.is_null(); });
        }
        const auto& nested = std::get<NestedCondition>(source);
        return any_value_at(*from, nested.key.steps(), [&](const element& item) {
            return item.is_object() && holds(*condition.sub, Subject{nullptr, &item});
        });
    }

    static bool holds_of(const Condition& condition, const PointFacts& point) {
        if (const auto* ids = std::get_if<HasIdCondition>(&condition)) {
            return std::binary_search(ids->ids.begin(), ids->ids.end(), point.id);
        }
        if (const auto* vector = std::get_if<HasVectorCondition>(&condition)) {
            return point.has_vector && (*point.has_vector)(vector->name);
        }
        const auto& slice = std::get<SliceCondition>(condition);
        return slice.total != 0 && slice_hash(point.id) % slice.total == slice.index;
    }

    /// The object to look into; parses the point's payload when it is first asked for. Null when it
    /// is no JSON.
    const element* root_of(const Subject& subject) {
        if (subject.root) return subject.root;
        if (!parsed) {
            parsed = true;
            readable = document.parse(subject.point->payload_json) == simdjson::SUCCESS;
            root = document.root();
            if (!readable && !reported) {
                // Once is enough: a damaged store has more than one such payload.
                reported = true;
                log_error("filter", "payload_unreadable", "id={}", subject.point->id.to_string());
            }
        }
        return readable ? &root : nullptr;
    }

    CompiledFilter compiled;
    bool reads;
    JsonDocument document;
    element root;
    bool parsed = false;
    bool readable = false;
    bool reported = false;
};

FilterEvaluator::FilterEvaluator(const Filter& filter) : impl_(std::make_unique<Impl>(filter)) {}
FilterEvaluator::~FilterEvaluator() = default;
FilterEvaluator::FilterEvaluator(FilterEvaluator&&) noexcept = default;

bool FilterEvaluator::matches(const PointFacts& point) {
    impl_->parsed = false;
    const bool holds = impl_->holds(impl_->compiled, Impl::Subject{&point, nullptr});
    // What cannot be read matches nothing, not even a filter of negations.
    return holds && (!impl_->parsed || impl_->readable);
}

bool FilterEvaluator::needs_payload() const { return impl_->reads; }

}  // namespace qdrantd::model
