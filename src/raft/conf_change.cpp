// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/raft/conf_change.hpp>

#include <algorithm>

namespace qdrantd::raft {

namespace {

// Layout, little endian, do not change without a new version byte:
// u8 version, u8 kind, u64 peer, u32 length + context, u32 count + u64 voters, u32 count + u64
// learners.
constexpr std::uint8_t kVersion = 1;

bool in(const std::vector<PeerId>& sorted, PeerId peer) {
    return std::binary_search(sorted.begin(), sorted.end(), peer);
}

void insert(std::vector<PeerId>& sorted, PeerId peer) {
    sorted.insert(std::lower_bound(sorted.begin(), sorted.end(), peer), peer);
}

template <typename T>
void put(std::string& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        out.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
    }
}

void put_peers(std::string& out, const std::vector<PeerId>& peers) {
    put(out, static_cast<std::uint32_t>(peers.size()));
    for (const auto peer : peers)
        put(out, peer.value);
}

/// Reads from the front; after the first failure everything reads as zero and ok() is false.
class Cursor {
  public:
    explicit Cursor(std::string_view bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    bool at_end() const { return rest_.empty(); }

    template <typename T>
    T number() {
        const auto bytes = take(sizeof(T));
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
        }
        return static_cast<T>(value);
    }

    std::string_view take(std::size_t count) {
        if (!ok_ || count > rest_.size()) {
            ok_ = false;
            return {};
        }
        const auto taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    std::vector<PeerId> peers() {
        const auto count = number<std::uint32_t>();
        if (!ok_ || count > rest_.size() / sizeof(std::uint64_t)) {
            ok_ = false;
            return {};
        }
        std::vector<PeerId> found;
        found.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i)
            found.emplace_back(number<std::uint64_t>());
        return found;
    }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

bool strictly_sorted(const std::vector<PeerId>& peers) {
    for (std::size_t i = 0; i < peers.size(); ++i) {
        if (peers[i] == kNoPeer) return false;
        if (i > 0 && !(peers[i - 1] < peers[i])) return false;
    }
    return true;
}

}  // namespace

bool ConfState::is_voter(PeerId peer) const { return in(voters, peer); }
bool ConfState::is_learner(PeerId peer) const { return in(learners, peer); }

bool valid_conf_state(const ConfState& conf) {
    if (conf.voters.empty() || !strictly_sorted(conf.voters) || !strictly_sorted(conf.learners)) {
        return false;
    }
    return std::none_of(conf.learners.begin(), conf.learners.end(),
                        [&](PeerId peer) { return conf.is_voter(peer); });
}

Result<ConfState> apply_conf_change(const ConfState& conf, const ConfChange& change) {
    const auto refuse = [](const char* why) { return Error{ErrorCode::kBadInput, why}; };
    const PeerId peer = change.peer;
    if (peer == kNoPeer) return refuse("membership change without a peer");
    if (change.context.size() > kConfContextBytesMax)
        return refuse("context of the change is too long");
    ConfState next = conf;
    switch (change.kind) {
        case ConfChangeKind::kAddLearner:
            if (conf.contains(peer)) return refuse("peer is a member already");
            insert(next.learners, peer);
            return next;
        case ConfChangeKind::kPromote:
            if (!conf.is_learner(peer)) return refuse("peer is not a learner");
            std::erase(next.learners, peer);
            insert(next.voters, peer);
            return next;
        case ConfChangeKind::kDemote:
            if (!conf.is_voter(peer)) return refuse("peer is not a voter");
            if (conf.voters.size() == 1) return refuse("the last voter cannot be demoted");
            std::erase(next.voters, peer);
            insert(next.learners, peer);
            return next;
        case ConfChangeKind::kRemove:
            if (!conf.contains(peer)) return refuse("peer is not a member");
            if (conf.is_voter(peer) && conf.voters.size() == 1) {
                return refuse("the last voter cannot be removed");
            }
            std::erase(next.voters, peer);
            std::erase(next.learners, peer);
            return next;
    }
    return refuse("unknown kind of membership change");
}

std::string encode_conf_entry(const ConfEntry& entry) {
    std::string out;
    put(out, kVersion);
    put(out, static_cast<std::uint8_t>(entry.change.kind));
    put(out, entry.change.peer.value);
    put(out, static_cast<std::uint32_t>(entry.change.context.size()));
    out += entry.change.context;
    put_peers(out, entry.conf.voters);
    put_peers(out, entry.conf.learners);
    return out;
}

Result<ConfEntry> decode_conf_entry(std::string_view bytes) {
    Cursor cursor(bytes);
    const auto version = cursor.number<std::uint8_t>();
    if (version != kVersion)
        return Error{ErrorCode::kFormat, "unknown version of a membership entry"};
    ConfEntry entry;
    const auto kind = cursor.number<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(ConfChangeKind::kRemove)) {
        return Error{ErrorCode::kFormat, "unknown kind of membership change"};
    }
    entry.change.kind = static_cast<ConfChangeKind>(kind);
    entry.change.peer = PeerId{cursor.number<std::uint64_t>()};
    entry.change.context = cursor.take(cursor.number<std::uint32_t>());
    entry.conf.voters = cursor.peers();
    entry.conf.learners = cursor.peers();
    if (!cursor.ok() || !cursor.at_end()) {
        return Error{ErrorCode::kFormat, "membership entry has a wrong length"};
    }
    return entry;
}

}  // namespace qdrantd::raft
