// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/json_path.hpp>
#include <qdrantd/model/validate.hpp>

#include "api/rest/decode_collection.hpp"
#include "api/rest/encode_collection.hpp"
#include "api/rest/encode_points.hpp"
#include "api/rest/json_text.hpp"
#include "api/rest/routes.hpp"

namespace qdrantd::rest {

namespace {

Reply<bool> reply_bool(Responder responder) {
    return [responder = std::move(responder)](Result<bool> result) mutable {
        if (!result.ok()) return responder.error(result.error());
        responder.ok([&](std::string& out) { out += *result ? "true" : "false"; });
    };
}

Reply<std::vector<cluster::AliasInfo>> reply_aliases(Responder responder) {
    return [responder =
                std::move(responder)](Result<std::vector<cluster::AliasInfo>> aliases) mutable {
        if (!aliases.ok()) return responder.error(aliases.error());
        responder.ok([&](std::string& out) { append_aliases(out, *aliases); });
    };
}

Reply<model::UpdateResult> reply_update(Responder responder) {
    return [responder = std::move(responder)](Result<model::UpdateResult> result) mutable {
        if (!result.ok()) return responder.error(result.error());
        responder.ok([&](std::string& out) { append_update_result(out, *result); });
    };
}

Result<Deadline> admin_deadline(const Request& request) {
    QD_ASSIGN(const auto params, QueryParams::parse(request.query));
    return params.admin_deadline();
}

void list(const Services& services, Responder responder) {
    services.collections.list(
        [responder = std::move(responder)](Result<std::vector<std::string>> names) mutable {
            if (!names.ok()) return responder.error(names.error());
            responder.ok([&](std::string& out) { append_collection_list(out, *names); });
        });
}

void get(const Services& services, Request& request, Responder responder) {
    services.collections.get(request.params[0], [responder = std::move(responder)](
                                                    Result<cluster::CollectionInfo> info) mutable {
        if (!info.ok()) return responder.error(info.error());
        responder.ok([&](std::string& out) { append_collection_info(out, *info); });
    });
}

void exists(const Services& services, Request& request, Responder responder) {
    services.collections.exists(
        request.params[0], [responder = std::move(responder)](Result<bool> found) mutable {
            if (!found.ok()) return responder.error(found.error());
            responder.ok([&](std::string& out) {
                out += *found ? R"({"exists":true})" : R"({"exists":false})";
            });
        });
}

void create(const Services& services, Request& request, Responder responder) {
    const auto deadline = admin_deadline(request);
    if (!deadline.ok()) return responder.refuse(deadline.error());
    if (const auto name = model::validate_collection_name(request.params[0]); !name.ok()) {
        return responder.refuse(name.error());
    }
    auto decoded = decode_body(request, decode_create_collection);
    if (!decoded.ok()) return responder.refuse(decoded.error());
    services.collections.create(std::move(request.params[0]), *std::move(decoded), *deadline,
                                reply_bool(std::move(responder)));
}

void patch(const Services& services, Request& request, Responder responder) {
    const auto deadline = admin_deadline(request);
    if (!deadline.ok()) return responder.refuse(deadline.error());
    auto decoded = decode_body(request, decode_collection_patch);
    if (!decoded.ok()) return responder.refuse(decoded.error());
    services.collections.patch(std::move(request.params[0]), *std::move(decoded), *deadline,
                               reply_bool(std::move(responder)));
}

void remove(const Services& services, Request& request, Responder responder) {
    const auto deadline = admin_deadline(request);
    if (!deadline.ok()) return responder.refuse(deadline.error());
    services.collections.remove(std::move(request.params[0]), *deadline,
                                reply_bool(std::move(responder)));
}

void update_aliases(const Services& services, Request& request, Responder responder) {
    const auto deadline = admin_deadline(request);
    if (!deadline.ok()) return responder.refuse(deadline.error());
    auto decoded = decode_body(request, decode_alias_actions);
    if (!decoded.ok()) return responder.refuse(decoded.error());
    services.collections.update_aliases(*std::move(decoded), *deadline,
                                        reply_bool(std::move(responder)));
}

Result<cluster::WriteContext> write_context(const Request& request) {
    QD_ASSIGN(const auto params, QueryParams::parse(request.query));
    return params.write_context();
}

void create_index(const Services& services, Request& request, Responder responder) {
    const auto context = write_context(request);
    if (!context.ok()) return responder.refuse(context.error());
    auto decoded = decode_body(request, decode_field_index);
    if (!decoded.ok()) return responder.refuse(decoded.error());
    services.collections.create_field_index(std::move(request.params[0]), std::move(decoded->path),
                                            std::move(decoded->schema), context->wait,
                                            context->deadline, reply_update(std::move(responder)));
}

void delete_index(const Services& services, Request& request, Responder responder) {
    const auto context = write_context(request);
    if (!context.ok()) return responder.refuse(context.error());
    auto path = model::JsonPath::parse(request.params[1]);
    if (!path.ok()) {
        return responder.refuse(
            {ErrorCode::kFormat, "Deserialize error in path parameters: " + path.error().message});
    }
    services.collections.delete_field_index(std::move(request.params[0]), *std::move(path),
                                            context->wait, context->deadline,
                                            reply_update(std::move(responder)));
}

using ServiceHandler = void (*)(const Services&, Request&, Responder);

}  // namespace

void add_collection_routes(Router& router, const Services& services) {
    const auto add = [&](Method method, std::string_view pattern, ServiceHandler handler) {
        router.add(method, pattern, [&services, handler](Request& request, Responder responder) {
            handler(services, request, std::move(responder));
        });
    };
    router.add(Method::kGet, "/collections", [&services](Request&, Responder responder) {
        list(services, std::move(responder));
    });
    router.add(Method::kGet, "/aliases", [&services](Request&, Responder responder) {
        services.collections.list_aliases(reply_aliases(std::move(responder)));
    });
    router.add(Method::kGet, "/collections/{collection_name}/aliases",
               [&services](Request& request, Responder responder) {
                   services.collections.list_collection_aliases(
                       std::move(request.params[0]), reply_aliases(std::move(responder)));
               });
    add(Method::kPost, "/collections/aliases", update_aliases);
    add(Method::kGet, "/collections/{collection_name}", get);
    add(Method::kPut, "/collections/{collection_name}", create);
    add(Method::kPatch, "/collections/{collection_name}", patch);
    add(Method::kDelete, "/collections/{collection_name}", remove);
    add(Method::kGet, "/collections/{collection_name}/exists", exists);
    add(Method::kPut, "/collections/{collection_name}/index", create_index);
    add(Method::kDelete, "/collections/{collection_name}/index/{field_name}", delete_index);
}

}  // namespace qdrantd::rest
