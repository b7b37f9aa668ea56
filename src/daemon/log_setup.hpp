// SPDX-License-Identifier: Apache-2.0
// From settings to the log, and what the program prints before it logs.
//
// Thread safety: all functions. Errors: parse_log_level() gives none for text that is no level.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <qdrantd/common/log.hpp>

#include "daemon/settings.hpp"

namespace qdrantd {

/// The bare level of a comma-separated directive list ("debug,target=trace"); INFO when it has
/// none. Directives for single targets are accepted and have no effect.
std::optional<LogLevel> parse_log_level(std::string_view directives);

/// `terminal` tells whether stdout is one. REQUIRES: settings came from load_settings().
LogOptions to_log_options(const LoggerSettings& settings, bool terminal);

/// The lines printed before the first log record: name, versions, where the REST API listens.
/// Colours on a terminal only.
std::string banner(const ServiceSettings& settings, bool terminal);

}  // namespace qdrantd
