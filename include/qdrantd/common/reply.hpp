// SPDX-License-Identifier: Apache-2.0
// How an asynchronous operation answers: called exactly once, on any thread, and must not block.
#pragma once

#include <qdrantd/common/result.hpp>
#include <qdrantd/common/unique_function.hpp>

namespace qdrantd {

template <typename T>
using Reply = UniqueFunction<void(Result<T>)>;

}  // namespace qdrantd
