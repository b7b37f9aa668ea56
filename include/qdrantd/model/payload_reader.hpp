// SPDX-License-Identifier: Apache-2.0
// Reads the values at a path of a payload, for indexes and orderings that need them as C++ values.
// How to use: one reader per thread; read() a payload, then values_at() for each path. Thread
// safety: none. Ownership: what values_at() gives lives until the next read(). Errors: read() is
// false for bytes that are no JSON; values_at() then finds nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <qdrantd/model/json_path.hpp>

namespace qdrantd::model {

/// One JSON value. Arrays and objects are only named.
struct ValueView {
    enum class Kind : std::uint8_t {
        kNull,
        kBool,
        kInteger,   // stored as an integer, fits in i64
        kUnsigned,  // an integer above the largest i64
        kFloat,
        kString,
        kArray,
        kObject,
    };
    Kind kind = Kind::kNull;
    bool boolean = false;
    std::int64_t integer = 0;
    double number = 0;  // of all three kinds of numbers
    std::string_view string;

    [[nodiscard]] bool is_number() const {
        return kind == Kind::kInteger || kind == Kind::kUnsigned || kind == Kind::kFloat;
    }
};

/// The values at a path as conditions see them (spec data.md §5.2). Kept between uses for its
/// memory.
struct PathValues {
    /// The length of each value that the path leads to: an array's length, 0 of null, else 1. Empty
    /// when it leads nowhere.
    std::vector<std::uint64_t> counts;
    /// Is one of those values null itself (not a null inside an array)?
    bool has_null = false;
    /// Those values, but the elements of an array in place of it (one level).
    std::vector<ValueView> elements;
};

class PayloadReader {
  public:
    PayloadReader();
    ~PayloadReader();
    PayloadReader(PayloadReader&&) noexcept;
    PayloadReader& operator=(PayloadReader&&) noexcept;

    [[nodiscard]] bool read(std::string_view payload_json);
    void values_at(const JsonPath& path, PathValues& out) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace qdrantd::model
