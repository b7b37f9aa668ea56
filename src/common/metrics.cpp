// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/metrics.hpp>

#include <map>
#include <memory>
#include <mutex>

#include <fmt/core.h>

#include <qdrantd/common/assert.hpp>

namespace qdrantd {

namespace {

struct Metric {
    std::string help;
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
};

struct Registry {
    std::mutex mutex;
    std::map<std::string, Metric, std::less<>> metrics;
};

Registry& registry() {
    static Registry instance;
    return instance;
}

Metric& find_or_make(std::string_view name, std::string_view help) {
    auto& metrics = registry().metrics;
    const auto found = metrics.find(name);
    if (found != metrics.end()) return found->second;
    return metrics.emplace(std::string(name), Metric{std::string(help), nullptr, nullptr})
        .first->second;
}

}  // namespace

Counter& counter(std::string_view name, std::string_view help) {
    const std::lock_guard lock(registry().mutex);
    auto& metric = find_or_make(name, help);
    QD_ASSERT(!metric.gauge);
    if (!metric.counter) metric.counter = std::make_unique<Counter>();
    return *metric.counter;
}

Gauge& gauge(std::string_view name, std::string_view help) {
    const std::lock_guard lock(registry().mutex);
    auto& metric = find_or_make(name, help);
    QD_ASSERT(!metric.counter);
    if (!metric.gauge) metric.gauge = std::make_unique<Gauge>();
    return *metric.gauge;
}

std::string render_metrics(std::string_view prefix) {
    std::string out;
    const std::lock_guard lock(registry().mutex);
    for (const auto& [name, metric] : registry().metrics) {
        out += fmt::format("# HELP {0}{1} {2}\n# TYPE {0}{1} {3}\n{0}{1} ", prefix, name,
                           metric.help, metric.counter ? "counter" : "gauge");
        out += metric.counter ? fmt::format("{}\n", metric.counter->value())
                              : fmt::format("{}\n", metric.gauge->value());
    }
    return out;
}

}  // namespace qdrantd
