// SPDX-License-Identifier: Apache-2.0
// The one table from failure classes to HTTP status and text (spec data.md §1.2). Thread safety:
// free functions.
#pragma once

#include "api/rest/message.hpp"

namespace qdrantd::rest {

Response error_response(const Error& error, double seconds);
/// 404 with an empty body: unknown paths and wrong methods.
Response empty_not_found();

}  // namespace qdrantd::rest
