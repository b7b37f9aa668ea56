// SPDX-License-Identifier: Apache-2.0
// The slots that have true, and those that have false. Thread safety: none; concurrent const calls
// are fine.
#pragma once

#include "index/field_index.hpp"

namespace qdrantd::index {

class BoolIndex final : public FieldIndex {
  public:
    using FieldIndex::find;

    [[nodiscard]] SlotSpan find(const model::Match& match) const override;
    [[nodiscard]] std::size_t bytes() const override;

  private:
    [[nodiscard]] bool takes(const model::ValueView& value) const override;
    void add(Slot slot, const model::ValueView& value) override;
    void erase(Slot slot, const model::ValueView& value) override;

    Roaring true_;
    Roaring false_;
};

}  // namespace qdrantd::index
