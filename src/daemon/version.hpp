// SPDX-License-Identifier: Apache-2.0
// What the program calls itself.
#pragma once

#include <string>
#include <string_view>

namespace qdrantd {

/// The release whose public API this server speaks; clients compare it with their own.
inline constexpr std::string_view kApiVersion = "1.19.0";
/// The release of this program, from the top CMakeLists.txt.
inline constexpr std::string_view kProgramVersion = QD_PROGRAM_VERSION;

/// The output of --version. Tools parse the first line.
std::string version_text();

}  // namespace qdrantd
