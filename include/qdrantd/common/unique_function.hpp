// SPDX-License-Identifier: Apache-2.0
// A callable that is called at most as its owner wishes and may hold move-only state
// (std::move_only_function is C++23). Thread safety: none. Ownership: owns the callable.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace qdrantd {

template <typename Signature>
class UniqueFunction;

template <typename R, typename... Args>
class UniqueFunction<R(Args...)> {
  public:
    UniqueFunction() = default;
    template <typename F>
    requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> &&
             std::is_invocable_r_v<R, F&, Args...>) UniqueFunction(F&& f)
        : callable_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(f))) {}

    explicit operator bool() const { return callable_ != nullptr; }
    /// REQUIRES: holds a callable.
    R operator()(Args... args) { return callable_->call(std::forward<Args>(args)...); }

  private:
    struct Callable {
        virtual ~Callable() = default;
        virtual R call(Args... args) = 0;
    };
    template <typename F>
    struct Holder final : Callable {
        explicit Holder(F f) : function(std::move(f)) {}
        R call(Args... args) override { return function(std::forward<Args>(args)...); }
        F function;
    };
    std::unique_ptr<Callable> callable_;
};

}  // namespace qdrantd
