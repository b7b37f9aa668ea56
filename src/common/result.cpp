// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/result.hpp>

#include <fmt/core.h>

namespace qdrantd {

std::string_view error_code_name(ErrorCode code) {
    switch (code) {
        case ErrorCode::kFormat:
            return "format";
        case ErrorCode::kValidation:
            return "validation";
        case ErrorCode::kBadInput:
            return "bad_input";
        case ErrorCode::kBadRequest:
            return "bad_request";
        case ErrorCode::kAlreadyExists:
            return "already_exists";
        case ErrorCode::kNotFound:
            return "not_found";
        case ErrorCode::kInternal:
            return "internal";
        case ErrorCode::kTimeout:
            return "timeout";
        case ErrorCode::kForbidden:
            return "forbidden";
        case ErrorCode::kUnauthenticated:
            return "unauthenticated";
        case ErrorCode::kStandalone:
            return "standalone";
        case ErrorCode::kRateLimited:
            return "rate_limited";
        case ErrorCode::kUnavailable:
            return "unavailable";
        case ErrorCode::kInsufficientStorage:
            return "insufficient_storage";
        case ErrorCode::kUnsupported:
            return "unsupported";
        case ErrorCode::kChecksum:
            return "checksum";
        case ErrorCode::kIo:
            return "io";
        case ErrorCode::kCancelled:
            return "cancelled";
    }
    return "unknown";
}

std::string describe(const Error& error) {
    return fmt::format("{}: {}", error_code_name(error.code), error.message);
}

}  // namespace qdrantd
