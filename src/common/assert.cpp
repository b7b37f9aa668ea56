// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/common/assert.hpp>

#include <cstdio>
#include <cstdlib>

namespace qdrantd {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "assertion failed: %s at %s:%d\n", condition, file, line);
    std::abort();
}

}  // namespace qdrantd
