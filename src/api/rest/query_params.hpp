// SPDX-License-Identifier: Apache-2.0
// The query string of a URL (spec data.md §1.5-1.6) and percent-encoding. Thread safety: values.
// Errors: kFormat `Deserialize error in query parameters: …`, kValidation for values out of range.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qdrantd/cluster/point_service.hpp>
#include <qdrantd/common/deadline.hpp>
#include <qdrantd/common/result.hpp>

namespace qdrantd::rest {

/// Decodes `%xx`; nothing when it is malformed or does not give UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

class QueryParams {
  public:
    /// Parameters without a value have an empty one.
    static Result<QueryParams> parse(std::string_view query);

    /// The value, or nothing.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    [[nodiscard]] Result<bool> flag(std::string_view name, bool otherwise) const;

    /// `timeout` and `consistency` of a read, with the time it may take otherwise.
    [[nodiscard]] Result<cluster::ReadContext> read_context(
        std::chrono::milliseconds otherwise) const;
    /// `wait`, `ordering` and `timeout` of an update.
    [[nodiscard]] Result<cluster::WriteContext> write_context() const;
    /// `timeout` of a call on collections.
    [[nodiscard]] Result<Deadline> admin_deadline() const;

  private:
    [[nodiscard]] Result<std::optional<std::uint64_t>> number(std::string_view name) const;

    std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace qdrantd::rest
