// SPDX-License-Identifier: Apache-2.0
// Results of collection calls as JSON text (spec data.md §2.1, §2.6). Thread safety: free
// functions.
#pragma once

#include <string>
#include <vector>

#include <qdrantd/cluster/collection_service.hpp>

namespace qdrantd::rest {

void append_collection_info(std::string& out, const cluster::CollectionInfo& info);
void append_collection_list(std::string& out, const std::vector<std::string>& names);
void append_aliases(std::string& out, const std::vector<cluster::AliasInfo>& aliases);

}  // namespace qdrantd::rest
