// SPDX-License-Identifier: Apache-2.0
// Costs on the path of an upload and of a filter, on a payload of about 700 bytes.
#include <benchmark/benchmark.h>

#include <qdrantd/model/filter_eval.hpp>
#include <qdrantd/model/payload.hpp>
#include <qdrantd/model/payload_reader.hpp>

namespace qdrantd::model {
namespace {

constexpr std::string_view kPayload =
    R"({"name":"libexample-dev","version":"2.66+ds-2","summary":"Portable example of a payload, headers",)"
    R"("section":"libdevel","priority":"optional","architecture":"amd64","source":"example",)"
    R"("installed_kib":28591,"download_bytes":7891488,"score":0.73125,"team":"Example Maintainers",)"
    R"("homepage":"https://example.org/","tags":["devel::lang:c","devel::library","role::devel-lib",)"
    R"("implemented-in::c","interface::commandline"],"depends":[{"name":"libexample0","relation":"=",)"
    R"("version":"0.2.66+ds-2"},{"name":"libc6","relation":">=","version":"2.34"},{"name":"zlib1g",)"
    R"("relation":">=","version":"1:1.2.0"}],"depends_count":3,"essential":false})";

void parse(benchmark::State& state) {
    for (auto _ : state) {
        auto payload = Payload::parse(kPayload);
        benchmark::DoNotOptimize(payload);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kPayload.size()));
}
BENCHMARK(parse);

void parse_repeated_key(benchmark::State& state) {
    const std::string text = R"({"name":1,)" + std::string(kPayload.substr(1));
    for (auto _ : state) {
        auto payload = Payload::parse(text);
        benchmark::DoNotOptimize(payload);
    }
}
BENCHMARK(parse_repeated_key);

void merge(benchmark::State& state) {
    const auto old = Payload::trusted(std::string(kPayload));
    const auto patch = *Payload::parse(R"({"section":"libs","team":null,"seen":1})");
    for (auto _ : state) {
        auto payload = merge_payload(old, patch);
        benchmark::DoNotOptimize(payload);
    }
}
BENCHMARK(merge);

void select_two(benchmark::State& state) {
    const PayloadSelector selector{PayloadSelector::Kind::kInclude,
                                   {JsonPath::key("name"), *JsonPath::parse("depends[].name")}};
    for (auto _ : state) {
        auto text = select_payload(kPayload, selector);
        benchmark::DoNotOptimize(text);
    }
}
BENCHMARK(select_two);

void evaluate(benchmark::State& state) {
    Filter inner;
    inner.must.emplace_back(FieldCondition{JsonPath::key("name"), Match{MatchValue{"zlib1g"}}});
    Filter filter;
    filter.must.emplace_back(
        FieldCondition{JsonPath::key("section"), Match{MatchValue{"libdevel"}}});
    filter.must.emplace_back(FieldCondition{JsonPath::key("installed_kib"), Range{.gt = 1000.0}});
    filter.must.emplace_back(FieldCondition{
        JsonPath::key("tags"), Match{MatchAny{std::vector<std::string>{"x", "role::devel-lib"}}}});
    filter.must.emplace_back(NestedCondition{JsonPath::key("depends").with_all_elements(),
                                             std::make_shared<const Filter>(inner)});
    FilterEvaluator evaluator(filter);
    std::int64_t matched = 0;
    for (auto _ : state)
        matched += evaluator.matches({PointId(1), kPayload, nullptr}) ? 1 : 0;
    if (matched != state.iterations()) state.SkipWithError("the payload must match");
}
BENCHMARK(evaluate);

void read_values(benchmark::State& state) {
    PayloadReader reader;
    PathValues values;
    const JsonPath paths[] = {JsonPath::key("section"), JsonPath::key("tags"),
                              *JsonPath::parse("depends[].name")};
    for (auto _ : state) {
        if (!reader.read(kPayload)) state.SkipWithError("unreadable");
        for (const auto& path : paths) {
            reader.values_at(path, values);
            benchmark::DoNotOptimize(values);
        }
    }
}
BENCHMARK(read_values);

}  // namespace
}  // namespace qdrantd::model

BENCHMARK_MAIN();
