// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/raft_network.hpp"

namespace qdrantd::raft::sim {

void Network::send(Message message, std::uint64_t now) {
    if (is_cut(message.from, message.to)) return;
    const auto arrival = [&] {
        // In order once all is well, as a connection is.
        if (healed_) return now + plan_->delay_ticks;
        auto at = now + 1 + random_->below(plan_->delay_ticks);
        if (random_->chance(plan_->reorder)) at += random_->below(plan_->reorder_ticks + 1);
        return at;
    };
    if (healed_) {
        under_way_.emplace(arrival(), std::move(message));
        return;
    }
    if (random_->chance(plan_->loss)) return;
    if (random_->chance(plan_->duplication)) under_way_.emplace(arrival(), message);
    under_way_.emplace(arrival(), std::move(message));
}

std::vector<Message> Network::arrivals(std::uint64_t now) {
    std::vector<Message> arrived;
    while (!under_way_.empty() && under_way_.begin()->first <= now) {
        auto message = std::move(under_way_.begin()->second);
        under_way_.erase(under_way_.begin());
        if (!is_cut(message.from, message.to)) arrived.push_back(std::move(message));
    }
    return arrived;
}

void Network::cut_one_way(PeerId sender, PeerId receiver, std::uint64_t from, std::uint64_t to) {
    link_events_.emplace(from, LinkEvent{sender, receiver, true});
    link_events_.emplace(to, LinkEvent{sender, receiver, false});
}

void Network::cut_both(PeerId a, PeerId b, std::uint64_t from, std::uint64_t to) {
    cut_one_way(a, b, from, to);
    cut_one_way(b, a, from, to);
}

void Network::isolate(PeerId peer, const std::vector<PeerId>& peers, std::uint64_t from,
                      std::uint64_t to) {
    for (const auto other : peers) {
        if (other != peer) cut_both(peer, other, from, to);
    }
}

// Links stop one after the other and come back in another order.
void Network::swizzle(const std::vector<PeerId>& peers, std::uint64_t now, std::uint64_t length) {
    const auto center = peers[random_->below(peers.size())];
    for (const auto other : peers) {
        if (other == center) continue;
        const auto stop = now + random_->below(length);
        cut_both(center, other, stop, stop + 1 + random_->below(length));
    }
}

void Network::partition(const std::vector<PeerId>& peers, std::uint64_t now) {
    if (peers.size() < 2) return;
    const auto length = 1 + random_->below(plan_->partition_ticks);
    const auto end = now + length;
    const auto any = [&] { return peers[random_->below(peers.size())]; };
    switch (random_->below(5)) {
        case 0: {  // two sides
            std::vector<bool> side(peers.size());
            for (std::size_t i = 0; i < peers.size(); ++i)
                side[i] = random_->chance(0.5);
            for (std::size_t a = 0; a < peers.size(); ++a) {
                for (std::size_t b = a + 1; b < peers.size(); ++b) {
                    if (side[a] != side[b]) cut_both(peers[a], peers[b], now, end);
                }
            }
            return;
        }
        case 1:  // one way
            for (int links = 0; links < 3; ++links) {
                const auto a = any();
                const auto b = any();
                if (a != b) cut_one_way(a, b, now, end);
            }
            return;
        case 2:  // a and b reach all but each other
        {
            const auto a = any();
            const auto b = any();
            if (a != b) cut_both(a, b, now, end);
            return;
        }
        case 3:
            isolate(any(), peers, now, end);
            return;
        default:
            swizzle(peers, now, length);
            return;
    }
}

void Network::advance_links(std::uint64_t now) {
    while (!link_events_.empty() && link_events_.begin()->first <= now) {
        const auto event = link_events_.begin()->second;
        link_events_.erase(link_events_.begin());
        const std::pair link{event.from, event.to};
        int& count = cuts_[link];
        count += event.cut ? 1 : -1;
        if (count > 0) {
            cut_.insert(link);
        } else {
            cut_.erase(link);
        }
    }
}

void Network::heal() {
    healed_ = true;
    link_events_.clear();
    cuts_.clear();
    cut_.clear();
}

}  // namespace qdrantd::raft::sim
