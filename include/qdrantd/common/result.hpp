// SPDX-License-Identifier: Apache-2.0
// Expected failures as values. Every function that can fail for a reason outside the program
// returns Result<T>. Use QD_TRY(status) and QD_ASSIGN(auto x, result) to pass an error on. Thread
// safety: values; no shared state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace qdrantd {

/// The one list of failure classes of the daemon. Doors map it to a status in one table each.
enum class ErrorCode : std::uint8_t {
    kFormat,               // undecodable input: malformed JSON, wrong type, bad id
    kValidation,           // decodable input outside its range
    kBadInput,             // "Wrong input: "
    kBadRequest,           // "Bad request: "
    kAlreadyExists,        // "Wrong input: " with its own status
    kNotFound,             // "Not found: "
    kInternal,             // "Service internal error: "
    kTimeout,              // "Timeout: "
    kForbidden,            // "Forbidden: "
    kUnauthenticated,      // no or unknown credential
    kStandalone,           // a cluster call in standalone mode
    kRateLimited,          // "Rate limiting exceeded: "
    kUnavailable,          // "Shard temporarily unavailable: "; also full queues and shutdown
    kInsufficientStorage,  // "Insufficient storage: "
    kUnsupported,          // a known part of the API that this build does not serve
    kChecksum,             // bytes on disk or wire do not match their checksum
    kIo,                   // the disk or the operating system refused
    kCancelled,            // the caller gave up
};

std::string_view error_code_name(ErrorCode code);

struct [[nodiscard]] Error {
    ErrorCode code = ErrorCode::kInternal;
    std::string message;  // without the class prefix; doors add it
    /// Seconds after which a rate limited or overloaded caller may try again.
    std::optional<std::uint32_t> retry_after_sec = std::nullopt;

    bool operator==(const Error&) const = default;
};

/// "code: message", for logs.
std::string describe(const Error& error);

/// A value or an Error. REQUIRES: ok() before value(), !ok() before error().
template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    Error& error() & { return std::get<1>(state_); }
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !error_.has_value(); }
    explicit operator bool() const { return ok(); }
    Error& error() & { return *error_; }
    const Error& error() const& { return *error_; }
    Error&& error() && { return *std::move(error_); }

  private:
    std::optional<Error> error_;
};

using Status = Result<void>;

/// Drops a result on purpose; `why` is for the reader.
template <typename T>
void ignore_result(const Result<T>&, std::string_view /*why*/) {}

}  // namespace qdrantd

#define QD_CONCAT_INNER(a, b) a##b
#define QD_CONCAT(a, b) QD_CONCAT_INNER(a, b)

/// Returns the error of a Status or Result from the enclosing function.
#define QD_TRY(expression)                                        \
    do {                                                          \
        auto&& qd_status = (expression);                          \
        if (!qd_status.ok()) return std::move(qd_status).error(); \
    } while (false)

/// Declares or assigns `target` from a Result, or returns its error from the enclosing function.
#define QD_ASSIGN(target, expression) \
    QD_ASSIGN_IMPL(QD_CONCAT(qd_result_, __LINE__), target, expression)
#define QD_ASSIGN_IMPL(result, target, expression)      \
    auto result = (expression);                         \
    if (!result.ok()) return std::move(result).error(); \
    target = std::move(result).value()
