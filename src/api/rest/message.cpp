// SPDX-License-Identifier: Apache-2.0
#include "api/rest/message.hpp"

#include "api/rest/error_response.hpp"
#include "api/rest/json_text.hpp"

namespace qdrantd::rest {

Responder::~Responder() {
    if (send_) error({ErrorCode::kInternal, "the request was dropped without an answer"});
}

void Responder::send(Response response) {
    auto once = std::move(send_);
    if (once) once(std::move(response));
}

void Responder::ok(const std::function<void(std::string&)>& append) {
    Response response;
    response.body = R"({"result":)";
    append(response.body);
    response.body += R"(,"status":"ok","time":)";
    append_f64(response.body, seconds());
    response.body.push_back('}');
    send(std::move(response));
}

void Responder::error(const Error& error) { send(error_response(error, seconds())); }

void Responder::refuse(const Error& error) { send(error_response(error, 0.0)); }

double Responder::seconds() const {
    const auto elapsed = SystemClock::instance().now() - start_;
    return std::chrono::duration<double>(elapsed).count();
}

}  // namespace qdrantd::rest
