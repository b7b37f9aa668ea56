// SPDX-License-Identifier: Apache-2.0
// A parsed JSON text whose parser and buffers are used again for the next one. How to use: one per
// thread or owner; parse(), then walk root(). Thread safety: none. Ownership: root() and its
// strings live until the next parse().
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include <simdjson.h>

namespace qdrantd::model {

class JsonDocument {
  public:
    /// Copies the text, so it may go away. After a failure root() must not be used.
    simdjson::error_code parse(std::string_view json);
    [[nodiscard]] simdjson::dom::element root() const { return root_; }

  private:
    std::unique_ptr<simdjson::dom::parser> parser_;
    std::unique_ptr<char[]> padded_;
    std::size_t capacity_ = 0;
    simdjson::dom::element root_;
};

/// The value of a getter whose type was asked for before.
template <typename T>
T sure(simdjson::simdjson_result<T>&& result) {
    return std::move(result).value_unsafe();
}

}  // namespace qdrantd::model
