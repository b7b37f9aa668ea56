// SPDX-License-Identifier: Apache-2.0
// Assertions about our own bugs, on in every build. Input from outside never reaches one.
#pragma once

namespace qdrantd {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace qdrantd

#define QD_ASSERT(condition)                                             \
    do {                                                                 \
        if (!(condition)) [[unlikely]]                                   \
            ::qdrantd::assertion_failed(#condition, __FILE__, __LINE__); \
    } while (false)

/// For hot loops: checked in debug builds only.
#ifdef NDEBUG
#define QD_DCHECK(condition) ((void)0)
#else
#define QD_DCHECK(condition) QD_ASSERT(condition)
#endif
