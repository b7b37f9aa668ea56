// SPDX-License-Identifier: Apache-2.0
// The handlers of each family and their places in the router. Ownership: `services` is borrowed by
// the handlers and must outlive the router.
#pragma once

#include <string>

#include <qdrantd/api/rest/server.hpp>

#include "api/rest/decode_common.hpp"
#include "api/rest/message.hpp"
#include "api/rest/query_params.hpp"
#include "api/rest/router.hpp"

namespace qdrantd::rest {

struct Services {
    cluster::PointService& points;
    cluster::CollectionService& collections;
    const Options& options;
};

void add_service_routes(Router& router, const Services& services);
void add_collection_routes(Router& router, const Services& services);
void add_point_read_routes(Router& router, const Services& services);
void add_point_update_routes(Router& router, const Services& services);
/// Parts of the public API that this build answers with 501 only.
void add_unserved_routes(Router& router);

/// Decodes the request's body; values out of range are errors too.
template <typename T>
Result<T> decode_body(Request& request, Result<T> (*decode)(const JsonValue&)) {
    Issues issues;
    QD_ASSIGN(const JsonValue root, request.parser->parse(request.body, issues));
    auto decoded = decode(root);
    if (decoded.ok()) QD_TRY(issues.status());
    return decoded;
}

}  // namespace qdrantd::rest
