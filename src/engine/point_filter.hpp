// SPDX-License-Identifier: Apache-2.0
// A filter at work on the slots of one segment, as one view sees them: which slots the payload
// indexes leave over, and whether a slot matches by its payload.
// Thread safety: none; one per read. Ownership: borrows the segment, the view and the filter.
// Errors: kTimeout, those of the store.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <qdrantd/model/filter_eval.hpp>

#include "engine/deadline_check.hpp"
#include "engine/segment_impl.hpp"

namespace qdrantd::engine {

class PointFilter {
  public:
    enum class Indexes { kUse, kIgnore };
    PointFilter(const Segment::Impl& segment, const ReadView& view, const model::Filter& filter,
                Indexes indexes = Indexes::kUse);
    PointFilter(const PointFilter&) = delete;
    PointFilter& operator=(const PointFilter&) = delete;

    /// What the indexes say; nullopt when they cannot narrow the filter.
    [[nodiscard]] const std::optional<index::Candidates>& candidates() const { return candidates_; }
    /// True when every candidate the view sees matches, unseen payloads notwithstanding.
    [[nodiscard]] bool settled() const { return candidates_ && candidates_->exact; }
    [[nodiscard]] bool may_match(Slot slot) const {
        return !candidates_ || candidates_->slots.contains(slot);
    }
    [[nodiscard]] bool needs_payload() const { return evaluator_.needs_payload(); }
    [[nodiscard]] bool matches(Slot slot, std::string_view payload_json);
    /// Keeps those of `slots` that match, in their order.
    Status keep_matching(std::vector<Slot>& slots);
    /// Calls `visit` for every slot below `end` that the view sees and that matches, ascending.
    Status each_match(Slot end, DeadlineCheck& deadline, const std::function<void(Slot)>& visit);

  private:
    const Segment::Impl& segment_;
    const ReadView& view_;
    model::FilterEvaluator evaluator_;
    std::optional<index::Candidates> candidates_;
    Slot asked_ = kNoSlot;  // slot that has_vector_ answers for
    std::function<bool(std::string_view)> has_vector_;
};

}  // namespace qdrantd::engine
