// SPDX-License-Identifier: Apache-2.0
#include "cluster/registry.hpp"

#include <fmt/core.h>

namespace qdrantd::cluster {

Result<Registry::CollectionPtr> Registry::find(std::string_view name) const {
    const auto current = table();
    auto found = current->collections.find(name);
    if (found == current->collections.end()) {
        if (const auto alias = current->aliases.find(name); alias != current->aliases.end()) {
            found = current->collections.find(alias->second);
        }
    }
    if (found == current->collections.end()) {
        return Error{ErrorCode::kNotFound, fmt::format("Collection `{}` doesn't exist!", name)};
    }
    return found->second;
}

std::string Registry::resolve(std::string_view name) const {
    const auto current = table();
    if (current->collections.contains(name)) return std::string(name);
    const auto alias = current->aliases.find(name);
    return alias == current->aliases.end() ? std::string() : alias->second;
}

}  // namespace qdrantd::cluster
