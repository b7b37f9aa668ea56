// SPDX-License-Identifier: Apache-2.0
#include "api/rest/decode_query.hpp"
#include "api/rest/decode_read.hpp"
#include "api/rest/encode_points.hpp"
#include "api/rest/json_text.hpp"
#include "api/rest/routes.hpp"

namespace qdrantd::rest {

namespace {

Result<cluster::ReadContext> read_context(const Services& services, const Request& request) {
    QD_ASSIGN(const auto params, QueryParams::parse(request.query));
    return params.read_context(services.options.read_timeout);
}

using PointLists = std::vector<std::vector<model::ScoredPoint>>;

/// How the points of queries are shown: `[…]` or `{"points":[…]}`, alone or in a list.
struct QueryShape {
    bool points_object = false;
    bool batch = false;
};

void append_list(std::string& out, const std::vector<model::ScoredPoint>& points,
                 QueryShape shape) {
    if (shape.points_object) out += R"({"points":)";
    append_scored_points(out, points);
    if (shape.points_object) out.push_back('}');
}

void append_lists(std::string& out, const PointLists& lists, QueryShape shape) {
    out.push_back('[');
    for (std::size_t i = 0; i < lists.size(); ++i) {
        if (i > 0) out.push_back(',');
        append_list(out, lists[i], shape);
    }
    out.push_back(']');
}

void run_queries(const Services& services, Request& request, Responder responder,
                 Result<std::vector<model::QueryRequest>> queries, QueryShape shape) {
    const auto context = read_context(services, request);
    if (!context.ok()) return responder.refuse(context.error());
    if (!queries.ok()) return responder.refuse(queries.error());
    const auto expected = queries->size();
    if (expected == 0) {
        return responder.ok([](std::string& out) { out += "[]"; });
    }
    services.points.query(
        request.params[0], *std::move(queries), *context,
        [responder = std::move(responder), shape, expected](Result<PointLists> lists) mutable {
            if (!lists.ok()) return responder.error(lists.error());
            if (lists->size() != expected) {
                return responder.error({ErrorCode::kInternal, "a query was left unanswered"});
            }
            responder.ok([&](std::string& out) {
                if (shape.batch) return append_lists(out, *lists, shape);
                append_list(out, lists->front(), shape);
            });
        });
}

/// One request as a list of one.
Result<std::vector<model::QueryRequest>> single(Result<model::QueryRequest> request) {
    if (!request.ok()) return std::move(request).error();
    std::vector<model::QueryRequest> requests;
    requests.push_back(*std::move(request));
    return requests;
}

void query(const Services& services, Request& request, Responder responder) {
    run_queries(services, request, std::move(responder), single(decode_body(request, decode_query)),
                {.points_object = true});
}

void query_batch(const Services& services, Request& request, Responder responder) {
    run_queries(services, request, std::move(responder), decode_body(request, decode_query_batch),
                {.points_object = true, .batch = true});
}

void search(const Services& services, Request& request, Responder responder) {
    run_queries(services, request, std::move(responder),
                single(decode_body(request, decode_search)), {});
}

void search_batch(const Services& services, Request& request, Responder responder) {
    run_queries(services, request, std::move(responder), decode_body(request, decode_search_batch),
                {.batch = true});
}

void retrieve(const Services& services, Request& request, Responder responder) {
    const auto context = read_context(services, request);
    if (!context.ok()) return responder.refuse(context.error());
    auto decoded = decode_body(request, decode_retrieve);
    if (!decoded.ok()) return responder.refuse(decoded.error());
    services.points.retrieve(
        request.params[0], *std::move(decoded), *context,
        [responder = std::move(responder)](Result<std::vector<model::Record>> records) mutable {
            if (!records.ok()) return responder.error(records.error());
            responder.ok([&](std::string& out) { append_records(out, *records); });
        });
}

void get_one(const Services& services, Request& request, Responder responder) {
    const auto context = read_context(services, request);
    if (!context.ok()) return responder.refuse(context.error());
    const auto id = model::PointId::parse(request.params[1]);
    if (!id.ok()) {
        return responder.refuse(
            {ErrorCode::kBadInput,
             fmt::format("Can not recognize \"{}\" as point id", request.params[1])});
    }
    model::RetrieveRequest wanted;
    wanted.ids.push_back(*id);
    wanted.with_payload = model::PayloadSelector::all();
    wanted.with_vector = model::VectorSelector::all();
    services.points.retrieve(
        request.params[0], std::move(wanted), *context,
        [responder = std::move(responder),
         id = *id](Result<std::vector<model::Record>> records) mutable {
            if (!records.ok()) return responder.error(records.error());
            if (records->empty()) {
                return responder.error(
                    {ErrorCode::kNotFound,
                     fmt::format("Point with id {} does not exists!", id.to_string())});
            }
            responder.ok([&](std::string& out) { append_record(out, records->front()); });
        });
}

void scroll(const Services& services, Request& request, Responder responder) {
    const auto context = read_context(services, request);
    if (!context.ok()) return responder.refuse(context.error());
    auto decoded = decode_body(request, decode_scroll);
    if (!decoded.ok()) return responder.refuse(decoded.error());
    services.points.scroll(
        request.params[0], *std::move(decoded), *context,
        [responder = std::move(responder)](Result<model::ScrollPage> page) mutable {
            if (!page.ok()) return responder.error(page.error());
            responder.ok([&](std::string& out) { append_scroll_page(out, *page); });
        });
}

void count(const Services& services, Request& request, Responder responder) {
    const auto context = read_context(services, request);
    if (!context.ok()) return responder.refuse(context.error());
    auto decoded = decode_body(request, decode_count);
    if (!decoded.ok()) return responder.refuse(decoded.error());
    services.points.count(request.params[0], *std::move(decoded), *context,
                          [responder = std::move(responder)](Result<std::uint64_t> points) mutable {
                              if (!points.ok()) return responder.error(points.error());
                              responder.ok([&](std::string& out) {
                                  out += R"({"count":)";
                                  append_int(out, *points);
                                  out.push_back('}');
                              });
                          });
}

}  // namespace

void add_point_read_routes(Router& router, const Services& services) {
    using ServiceHandler = void (*)(const Services&, Request&, Responder);
    const auto add = [&](Method method, std::string_view tail, ServiceHandler handler) {
        router.add(method, "/collections/{collection_name}/points" + std::string(tail),
                   [&services, handler](Request& request, Responder responder) {
                       handler(services, request, std::move(responder));
                   });
    };
    add(Method::kPost, "", retrieve);
    add(Method::kGet, "/{id}", get_one);
    add(Method::kPost, "/scroll", scroll);
    add(Method::kPost, "/count", count);
    add(Method::kPost, "/query", query);
    add(Method::kPost, "/query/batch", query_batch);
    add(Method::kPost, "/search", search);
    add(Method::kPost, "/search/batch", search_batch);
}

}  // namespace qdrantd::rest
