// SPDX-License-Identifier: Apache-2.0
#include "raft/progress_tracker.hpp"

#include "raft/mutant.hpp"
#include "raft/quorum.hpp"

namespace qdrantd::raft {

namespace {

std::vector<PeerId> all_members(const ConfState& conf) {
    std::vector<PeerId> members = conf.voters;
    members.insert(members.end(), conf.learners.begin(), conf.learners.end());
    return members;
}

}  // namespace

Progress ProgressTracker::fresh(Index last_index) const {
    Progress progress(last_index + 1,
                      Inflights(config_->max_inflight_messages, config_->max_inflight_bytes));
    // A new member gets one whole period before its silence counts.
    progress.recently_active = true;
    return progress;
}

void ProgressTracker::reset(const ConfState& conf, Index last_index) {
    if (!mutant(Mutant::kMatchKeptOverTerms)) peers_.clear();
    for (const auto peer : all_members(conf))
        peers_.try_emplace(peer, fresh(last_index));
}

void ProgressTracker::add_members(const ConfState& conf, Index last_index, Index added_at) {
    for (const auto peer : all_members(conf)) {
        const auto [place, is_new] = peers_.try_emplace(peer, fresh(last_index));
        if (is_new) place->second.added_at = added_at;
    }
}

void ProgressTracker::keep_only(const ConfState& conf) {
    std::erase_if(peers_, [&](const auto& item) { return !conf.contains(item.first); });
}

Progress* ProgressTracker::find(PeerId peer) {
    const auto place = peers_.find(peer);
    return place == peers_.end() ? nullptr : &place->second;
}

const Progress* ProgressTracker::find(PeerId peer) const {
    const auto place = peers_.find(peer);
    return place == peers_.end() ? nullptr : &place->second;
}

Index ProgressTracker::committed(const ConfState& conf) const {
    std::vector<std::uint64_t> values;
    values.reserve(conf.voters.size());
    for (const auto peer :
         mutant(Mutant::kLearnerCountsForCommit) ? all_members(conf) : conf.voters) {
        const auto* progress = find(peer);
        values.push_back(progress == nullptr ? 0 : progress->match());
    }
    if (mutant(Mutant::kCommitQuorumOffByOne)) {
        std::sort(values.begin(), values.end(), std::greater<>());
        return values.size() < 2 ? reached_by_majority(values) : values[values.size() / 2 - 1];
    }
    return reached_by_majority(std::move(values));
}

std::uint64_t ProgressTracker::confirmed_round(const ConfState& conf, PeerId self) const {
    std::vector<std::uint64_t> values;
    values.reserve(conf.voters.size());
    for (const auto peer :
         mutant(Mutant::kReadQuorumOfLearners) ? all_members(conf) : conf.voters) {
        const auto* progress = find(peer);
        values.push_back(peer == self ? UINT64_MAX
                                      : (progress == nullptr ? 0 : progress->acked_round));
    }
    return reached_by_majority(std::move(values));
}

bool ProgressTracker::quorum_active(const ConfState& conf, PeerId self) {
    std::size_t active = 0;
    for (const auto peer : conf.voters) {
        const auto* progress = find(peer);
        if (peer == self || (progress != nullptr && progress->recently_active)) ++active;
    }
    for (auto& [peer, progress] : peers_)
        progress.recently_active = false;
    return active >= majority(conf.voters.size());
}

PeerId ProgressTracker::most_complete_voter(const ConfState& conf, PeerId self) const {
    PeerId best = kNoPeer;
    Index best_match = 0;
    for (const auto peer : conf.voters) {
        const auto* progress = find(peer);
        if (peer == self || progress == nullptr || progress->match() <= best_match) continue;
        best = peer;
        best_match = progress->match();
    }
    return best;
}

}  // namespace qdrantd::raft
