// SPDX-License-Identifier: Apache-2.0
#include "api/rest/router.hpp"

#include <fmt/core.h>

#include "api/rest/json_text.hpp"
#include "api/rest/query_params.hpp"

namespace qdrantd::rest {

namespace {

constexpr std::size_t kMethods = static_cast<std::size_t>(Method::kOther) + 1;
/// Longer than any route; deeper paths need no walk.
constexpr std::size_t kSegmentsMax = 16;
constexpr std::size_t kNameCharactersMax = 255;

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty() && segments.size() <= kSegmentsMax) {
        const auto end = std::min(path.find('/'), path.size());
        if (end > 0) segments.push_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return segments;
}

Status check_collection_name(const std::string& name) {
    const auto characters = utf8_characters(name);
    if (characters < 1 || characters > kNameCharactersMax) {
        return Error{ErrorCode::kValidation,
                     fmt::format("Validation error in path parameters: [collection_name: value "
                                 "\"{}\" invalid, must be from 1 to {} characters]",
                                 name, kNameCharactersMax)};
    }
    const auto bad = name.find_first_of(std::string_view("/\0", 2));
    if (bad == std::string::npos) return {};
    return Error{ErrorCode::kValidation,
                 fmt::format("Validation error in path parameters: [collection_name: collection "
                             "name cannot contain \"{}\" char]",
                             name[bad] == '/' ? "/" : "\\u{0}")};
}

}  // namespace

struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::array<Handler, kMethods> handlers;
    /// Name of the parameter that leads here; empty for a literal.
    std::string name;

    struct Found {
        const Handler* handler = nullptr;
        std::vector<std::pair<const Node*, std::string_view>> params;
    };

    // NOLINTNEXTLINE(misc-no-recursion): bounded by kSegmentsMax.
    bool find(Method method, std::span<const std::string_view> segments, Found& found) const {
        if (segments.empty()) {
            const auto& handler = handlers[static_cast<std::size_t>(method)];
            if (handler) found.handler = &handler;
            return found.handler != nullptr;
        }
        const auto rest = segments.subspan(1);
        const auto literal = literals.find(segments.front());
        if (literal != literals.end() && literal->second->find(method, rest, found)) return true;
        if (!parameter) return false;
        found.params.emplace_back(parameter.get(), segments.front());
        if (parameter->find(method, rest, found)) return true;
        found.params.pop_back();
        return false;
    }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::add(Method method, std::string_view pattern, Handler handler) {
    auto* node = root_.get();
    for (const auto segment : split(pattern)) {
        const bool parameter = segment.front() == '{';
        auto& next = parameter ? node->parameter : node->literals[std::string(segment)];
        if (!next) next = std::make_unique<Node>();
        if (parameter) next->name = std::string(segment.substr(1, segment.size() - 2));
        node = next.get();
    }
    node->handlers[static_cast<std::size_t>(method)] = std::move(handler);
}

Result<Router::Match> Router::match(Method method, std::string_view path) const {
    Match match;
    const auto segments = split(path);
    if (segments.size() > kSegmentsMax) return match;
    Node::Found found;
    if (!root_->find(method, segments, found)) return match;
    for (const auto& [node, text] : found.params) {
        auto decoded = percent_decode(text);
        if (!decoded) {
            return Error{ErrorCode::kFormat,
                         fmt::format("Deserialize error in path parameters: `{}` is not valid "
                                     "percent-encoded UTF-8",
                                     node->name)};
        }
        if (node->name == "collection_name") QD_TRY(check_collection_name(*decoded));
        match.params.push_back(*std::move(decoded));
    }
    match.handler = found.handler;
    return match;
}

}  // namespace qdrantd::rest
