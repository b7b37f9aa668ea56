// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/metrics.hpp>

#include "api/rest/json_text.hpp"
#include "api/rest/routes.hpp"

namespace qdrantd::rest {

namespace {

void send_text(Responder& responder, std::uint32_t status, std::string body) {
    Response response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    responder.send(std::move(response));
}

void append_version(std::string& out, const std::string& version) {
    out += R"("version":)";
    append_json_string(out, version);
}

void root(const Services& services, Responder responder) {
    Response response;
    response.body = R"({"title":"qdrant - vector search engine",)";
    append_version(response.body, services.options.version);
    if (!services.options.commit.empty()) {
        response.body += R"(,"commit":)";
        append_json_string(response.body, services.options.commit);
    }
    response.body.push_back('}');
    responder.send(std::move(response));
}

void ready(const Services& services, Responder responder) {
    if (services.collections.ready()) return send_text(responder, 200, "all shards are ready");
    send_text(responder, 503, "some shards are not ready");
}

void metrics(const Services& services, Responder responder) {
    auto text = fmt::format(
        "# HELP app_info information about qdrant server\n# TYPE app_info gauge\n"
        "app_info{{name=\"qdrant\",version=\"{}\"}} 1\n",
        services.options.version);
    text += render_metrics();
    send_text(responder, 200, std::move(text));
}

void telemetry(const Services& services, Responder responder) {
    services.collections.list(
        [version = services.options.version,
         responder = std::move(responder)](Result<std::vector<std::string>> names) mutable {
            if (!names.ok()) return responder.error(names.error());
            responder.ok([&](std::string& out) {
                out += R"({"app":{"name":"qdrant",)";
                append_version(out, version);
                out += R"(},"collections":{"number_of_collections":)";
                append_int(out, std::uint64_t{names->size()});
                out += R"(},"cluster":{"enabled":false,"resharding_enabled":false}})";
            });
        });
}

}  // namespace

void add_service_routes(Router& router, const Services& services) {
    router.add(Method::kGet, "/", [&services](Request&, Responder responder) {
        root(services, std::move(responder));
    });
    for (const auto* path : {"/healthz", "/livez"}) {
        router.add(Method::kGet, path, [](Request&, Responder responder) {
            send_text(responder, 200, "healthz check passed");
        });
    }
    router.add(Method::kGet, "/readyz", [&services](Request&, Responder responder) {
        ready(services, std::move(responder));
    });
    router.add(Method::kGet, "/metrics", [&services](Request&, Responder responder) {
        metrics(services, std::move(responder));
    });
    router.add(Method::kGet, "/telemetry", [&services](Request&, Responder responder) {
        telemetry(services, std::move(responder));
    });
    router.add(Method::kGet, "/cluster", [](Request&, Responder responder) {
        responder.ok([](std::string& out) { out += R"({"status":"disabled"})"; });
    });
}

void add_unserved_routes(Router& router) {
    struct Unserved {
        Method method;
        std::string_view pattern;
    };
    using enum Method;
    constexpr std::string_view kC = "/collections/{collection_name}";
    constexpr std::array kTop{
        Unserved{kGet, "/issues"},
        Unserved{kDelete, "/issues"},
        Unserved{kGet, "/logger"},
        Unserved{kPost, "/logger"},
        Unserved{kGet, "/debugger"},
        Unserved{kPatch, "/debugger"},
        Unserved{kGet, "/stacktrace"},
        Unserved{kGet, "/profiler/slow_requests"},
        Unserved{kPost, "/audit/logs"},
        Unserved{kGet, "/quotas"},
        Unserved{kPut, "/quotas"},
        Unserved{kGet, "/cluster/telemetry"},
        Unserved{kPost, "/cluster/recover"},
        Unserved{kDelete, "/cluster/peer/{peer_id}"},
        Unserved{kGet, "/cluster/metadata/keys"},
        Unserved{kGet, "/cluster/metadata/keys/{key}"},
        Unserved{kPut, "/cluster/metadata/keys/{key}"},
        Unserved{kDelete, "/cluster/metadata/keys/{key}"},
        Unserved{kGet, "/snapshots"},
        Unserved{kPost, "/snapshots"},
        Unserved{kGet, "/snapshots/{snapshot_name}"},
        Unserved{kDelete, "/snapshots/{snapshot_name}"},
    };
    constexpr std::array kCollection{
        Unserved{kGet, "/cluster"},
        Unserved{kPost, "/cluster"},
        Unserved{kGet, "/optimizations"},
        Unserved{kGet, "/memory"},
        Unserved{kPost, "/truncate_unapplied_wal"},
        Unserved{kPut, "/vectors/{vector_name}"},
        Unserved{kDelete, "/vectors/{vector_name}"},
        Unserved{kPost, "/points/query/groups"},
        Unserved{kPost, "/points/search/groups"},
        Unserved{kPost, "/points/search/matrix/pairs"},
        Unserved{kPost, "/points/search/matrix/offsets"},
        Unserved{kPost, "/points/recommend"},
        Unserved{kPost, "/points/recommend/batch"},
        Unserved{kPost, "/points/recommend/groups"},
        Unserved{kPost, "/points/discover"},
        Unserved{kPost, "/points/discover/batch"},
        Unserved{kPost, "/facet"},
        Unserved{kGet, "/shards"},
        Unserved{kPut, "/shards"},
        Unserved{kPost, "/shards/delete"},
        Unserved{kPost, "/shards/{shard_id}/points"},
        Unserved{kPost, "/shards/{shard_id}/points/scroll"},
        Unserved{kPost, "/shards/{shard_id}/points/count"},
        Unserved{kPost, "/shards/{shard_id}/cleanup"},
        Unserved{kGet, "/snapshots"},
        Unserved{kPost, "/snapshots"},
        Unserved{kGet, "/snapshots/{snapshot_name}"},
        Unserved{kDelete, "/snapshots/{snapshot_name}"},
        Unserved{kPut, "/snapshots/recover"},
        Unserved{kPost, "/snapshots/upload"},
        Unserved{kGet, "/shards/{shard_id}/snapshots"},
        Unserved{kPost, "/shards/{shard_id}/snapshots"},
        Unserved{kGet, "/shards/{shard_id}/snapshots/{snapshot_name}"},
        Unserved{kDelete, "/shards/{shard_id}/snapshots/{snapshot_name}"},
        Unserved{kPut, "/shards/{shard_id}/snapshots/recover"},
        Unserved{kPost, "/shards/{shard_id}/snapshots/upload"},
        Unserved{kGet, "/shards/{shard_id}/snapshot"},
        Unserved{kGet, "/shards/{shard_id}/snapshot/partial/manifest"},
        Unserved{kPost, "/shards/{shard_id}/snapshot/partial/create"},
        Unserved{kPost, "/shards/{shard_id}/snapshot/partial/recover"},
        Unserved{kPost, "/shards/{shard_id}/snapshot/partial/recover_from"},
    };
    const auto add = [&router](Method method, std::string pattern) {
        router.add(method, pattern, [pattern](Request&, Responder responder) {
            responder.refuse(unsupported(fmt::format("endpoint `{}`", pattern)));
        });
    };
    for (const auto& entry : kTop)
        add(entry.method, std::string(entry.pattern));
    for (const auto& entry : kCollection)
        add(entry.method, std::string(kC) + std::string(entry.pattern));
}

}  // namespace qdrantd::rest
