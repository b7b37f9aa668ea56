// SPDX-License-Identifier: Apache-2.0
// Costs of the payload indexes on the real payloads of ../shared/data (or QDRANTD_DATA): building
// and memory for each field, and the candidates of filters.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <zlib.h>

#include <qdrantd/index/payload_index.hpp>
#include <qdrantd/model/filter_eval.hpp>
#include <qdrantd/model/payload.hpp>

namespace qdrantd::index {
namespace {

using model::Condition;
using model::FieldType;
using model::Filter;
using model::JsonPath;

constexpr std::pair<const char*, FieldType> kFields[] = {
    {"section", FieldType::kKeyword},        {"team", FieldType::kKeyword},
    {"name", FieldType::kKeyword},           {"tags", FieldType::kKeyword},
    {"depends[].name", FieldType::kKeyword}, {"installed_kib", FieldType::kInteger},
    {"download_bytes", FieldType::kFloat},   {"essential", FieldType::kBool},
};

std::vector<std::string> read_payloads() {
    const char* given = std::getenv("QDRANTD_DATA");
    const auto folder = std::filesystem::path(given ? given : "../shared/data");
    std::vector<std::string> payloads;
    gzFile file = gzopen((folder / "payload.jsonl.gz").c_str(), "rb");
    if (!file) return payloads;
    std::string line(1 << 20, '\0');
    while (gzgets(file, line.data(), static_cast<int>(line.size()))) {
        auto payload = model::Payload::parse(line.c_str());
        if (payload.ok()) payloads.push_back(payload->json());
    }
    gzclose(file);
    return payloads;
}

const std::vector<std::string>& payloads() {
    static const std::vector<std::string> all = read_payloads();
    return all;
}

const PayloadIndex& whole_index() {
    static PayloadIndex index;
    static const bool built = [] {
        for (const auto& [path, type] : kFields) {
            index.add_field(*JsonPath::parse(path), {.type = type});
            index.mark_ready(*JsonPath::parse(path));
        }
        for (Slot slot = 0; slot < payloads().size(); ++slot)
            index.put(slot, payloads()[slot]);
        return true;
    }();
    static_cast<void>(built);
    return index;
}

void build_field(benchmark::State& state) {
    const auto& [path, type] = kFields[static_cast<std::size_t>(state.range(0))];
    const auto parsed = *JsonPath::parse(path);
    state.SetLabel(path);
    if (payloads().empty()) return state.SkipWithError("no data");
    for (auto _ : state) {
        PayloadIndex index;
        const auto empty = index.bytes();
        index.add_field(parsed, {.type = type});
        for (Slot slot = 0; slot < payloads().size(); ++slot)
            index.put_field(parsed, slot, payloads()[slot]);
        state.counters["bytes"] = static_cast<double>(index.bytes() - empty);
        state.counters["points"] = static_cast<double>(index.points_indexed().at(parsed));
    }
}
BENCHMARK(build_field)->DenseRange(0, std::size(kFields) - 1)->Unit(benchmark::kMillisecond);

void put_in_all_fields(benchmark::State& state) {
    if (payloads().empty()) return state.SkipWithError("no data");
    for (auto _ : state) {
        PayloadIndex index;
        for (const auto& [path, type] : kFields)
            index.add_field(*JsonPath::parse(path), {.type = type});
        for (Slot slot = 0; slot < payloads().size(); ++slot)
            index.put(slot, payloads()[slot]);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(payloads().size()));
}
BENCHMARK(put_in_all_fields)->Unit(benchmark::kMillisecond);

template <typename Clause>
Condition on(const char* key, Clause clause) {
    return model::FieldCondition{*JsonPath::parse(key), std::move(clause)};
}
Condition value(const char* key, const char* text) {
    return on(key, model::Match{model::MatchValue{std::string(text)}});
}

std::pair<const char*, Filter> example(std::int64_t number) {
    const auto big = on("installed_kib", model::Range{.gt = 10000.0});
    switch (number) {
        case 0:
            return {"section = libdevel", {.must = {value("section", "libdevel")}}};
        case 1:
            return {"section and tag",
                    {.must = {value("section", "libs"), value("tags", "role::shared-lib")}}};
        case 2:
            return {"installed_kib > 10000", {.must = {big}}};
        case 3:
            return {"must_not range", {.must_not = {big}}};
        case 4:
            return {"nested name and relation",
                    {.must = {model::NestedCondition{
                         *JsonPath::parse("depends[]"),
                         std::make_shared<const Filter>(
                             Filter{.must = {value("name", "libc6"), value("relation", ">=")}})}}}};
        default:
            return {"essential or section",
                    {.should = {on("essential", model::Match{model::MatchValue{true}}),
                                value("section", "games")}}};
    }
}

void candidates(benchmark::State& state) {
    const auto [label, filter] = example(state.range(0));
    if (payloads().empty()) return state.SkipWithError("no data");
    const auto& index = whole_index();
    for (auto _ : state) {
        auto found = index.candidates(filter, [](const model::PointId&) { return kNoSlot; });
        benchmark::DoNotOptimize(found);
        state.counters["slots"] = static_cast<double>(found->slots.cardinality());
        state.counters["exact"] = found->exact ? 1 : 0;
    }
    state.SetLabel(label);
}
BENCHMARK(candidates)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);

void estimate(benchmark::State& state) {
    const auto [label, filter] = example(state.range(0));
    if (payloads().empty()) return state.SkipWithError("no data");
    const auto& index = whole_index();
    for (auto _ : state) {
        const auto found = index.estimate(filter, payloads().size());
        state.counters["expected"] = static_cast<double>(found.expected);
    }
    state.SetLabel(label);
}
BENCHMARK(estimate)->DenseRange(0, 5)->Unit(benchmark::kMicrosecond);

void evaluate_every_payload(benchmark::State& state) {
    const auto [label, filter] = example(state.range(0));
    if (payloads().empty()) return state.SkipWithError("no data");
    model::FilterEvaluator evaluator(filter);
    for (auto _ : state) {
        std::int64_t matched = 0;
        for (const auto& json : payloads())
            matched += evaluator.matches({model::PointId(1), json, nullptr}) ? 1 : 0;
        state.counters["matched"] = static_cast<double>(matched);
    }
    state.SetLabel(label);
}
BENCHMARK(evaluate_every_payload)->DenseRange(0, 5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace qdrantd::index

BENCHMARK_MAIN();
