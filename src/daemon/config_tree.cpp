// SPDX-License-Identifier: Apache-2.0
#include "daemon/config_tree.hpp"

#include <cctype>

#include <unistd.h>

namespace qdrantd {

namespace {

constexpr std::string_view kPrefix = "qdrant__";

/// Keys that exist with and without their unit; one spelling inside, so that the stronger source
/// wins.
std::string canonical(std::string key) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kShortNames = {{
        {"storage.optimizers.max_segment_size", "storage.optimizers.max_segment_size_kb"},
        {"storage.optimizers.indexing_threshold", "storage.optimizers.indexing_threshold_kb"},
        {"storage.optimizers.memmap_threshold", "storage.optimizers.memmap_threshold_kb"},
        {"storage.hnsw_index.full_scan_threshold", "storage.hnsw_index.full_scan_threshold_kb"},
    }};
    for (const auto& [brief, full] : kShortNames) {
        if (key == brief) return std::string(full);
    }
    return key;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

}  // namespace

void ConfigTree::set(std::string key, ConfigValue value) {
    key = canonical(std::move(key));
    // What stood below gives way, and so does a scalar above.
    const auto below = key + ".";
    auto it = values_.lower_bound(below);
    while (it != values_.end() && it->first.starts_with(below))
        it = values_.erase(it);
    for (auto dot = key.find('.'); dot != std::string::npos; dot = key.find('.', dot + 1)) {
        values_.erase(key.substr(0, dot));
    }
    values_.insert_or_assign(std::move(key), std::move(value));
}

void ConfigTree::merge(const ConfigTree& stronger) {
    for (const auto& [key, value] : stronger.values_)
        set(key, value);
}

const ConfigValue* ConfigTree::find(std::string_view key) const {
    const auto it = values_.find(key);
    return it == values_.end() ? nullptr : &it->second;
}

Environment process_environment() {
    Environment out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view line(*entry);
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        out.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    return out;
}

const std::string* find_variable(const Environment& environment, std::string_view name) {
    for (const auto& [key, value] : environment) {
        if (key == name) return &value;
    }
    return nullptr;
}

ConfigTree environment_tree(const Environment& environment) {
    ConfigTree tree;
    for (const auto& [name, value] : environment) {
        auto key = lower(name);
        if (!key.starts_with(kPrefix) || key.size() == kPrefix.size()) continue;
        key.erase(0, kPrefix.size());
        for (auto at = key.find("__"); at != std::string::npos; at = key.find("__", at + 1)) {
            key.replace(at, 2, ".");
        }
        tree.set(std::move(key), {ConfigValue::Kind::kScalar, value, "variable " + name});
    }
    return tree;
}

}  // namespace qdrantd
