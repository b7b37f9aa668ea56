// SPDX-License-Identifier: Apache-2.0
// Collects the answers of several asynchronous calls and passes them on together, or the first
// error, once all have answered. How to use: auto gather = Gather<T>::make(n, done); pass
// gather->part(i) as the reply of call i. Thread safety: parts may be answered on any threads.
// Ownership: kept alive by its parts.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <qdrantd/common/reply.hpp>

namespace qdrantd {

template <typename T>
class Gather : public std::enable_shared_from_this<Gather<T>> {
  public:
    /// With no parts the answer comes at once.
    static std::shared_ptr<Gather> make(std::size_t parts, Reply<std::vector<T>> done) {
        auto gather = std::shared_ptr<Gather>(new Gather(parts, std::move(done)));
        if (parts == 0) gather->done_(std::vector<T>{});
        return gather;
    }

    Reply<T> part(std::size_t index) {
        return [self = this->shared_from_this(), index](Result<T> result) {
            self->answer(index, std::move(result));
        };
    }

  private:
    Gather(std::size_t parts, Reply<std::vector<T>> done)
        : open_(parts), parts_(parts), done_(std::move(done)) {}

    void answer(std::size_t index, Result<T> result) {
        {
            const std::lock_guard lock(mutex_);
            if (result.ok()) {
                parts_[index] = std::move(result).value();
            } else if (!error_) {
                error_ = std::move(result).error();
            }
            if (--open_ > 0) return;
        }
        // The last answer: nobody else touches the state any more.
        if (error_) {
            done_(std::move(*error_));
            return;
        }
        std::vector<T> all;
        all.reserve(parts_.size());
        for (auto& one : parts_)
            all.push_back(std::move(*one));
        done_(std::move(all));
    }

    std::mutex mutex_;
    std::size_t open_;
    std::vector<std::optional<T>> parts_;
    std::optional<Error> error_;
    Reply<std::vector<T>> done_;
};

}  // namespace qdrantd
