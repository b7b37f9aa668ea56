// SPDX-License-Identifier: Apache-2.0
// Builds the floors bottom-up from settings, runs them until a signal, stops them top-down.
//
// Thread safety: none; called from main. Errors: the process exit status; the text went to stderr.
#pragma once

#include <qdrantd/cluster/node.hpp>

#include "daemon/settings.hpp"

namespace qdrantd {

/// What the node is told; `processors` is the number of CPUs to plan for, at least 1.
cluster::NodeOptions to_node_options(const Settings& settings, std::size_t processors);

/// Serves until SIGTERM, SIGINT or SIGQUIT. Returns the exit status.
int serve(const LoadedSettings& loaded);

}  // namespace qdrantd
