// SPDX-License-Identifier: Apache-2.0
#include "raft/read_index.hpp"

#include "raft/mutant.hpp"

namespace qdrantd::raft {

void ReadQueue::add(PeerId from, ReadId id, Index index) {
    if (!mutant(Mutant::kReadRoundReused) || round_ == 0) ++round_;
    requests_.push_back({from, id, index, round_});
}

void ReadQueue::add_waiting(PeerId from, ReadId id) { requests_.push_back({from, id, 0, 0}); }

bool ReadQueue::release(Index index) {
    bool opened = false;
    for (auto& request : requests_) {
        if (request.round != 0) continue;
        if (!opened) ++round_;
        opened = true;
        request.index = index;
        request.round = round_;
    }
    return opened;
}

std::vector<ReadQueue::Request> ReadQueue::take_confirmed(std::uint64_t round) {
    std::vector<Request> taken;
    while (!requests_.empty() && requests_.front().round != 0 && requests_.front().round <= round) {
        confirmed_ = requests_.front().round;
        taken.push_back(requests_.front());
        requests_.pop_front();
    }
    return taken;
}

std::vector<ReadQueue::Request> ReadQueue::reset() {
    std::vector<Request> taken(requests_.begin(), requests_.end());
    requests_.clear();
    round_ = 0;
    confirmed_ = 0;
    return taken;
}

std::vector<ReadId> ForwardedReads::tick(std::uint32_t limit) {
    std::vector<ReadId> expired;
    for (auto place = ages_.begin(); place != ages_.end();) {
        if (++place->second >= limit) {
            expired.push_back(place->first);
            place = ages_.erase(place);
        } else {
            ++place;
        }
    }
    return expired;
}

std::vector<ReadId> ForwardedReads::take_all() {
    std::vector<ReadId> taken;
    taken.reserve(ages_.size());
    for (const auto& [id, age] : ages_)
        taken.push_back(id);
    ages_.clear();
    return taken;
}

}  // namespace qdrantd::raft
