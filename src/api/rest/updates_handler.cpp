// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_points.hpp"
#include "api/rest/encode_points.hpp"
#include "api/rest/routes.hpp"

namespace qdrantd::rest {

namespace {

using UpdateResults = std::vector<model::UpdateResult>;

Result<cluster::WriteContext> write_context(const Request& request) {
    QD_ASSIGN(const auto params, QueryParams::parse(request.query));
    return params.write_context();
}

using DecodeUpdate = Result<model::UpdateOperation> (*)(const JsonValue&);

void update_one(const Services& services, Request& request, Responder responder,
                DecodeUpdate decode) {
    const auto context = write_context(request);
    if (!context.ok()) return responder.refuse(context.error());
    auto decoded = decode_body(request, decode);
    if (!decoded.ok()) return responder.refuse(decoded.error());
    std::vector<model::UpdateOperation> operations;
    operations.push_back(*std::move(decoded));
    services.points.update(
        request.params[0], std::move(operations), *context,
        [responder = std::move(responder)](Result<UpdateResults> results) mutable {
            if (!results.ok()) return responder.error(results.error());
            if (results->size() != 1) {
                return responder.error({ErrorCode::kInternal, "an update was left unanswered"});
            }
            responder.ok([&](std::string& out) { append_update_result(out, results->front()); });
        });
}

void update_batch(const Services& services, Request& request, Responder responder) {
    const auto context = write_context(request);
    if (!context.ok()) return responder.refuse(context.error());
    auto operations = decode_body(request, decode_update_batch);
    if (!operations.ok()) return responder.refuse(operations.error());
    if (operations->empty()) {
        return responder.ok([](std::string& out) { out += "[]"; });
    }
    services.points.update(
        request.params[0], *std::move(operations), *context,
        [responder = std::move(responder)](Result<UpdateResults> results) mutable {
            if (!results.ok()) return responder.error(results.error());
            responder.ok([&](std::string& out) {
                out.push_back('[');
                for (std::size_t i = 0; i < results->size(); ++i) {
                    if (i > 0) out.push_back(',');
                    append_update_result(out, (*results)[i]);
                }
                out.push_back(']');
            });
        });
}

}  // namespace

void add_point_update_routes(Router& router, const Services& services) {
    const auto add = [&](Method method, std::string_view tail, DecodeUpdate decode) {
        router.add(method, "/collections/{collection_name}/points" + std::string(tail),
                   [&services, decode](Request& request, Responder responder) {
                       update_one(services, request, std::move(responder), decode);
                   });
    };
    add(Method::kPut, "", decode_upsert);
    add(Method::kPost, "/delete", decode_delete_points);
    add(Method::kPut, "/vectors", decode_update_vectors);
    add(Method::kPost, "/vectors/delete", decode_delete_vectors);
    add(Method::kPost, "/payload", decode_set_payload);
    add(Method::kPut, "/payload", decode_overwrite_payload);
    add(Method::kPost, "/payload/delete", decode_delete_payload);
    add(Method::kPost, "/payload/clear", decode_clear_payload);
    router.add(Method::kPost, "/collections/{collection_name}/points/batch",
               [&services](Request& request, Responder responder) {
                   update_batch(services, request, std::move(responder));
               });
}

}  // namespace qdrantd::rest
