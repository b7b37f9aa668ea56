// SPDX-License-Identifier: Apache-2.0
// Strings and the slots that have them. Conditions on text (substring, word, prefix, date) go
// through the distinct strings once, which is far less work than going through the payloads. Thread
// safety: none; concurrent const calls are fine.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "index/field_index.hpp"
#include "index/slot_list.hpp"

namespace qdrantd::index {

class KeywordIndex final : public FieldIndex {
  public:
    using FieldIndex::estimate;

    [[nodiscard]] SlotSpan find(const model::Match& match) const override;
    [[nodiscard]] SlotSpan find(const model::Range& range) const override;
    [[nodiscard]] SlotSpan find(const model::DatetimeRange& range) const override;
    [[nodiscard]] CardinalityEstimate estimate(const model::Match& match) const override;
    [[nodiscard]] std::size_t bytes() const override;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    [[nodiscard]] bool takes(const model::ValueView& value) const override;
    void add(Slot slot, const model::ValueView& value) override;
    void erase(Slot slot, const model::ValueView& value) override;

    [[nodiscard]] Roaring with_any(const std::vector<std::string>& texts) const;
    template <typename Holds>
    [[nodiscard]] SlotSpan where(Holds holds) const;

    std::unordered_map<std::string, SlotList, Hash, std::equal_to<>> postings_;
    std::size_t text_bytes_ = 0;  // of strings too long to lie in their own object
    std::size_t list_bytes_ = 0;  // of all slot lists
};

}  // namespace qdrantd::index
