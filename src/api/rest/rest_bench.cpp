// SPDX-License-Identifier: Apache-2.0
// Decoding of upsert and search bodies against bare simdjson on the same bytes, and encoding.
#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <simdjson.h>

#include <qdrantd/common/random.hpp>

#include "api/rest/decode_points.hpp"
#include "api/rest/decode_query.hpp"
#include "api/rest/encode_points.hpp"
#include "api/rest/json_text.hpp"
#include "api/rest/routes.hpp"

namespace qdrantd::rest {
namespace {

std::string floats(std::size_t count, Random& random) {
    std::string out = "[";
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out.push_back(',');
        append_f32(out, static_cast<float>(random.below(2'000'000)) / 1e6F - 1.0F);
    }
    return out + "]";
}

std::string upsert_body(std::size_t points, std::size_t dimension) {
    Random random(1);
    std::string body = R"({"points":[)";
    for (std::size_t i = 0; i < points; ++i) {
        if (i > 0) body.push_back(',');
        body += fmt::format(
            R"({{"id":{},"vector":{},"payload":{{"title":"number {}","price":{}.5,"tags":["a","b"]}}}})",
            i, floats(dimension, random), i, i);
    }
    return body + "]}";
}

void decode_upserts(benchmark::State& state) {
    const auto body = upsert_body(static_cast<std::size_t>(state.range(0)),
                                  static_cast<std::size_t>(state.range(1)));
    JsonParser parser;
    for (auto _ : state) {
        Request request;
        request.parser = &parser;
        request.body.reserve(body.size() + kJsonPadding);
        request.body = body;
        auto decoded = decode_body(request, decode_upsert);
        if (!decoded.ok()) state.SkipWithError("refused");
        benchmark::DoNotOptimize(decoded);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

/// The floor: the same copy and the library's parse, with nothing made of it.
void parse_bare(benchmark::State& state) {
    const auto body = upsert_body(static_cast<std::size_t>(state.range(0)),
                                  static_cast<std::size_t>(state.range(1)));
    simdjson::dom::parser parser;
    for (auto _ : state) {
        std::string copy;
        copy.reserve(body.size() + simdjson::SIMDJSON_PADDING);
        copy = body;
        simdjson::dom::element root;
        if (parser.parse(copy.data(), copy.size(), false).get(root) != simdjson::SUCCESS) {
            state.SkipWithError("refused");
        }
        benchmark::DoNotOptimize(root);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void decode_search_body(benchmark::State& state) {
    Random random(1);
    const auto body = fmt::format(R"({{"query":{},"limit":10,"with_payload":true}})",
                                  floats(static_cast<std::size_t>(state.range(0)), random));
    JsonParser parser;
    for (auto _ : state) {
        Request request;
        request.parser = &parser;
        request.body.reserve(body.size() + kJsonPadding);
        request.body = body;
        auto decoded = decode_body(request, decode_query);
        benchmark::DoNotOptimize(decoded);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void encode_hits(benchmark::State& state) {
    std::vector<model::ScoredPoint> hits(10);
    for (std::size_t i = 0; i < hits.size(); ++i) {
        hits[i].id = model::PointId(i * 7919);
        hits[i].score = 0.1F * static_cast<float>(i);
        hits[i].payload_json = R"({"title":"some title","price":17.5,"tags":["a","b","c"]})";
    }
    for (auto _ : state) {
        std::string out;
        append_scored_points(out, hits);
        benchmark::DoNotOptimize(out);
    }
}

void encode_vector(benchmark::State& state) {
    Random random(1);
    model::DenseVector dense(1536);
    for (auto& value : dense)
        value = static_cast<float>(random.below(2'000'000)) / 1e6F - 1.0F;
    const model::NamedVectors vectors{{"", dense}};
    for (auto _ : state) {
        std::string out;
        append_vectors(out, vectors);
        benchmark::DoNotOptimize(out);
    }
}

BENCHMARK(decode_upserts)->Args({100, 384})->Args({1, 1536})->Args({100, 1536});
BENCHMARK(parse_bare)->Args({100, 384})->Args({1, 1536})->Args({100, 1536});
BENCHMARK(decode_search_body)->Arg(384)->Arg(1536);
BENCHMARK(encode_hits);
BENCHMARK(encode_vector);

}  // namespace
}  // namespace qdrantd::rest

BENCHMARK_MAIN();
