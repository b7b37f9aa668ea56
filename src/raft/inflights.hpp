// SPDX-License-Identifier: Apache-2.0
// Append messages under way to one follower: a window bounded by count and bytes.
#pragma once

#include <cstddef>
#include <deque>

#include <qdrantd/raft/message.hpp>

namespace qdrantd::raft {

class Inflights {
  public:
    Inflights(std::size_t messages_max, std::size_t bytes_max)
        : messages_max_(messages_max), bytes_max_(bytes_max) {}

    bool full() const { return window_.size() >= messages_max_ || bytes_ >= bytes_max_; }
    std::size_t count() const { return window_.size(); }
    std::size_t bytes() const { return bytes_; }

    /// A message whose last entry is `last` has been sent. REQUIRES: last grows from call to call.
    void add(Index last, std::size_t bytes);
    /// Everything up to `last` has arrived.
    void free_to(Index last);
    void clear();

  private:
    struct Sent {
        Index last;
        std::size_t bytes;
    };
    std::size_t messages_max_;
    std::size_t bytes_max_;
    std::deque<Sent> window_;
    std::size_t bytes_ = 0;
};

}  // namespace qdrantd::raft
