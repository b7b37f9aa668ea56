// SPDX-License-Identifier: Apache-2.0
#include "index/field/keyword_index.hpp"

#include <qdrantd/model/datetime.hpp>
#include <qdrantd/model/match.hpp>

namespace qdrantd::index {

namespace {

constexpr std::size_t kInlineChars = 15;

std::size_t heap_bytes_of(std::string_view text) {
    return text.size() > kInlineChars ? text.size() + 1 : 0;
}

}  // namespace

bool KeywordIndex::takes(const model::ValueView& value) const {
    return value.kind == model::ValueView::Kind::kString;
}

void KeywordIndex::add(Slot slot, const model::ValueView& value) {
    auto found = postings_.find(value.string);
    if (found == postings_.end()) {
        found = postings_.emplace(value.string, SlotList{}).first;
        text_bytes_ += heap_bytes_of(value.string);
    }
    list_bytes_ -= found->second.heap_bytes();
    found->second.add(slot);
    list_bytes_ += found->second.heap_bytes();
}

void KeywordIndex::erase(Slot slot, const model::ValueView& value) {
    const auto found = postings_.find(value.string);
    if (found == postings_.end()) return;
    list_bytes_ -= found->second.heap_bytes();
    found->second.remove(slot);
    list_bytes_ += found->second.heap_bytes();
    if (found->second.size() == 0) {
        text_bytes_ -= heap_bytes_of(value.string);
        postings_.erase(found);
    }
}

Roaring KeywordIndex::with_any(const std::vector<std::string>& texts) const {
    SlotGatherer gatherer;
    for (const auto& text : texts) {
        if (const auto found = postings_.find(text); found != postings_.end()) {
            gatherer.add(found->second);
        }
    }
    return gatherer.build();
}

template <typename Holds>
SlotSpan KeywordIndex::where(Holds holds) const {
    SlotGatherer gatherer;
    for (const auto& [text, slots] : postings_) {
        if (holds(text)) gatherer.add(slots);
    }
    return SlotSpan::exactly(gatherer.build());
}

SlotSpan KeywordIndex::find(const model::Match& match) const {
    if (const auto* value = std::get_if<model::MatchValue>(&match)) {
        const auto* text = std::get_if<std::string>(&value->value);
        if (!text) return others_may();
        const auto found = postings_.find(*text);
        return SlotSpan::exactly(found == postings_.end() ? Roaring{} : found->second.to_bitmap());
    }
    if (const auto* any = std::get_if<model::MatchAny>(&match)) {
        const auto* texts = std::get_if<std::vector<std::string>>(&any->values);
        return texts ? SlotSpan::exactly(with_any(*texts)) : others_may();
    }
    if (const auto* except = std::get_if<model::MatchExcept>(&match)) {
        const auto* texts = std::get_if<std::vector<std::string>>(&except->values);
        return texts ? outside(with_any(*texts)) : own_outside();
    }
    const auto& query = std::get<model::MatchText>(match);
    return where([&](const std::string& text) { return model::text_matches(query, text); });
}

SlotSpan KeywordIndex::find(const model::Range& range) const { return FieldIndex::find(range); }

SlotSpan KeywordIndex::find(const model::DatetimeRange& range) const {
    return where([&](const std::string& text) {
        const auto micros = model::parse_datetime(text);
        return micros && model::within(range, *micros);
    });
}

CardinalityEstimate KeywordIndex::estimate(const model::Match& match) const {
    const auto count = [&](const std::string& text) -> std::uint64_t {
        const auto found = postings_.find(text);
        return found == postings_.end() ? 0 : found->second.size();
    };
    if (const auto* value = std::get_if<model::MatchValue>(&match)) {
        if (const auto* text = std::get_if<std::string>(&value->value)) {
            const auto slots = count(*text);
            return {slots, slots, slots};
        }
    }
    if (const auto* any = std::get_if<model::MatchAny>(&match)) {
        if (const auto* texts = std::get_if<std::vector<std::string>>(&any->values)) {
            std::uint64_t largest = 0;
            std::uint64_t sum = 0;
            for (const auto& text : *texts) {
                const auto slots = count(text);
                largest = std::max(largest, slots);
                sum += slots;
            }
            return between_counts(largest, sum);
        }
    }
    return FieldIndex::estimate(match);
}

std::size_t KeywordIndex::bytes() const {
    // A node of the table: link, hash, key, list, and what the allocator adds.
    constexpr std::size_t kNode = sizeof(std::pair<const std::string, SlotList>) + 24;
    return FieldIndex::bytes() + postings_.size() * kNode + text_bytes_ + list_bytes_ +
           postings_.bucket_count() * sizeof(void*);
}

}  // namespace qdrantd::index
