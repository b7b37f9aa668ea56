// SPDX-License-Identifier: Apache-2.0
// Changes and views of payloads (spec data.md §3.4, §3.8). Each is one walk over the parsed payload
// that writes the result; no tree is built.
#include <map>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/model/payload.hpp>

#include "model/json_document.hpp"
#include "model/json_writer.hpp"

namespace qdrantd::model {

namespace {

using simdjson::dom::element;
using Steps = std::span<const JsonPath::Step>;

/// Writes an object field by field.
class ObjectWriter {
  public:
    explicit ObjectWriter(JsonWriter& out) : out_(out) {}
    JsonWriter& field(std::string_view key) {
        out_.character(before_);
        before_ = ',';
        out_.string(key);
        out_.character(':');
        return out_;
    }
    void finish() { out_.text(before_ == '{' ? "{}" : "}"); }

  private:
    JsonWriter& out_;
    char before_ = '{';
};

class ArrayWriter {
  public:
    explicit ArrayWriter(JsonWriter& out) : out_(out) {}
    JsonWriter& item() {
        out_.character(before_);
        before_ = ',';
        return out_;
    }
    void finish() { out_.text(before_ == '[' ? "[]" : "]"); }

  private:
    JsonWriter& out_;
    char before_ = '[';
};

const std::string* key_of(const JsonPath::Step& step) {
    const auto* key = std::get_if<JsonPath::Key>(&step);
    return key ? &key->name : nullptr;
}
bool is_all(const JsonPath::Step& step) {
    return std::holds_alternative<JsonPath::AllElements>(step);
}

/// Merges a patch into what is found at a path, on the way making what is missing.
class Merger {
  public:
    Merger(JsonWriter& out, const element& patch) : out_(out) {
        for (const auto field : sure(patch.get_object())) {
            order_.push_back(field.key);
            patch_.emplace(field.key, Patch{field.value, false});
        }
    }

    /// Writes `old` (null pointer: nothing is there) with the patch merged in at `steps`.
    void write(const element* old, Steps steps) {
        if (steps.empty()) return merge(old);
        if (const auto* key = key_of(steps.front())) return into_key(old, *key, steps.subspan(1));
        into_array(old, steps);
    }

  private:
    struct Patch {
        element value;
        bool was_there = false;
    };

    void merge(const element* old) {
        ObjectWriter object(out_);
        for (auto& [key, patch] : patch_)
            patch.was_there = false;
        if (old && old->is_object()) {
            for (const auto field : sure(old->get_object())) {
                const auto patched = patch_.find(field.key);
                if (patched == patch_.end()) {
                    object.field(field.key).element(field.value);
                    continue;
                }
                patched->second.was_there = true;
                const auto& value = patched->second.value;
                if (!value.is_null()) object.field(field.key).element(value);
            }
        }
        for (const auto key : order_) {
            const auto& patch = patch_.at(key);
            if (!patch.was_there && !patch.value.is_null()) object.field(key).element(patch.value);
        }
        object.finish();
    }

    void into_key(const element* old, const std::string& key, Steps rest) {
        ObjectWriter object(out_);
        bool was_there = false;
        if (old && old->is_object()) {
            for (const auto field : sure(old->get_object())) {
                object.field(field.key);
                if (field.key == key) {
                    was_there = true;
                    write(&field.value, rest);
                } else {
                    out_.element(field.value);
                }
            }
        }
        if (!was_there) {
            object.field(key);
            write(nullptr, rest);
        }
        object.finish();
    }

    void into_array(const element* old, Steps steps) {
        ArrayWriter array(out_);
        if (old && old->is_array()) {
            const auto* index = std::get_if<JsonPath::Index>(&steps.front());
            std::uint64_t at = 0;
            for (const auto item : sure(old->get_array())) {
                array.item();
                if (!index || index->at == at) {
                    write(&item, steps.subspan(1));
                } else {
                    out_.element(item);
                }
                ++at;
            }
        }
        array.finish();
    }

    JsonWriter& out_;
    std::vector<std::string_view> order_;
    std::map<std::string_view, Patch> patch_;
};

/// Walks a tree with the set of paths that still agree with the way taken. The live paths of each
/// level lie on one stack; a level sees its own part of it.
class PathFilter {
  public:
    PathFilter(JsonWriter& out, std::span<const JsonPath> paths) : out_(out) {
        for (const auto& path : paths)
            live_.emplace_back(path.steps());
    }

    enum class Way { kRemove, kInclude, kExclude };
    void write(const element& root, Way way) {
        way_ = way;
        level(root, 0, live_.size());
    }

  private:
    void level(const element& value, std::size_t begin, std::size_t end) {
        if (begin == end && way_ != Way::kInclude) return out_.element(value);
        if (value.is_object()) return object(value, begin, end);
        if (value.is_array()) return array(value, begin, end);
        out_.scalar(value);
    }

