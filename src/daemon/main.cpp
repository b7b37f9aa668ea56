// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>

#include "daemon/command_line.hpp"
#include "daemon/config_tree.hpp"
#include "daemon/settings.hpp"
#include "daemon/wiring.hpp"

// Read by jemalloc: what is freed goes back to the system within a second, also when no thread asks
// for memory any more. A huge request must not leave its room behind for good.
extern "C" const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";

int main(int argc, char** argv) {
    const auto environment = qdrantd::process_environment();
    const auto parsed = qdrantd::parse_command_line({argv + 1, argv + argc}, environment);
    std::fputs(parsed.out.c_str(), stdout);
    std::fputs(parsed.err.c_str(), stderr);
    if (parsed.exit_status) return *parsed.exit_status;

    const auto loaded =
        qdrantd::load_settings(parsed.options, environment, std::filesystem::current_path());
    if (!loaded.ok()) {
        std::fprintf(stderr, "Error: %s\n", loaded.error().message.c_str());
        return 1;
    }
    return qdrantd::serve(*loaded);
}
