// SPDX-License-Identifier: Apache-2.0
// Asks the clock now and then inside a long loop. Thread safety: none; one per operation.
// Errors: kTimeout `Operation 'x' timed out after Ns`, N counted from when the check was made.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/result.hpp>

namespace qdrantd::engine {

class DeadlineCheck {
  public:
    DeadlineCheck(Deadline deadline, const char* operation)
        : deadline_(deadline), operation_(operation), begin_(SystemClock::instance().now()) {}

    /// Counts `steps` of work, each below a microsecond or so; looks at the clock every few
    /// thousand.
    Status step(std::size_t steps = 1) {
        left_ -= std::min(left_, steps);
        if (left_ > 0) return {};
        left_ = kStepsPerLook;
        return look();
    }
    [[nodiscard]] Status look() const {
        if (!deadline_.passed()) return {};
        const auto spent = SystemClock::instance().now() - begin_;
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(spent).count();
        return Error{ErrorCode::kTimeout, std::string("Timeout error: Operation '") + operation_ +
                                              "' timed out after " +
                                              std::to_string(std::max<long>(seconds, 1)) + "s"};
    }

  private:
    static constexpr std::size_t kStepsPerLook = 4096;

    const Deadline deadline_;
    const char* const operation_;
    const TimePoint begin_;
    std::size_t left_ = kStepsPerLook;
};

}  // namespace qdrantd::engine
