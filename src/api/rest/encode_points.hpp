// SPDX-License-Identifier: Apache-2.0
// Results of point calls as JSON text, appended to one string; payload bytes are spliced as they
// are (spec data.md §3.4, search.md §1.1). Thread safety: free functions.
#pragma once

#include <string>
#include <vector>

#include <qdrantd/model/query.hpp>
#include <qdrantd/model/update.hpp>

namespace qdrantd::rest {

void append_record(std::string& out, const model::Record& record);
void append_records(std::string& out, const std::vector<model::Record>& records);
void append_scroll_page(std::string& out, const model::ScrollPage& page);
/// A bare list, as the search calls answer.
void append_scored_points(std::string& out, const std::vector<model::ScoredPoint>& points);
void append_update_result(std::string& out, const model::UpdateResult& result);
void append_vectors(std::string& out, const model::NamedVectors& vectors);

}  // namespace qdrantd::rest
