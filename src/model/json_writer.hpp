// SPDX-License-Identifier: Apache-2.0
// Writes minified JSON in the one form in which payloads are kept: escapes only where JSON asks for
// them, integers as digits, other numbers as the shortest text that reads back as the same double
// and shows that it is none of the integers. Thread safety: none; reset() and use again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace qdrantd::model {

class JsonWriter {
  public:
    void reset();
    [[nodiscard]] std::string_view text() const { return {buffer_.get(), size_}; }

    void character(char c) {
        ensure(1);
        buffer_[size_++] = c;
    }
    void text(std::string_view plain);
    void string(std::string_view value);
    void integer(std::int64_t value);
    void integer(std::uint64_t value);
    void real(double value);
    /// A whole value with all below it, keys as they come.
    void element(const simdjson::dom::element& value);
    /// REQUIRES: neither an array nor an object.
    void scalar(const simdjson::dom::element& value);

  private:
    void ensure(std::size_t more) {
        if (capacity_ - size_ < more) grow(more);
    }
    void grow(std::size_t more);
    char* escaped(char* out, unsigned char c);

    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

}  // namespace qdrantd::model
