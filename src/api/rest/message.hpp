// SPDX-License-Identifier: Apache-2.0
// A request as handlers see it and the answer they give, free of the HTTP library.
// Thread safety: values; a Responder may be answered on any thread, once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/clock.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/common/unique_function.hpp>

#include "api/rest/json_value.hpp"

namespace qdrantd::rest {

enum class Method : std::uint8_t { kGet, kPost, kPut, kPatch, kDelete, kHead, kOptions, kOther };

struct Request {
    Method method = Method::kOther;
    std::string path;   // as sent, without the query string
    std::string query;  // as sent, without the question mark
    std::string body;   // decompressed; decoders may rewrite it
    /// Values of the path's parameters, percent-decoded.
    std::vector<std::string> params;
    /// Of the connection's thread. REQUIRES: used only until the handler returns.
    JsonParser* parser = nullptr;
    TimePoint start{};
};

struct Response {
    std::uint32_t status = 200;
    std::string_view content_type = "application/json";
    std::string body;
    std::optional<std::uint32_t> retry_after_sec;
    std::string_view content_encoding;  // of the body as it is
};

/// Answers one request. Left unanswered, it answers with an internal error itself.
class Responder {
  public:
    using Send = UniqueFunction<void(Response)>;

    Responder(Send send, TimePoint start) : send_(std::move(send)), start_(start) {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&&) = delete;
    ~Responder();

    void send(Response response);
    /// `append` writes the result's JSON into the string it is given.
    void ok(const std::function<void(std::string&)>& append);
    void error(const Error& error);
    /// For errors found while decoding, whose `time` is 0.0.
    void refuse(const Error& error);

  private:
    [[nodiscard]] double seconds() const;

    Send send_;
    TimePoint start_;
};

}  // namespace qdrantd::rest
