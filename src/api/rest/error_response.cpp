// SPDX-License-Identifier: Apache-2.0
#include "api/rest/error_response.hpp"

#include "api/rest/json_text.hpp"

namespace qdrantd::rest {

namespace {

struct Row {
    std::uint32_t status;
    std::string_view prefix;
};

Row row_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::kFormat:
            return {400, ""};
        case ErrorCode::kValidation:
            return {422, ""};
        case ErrorCode::kBadInput:
            return {400, "Wrong input: "};
        case ErrorCode::kBadRequest:
            return {400, "Bad request: "};
        case ErrorCode::kAlreadyExists:
            return {409, "Wrong input: "};
        case ErrorCode::kNotFound:
            return {404, "Not found: "};
        case ErrorCode::kInternal:
            return {500, "Service internal error: "};
        case ErrorCode::kTimeout:
            return {408, "Timeout: "};
        case ErrorCode::kForbidden:
            return {403, "Forbidden: "};
        case ErrorCode::kUnauthenticated:
            return {401, ""};
        case ErrorCode::kStandalone:
            return {405, ""};
        case ErrorCode::kRateLimited:
            return {429, "Rate limiting exceeded: "};
        case ErrorCode::kUnavailable:
            return {503, "Shard temporarily unavailable: "};
        case ErrorCode::kInsufficientStorage:
            return {507, "Insufficient storage: "};
        case ErrorCode::kUnsupported:
            return {501, "Not supported: "};
        case ErrorCode::kChecksum:
            return {500, "Service internal error: Checksum mismatch: "};
        case ErrorCode::kIo:
            return {500, "Service internal error: "};
        case ErrorCode::kCancelled:
            return {500, "Service internal error: Operation cancelled: "};
    }
    return {500, "Service internal error: "};
}

/// Checks below the doors name the field only; the doors' own texts are whole.
std::string validation_text(const std::string& message) {
    if (message.starts_with("Validation error")) return message;
    const bool path = message.starts_with("collection_name: ");
    return fmt::format("Validation error in {}: [{}]", path ? "path parameters" : "JSON body",
                       message);
}

std::string format_text(const std::string& message) {
    for (const std::string_view own : {"Format error", "Deserialize error", "JSON payload"}) {
        if (message.starts_with(own)) return message;
    }
    return "Format error in JSON body: " + message;
}

std::string text_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::kValidation:
            return validation_text(error.message);
        case ErrorCode::kFormat:
            return format_text(error.message);
        case ErrorCode::kStandalone:
            return "Qdrant is running in standalone mode";
        default:
            return std::string(row_of(error.code).prefix) + error.message;
    }
}

}  // namespace

Response error_response(const Error& error, double seconds) {
    Response response;
    response.status = row_of(error.code).status;
    response.retry_after_sec = error.retry_after_sec;
    if (error.code == ErrorCode::kUnauthenticated) {
        response.content_type = "text/plain; charset=utf-8";
        response.body = error.message;
        return response;
    }
    response.body = R"({"status":{"error":)";
    append_json_string(response.body, text_of(error));
    response.body += R"(},"time":)";
    append_f64(response.body, seconds);
    response.body.push_back('}');
    return response;
}

Response empty_not_found() {
    Response response;
    response.status = 404;
    response.content_type = {};
    return response;
}

}  // namespace qdrantd::rest