    void object(const element& value, std::size_t begin, std::size_t end) {
        ObjectWriter object(out_);
        for (const auto field : sure(value.get_object())) {
            const auto verdict = descend(begin, end, [&](const JsonPath::Step& step) {
                const auto* key = key_of(step);
                return key && *key == field.key;
            });
            if (keeps(verdict)) below(field.value, verdict, object.field(field.key));
            live_.resize(verdict.base);
        }
        object.finish();
    }

    void array(const element& value, std::size_t begin, std::size_t end) {
        ArrayWriter array(out_);
        std::uint64_t at = 0;
        for (const auto item : sure(value.get_array())) {
            const auto verdict = descend(begin, end, [&](const JsonPath::Step& step) {
                if (is_all(step)) return true;
                const auto* index = std::get_if<JsonPath::Index>(&step);
                return way_ == Way::kRemove && index && index->at == at;
            });
            // An element named by its number is not removed: those behind it would change theirs.
            const bool kept = keeps(verdict) || (way_ == Way::kRemove && !verdict.ends_all);
            if (kept) below(item, verdict, array.item());
            live_.resize(verdict.base);
            ++at;
        }
        array.finish();
    }

    struct Verdict {
        std::size_t base = 0;   // live paths of the level below start here on the stack
        bool ends = false;      // a path ends here
        bool ends_all = false;  // a path ends here with []
    };

    template <typename Agrees>
    Verdict descend(std::size_t begin, std::size_t end, Agrees agrees) {
        Verdict verdict{.base = live_.size()};
        for (std::size_t i = begin; i < end; ++i) {
            const auto steps = live_[i];
            if (!agrees(steps.front())) continue;
            if (steps.size() == 1) {
                verdict.ends = true;
                verdict.ends_all = verdict.ends_all || is_all(steps.front());
            } else {
                live_.push_back(steps.subspan(1));
            }
        }
        return verdict;
    }

    [[nodiscard]] bool keeps(const Verdict& verdict) const {
        if (way_ != Way::kInclude) return !verdict.ends;
        return verdict.ends || live_.size() > verdict.base;
    }

    void below(const element& value, const Verdict& verdict, JsonWriter& out) {
        if (way_ == Way::kInclude && verdict.ends) return out.element(value);
        level(value, verdict.base, live_.size());
    }

    JsonWriter& out_;
    std::vector<Steps> live_;
    Way way_ = Way::kRemove;
};

/// What the functions of this file need; theirs alone, so it is never in use twice.
struct Scratch {
    JsonDocument old;
    JsonDocument patch;
    JsonWriter writer;
};

Scratch& scratch() {
    thread_local Scratch mine;
    mine.writer.reset();
    return mine;
}

void parse_trusted(JsonDocument& document, std::string_view json) {
    const auto code = document.parse(json);
    // A Payload's bytes are valid by its invariant, and stored ones are checked by the store.
    QD_ASSERT(code == simdjson::SUCCESS);
}

}  // namespace

Payload merge_payload(const Payload& old, const Payload& patch) {
    auto& use = scratch();
    parse_trusted(use.old, old.json());
    parse_trusted(use.patch, patch.json());
    const auto root = use.old.root();
    Merger(use.writer, use.patch.root()).write(&root, {});
    return Payload::trusted(std::string(use.writer.text()));
}

Payload merge_payload_at(const Payload& old, const JsonPath& path, const Payload& patch) {
    auto& use = scratch();
    parse_trusted(use.old, old.json());
    parse_trusted(use.patch, patch.json());
    const auto root = use.old.root();
    Merger(use.writer, use.patch.root()).write(&root, path.steps());
    return Payload::trusted(std::string(use.writer.text()));
}

Payload remove_from_payload(const Payload& old, std::span<const JsonPath> paths) {
    auto& use = scratch();
    parse_trusted(use.old, old.json());
    PathFilter(use.writer, paths).write(use.old.root(), PathFilter::Way::kRemove);
    return Payload::trusted(std::string(use.writer.text()));
}

std::string select_payload(std::string_view payload_json, const PayloadSelector& selector) {
    using Kind = PayloadSelector::Kind;
    QD_ASSERT(selector.kind != Kind::kNone);
    if (selector.kind == Kind::kAll) return std::string(payload_json);
    auto& use = scratch();
    parse_trusted(use.old, payload_json);
    const bool include = selector.kind == Kind::kInclude;
    PathFilter(use.writer, selector.paths)
        .write(use.old.root(), include ? PathFilter::Way::kInclude : PathFilter::Way::kExclude);
    return std::string(use.writer.text());
}

}  // namespace qdrantd::model
