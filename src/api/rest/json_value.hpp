// SPDX-License-Identifier: Apache-2.0
// A parsed request body as the decoders see it: values that know their place, so that every error
// names it. Use: `JsonParser::parse(text, issues)` gives the root; `read_fields` takes an object
// apart. simdjson stays inside json_value.cpp.
// Thread safety: none; one parser for each thread. Ownership: values borrow the parser's document,
// the text and their parent value; a parent must stay where it is while its children are used.
// Errors: kFormat with the whole text of the answer, `Format error in JSON body: …`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/result.hpp>

namespace qdrantd::rest {

/// Nesting that a body may have, as the payload's own limit.
inline constexpr std::size_t kMaxJsonDepth = 128;

/// Room behind a text that lets it be parsed where it is.
inline constexpr std::size_t kJsonPadding = 64;

/// Values out of their range, collected while decoding; they matter only once all could be decoded.
class Issues {
  public:
    void add(std::string issue);
    /// kValidation `Validation error in JSON body: [a; b]`, or success.
    [[nodiscard]] Status status() const;

  private:
    std::vector<std::string> issues_;
};

class JsonValue {
  public:
    enum class Kind { kNull, kBool, kInteger, kFloat, kString, kArray, kObject };

    JsonValue() = default;

    [[nodiscard]] Kind kind() const;
    [[nodiscard]] bool is(Kind kind_asked) const { return kind() == kind_asked; }
    [[nodiscard]] bool is_null() const { return is(Kind::kNull); }

    [[nodiscard]] Result<bool> boolean() const;
    [[nodiscard]] Result<std::uint64_t> u64() const;
    [[nodiscard]] Result<std::uint32_t> u32() const;
    [[nodiscard]] Result<std::int64_t> i64() const;
    /// Any number.
    [[nodiscard]] Result<double> number() const;
    /// Valid while the document is.
    [[nodiscard]] Result<std::string_view> string() const;
    /// Of an array or object, 0 otherwise; never more than the document really holds.
    [[nodiscard]] std::size_t size() const;

    /// Appends an array of numbers. Fails where an element is not one.
    Status append_floats(std::vector<float>& out) const;
    /// Appends an array of unsigned 32-bit integers.
    Status append_u32(std::vector<std::uint32_t>& out) const;
    /// Appends the value as minified JSON text.
    void append_text(std::string& out) const;

    /// The same value, with one more segment in the paths of validation errors only.
    [[nodiscard]] JsonValue under(std::string_view internal) const;

    [[nodiscard]] Error fail(std::string_view detail) const;
    /// `invalid type: string "x", expected <what>`.
    [[nodiscard]] Error wrong_type(std::string_view what) const;
    /// Notes a value out of range: `<path>: <detail>`.
    void issue(std::string_view detail) const;
    /// Notes a value out of range at a path below this one.
    void issue_at(std::string_view below, std::string_view detail) const;

  private:
    friend class JsonParser;
    friend class JsonArray;
    friend class JsonObject;
    enum class Segment : std::uint8_t { kNone, kKey, kIndex, kMapEntry, kInternal };
    using Handle = std::array<std::size_t, 2>;

    JsonValue child(Handle handle, Segment segment) const;
    void append_path(std::string& out, bool validation) const;

    Handle handle_{};
    const JsonValue* parent_ = nullptr;
    Issues* issues_ = nullptr;
    std::string_view key_;
    std::size_t index_ = 0;
    Segment segment_ = Segment::kNone;
};

/// Walks an array: `while (array.next(element))`. REQUIRES: the value is an array.
class JsonArray {
  public:
    explicit JsonArray(const JsonValue& array);
    bool next(JsonValue& element);

  private:
    const JsonValue& array_;
    JsonValue::Handle at_;
    JsonValue::Handle end_;
    std::size_t index_ = 0;
};

/// Walks the entries of an object in their order; keys may repeat. REQUIRES: the value is an
/// object.
class JsonObject {
  public:
    /// `map`: keys are names given by the client; paths of validation errors show them as `?`.
    explicit JsonObject(const JsonValue& object, bool map = false);
    bool next(std::string_view& key, JsonValue& value);

  private:
    const JsonValue& object_;
    JsonValue::Handle at_;
    JsonValue::Handle end_;
    bool map_;
};

/// Name of a field in an object, and the other name it may have.
struct Field {
    std::string_view name;
    std::string_view alias = {};
};

/// Fields found in an object, by their place in the list of names.
template <std::size_t N>
class Fields {
  public:
    /// Null when absent or null.
    const JsonValue* operator[](std::size_t at) const {
        return slots_[at] && !slots_[at]->is_null() ? &*slots_[at] : nullptr;
    }
    /// Null when absent; a JSON null counts as given.
    const JsonValue* given(std::size_t at) const { return slots_[at] ? &*slots_[at] : nullptr; }
    std::span<std::optional<JsonValue>> slots() { return slots_; }

  private:
    std::array<std::optional<JsonValue>, N> slots_;
};

enum class UnknownFields { kIgnore, kReject };

/// Non-template part of read_fields.
Status collect_fields(const JsonValue& object, std::span<const Field> names,
                      std::span<std::optional<JsonValue>> out, UnknownFields unknown,
                      std::string_view what);

/// Finds the named fields of `object`. Fails when it is not an object or a known field repeats.
/// REQUIRES: `object` outlives the result.
template <std::size_t N>
Result<Fields<N>> read_fields(const JsonValue& object, const std::array<Field, N>& names,
                              std::string_view what,
                              UnknownFields unknown = UnknownFields::kIgnore) {
    Fields<N> fields;
    QD_TRY(collect_fields(object, names, fields.slots(), unknown, what));
    return fields;
}

class JsonParser {
  public:
    JsonParser();
    ~JsonParser();
    JsonParser(const JsonParser&) = delete;
    JsonParser& operator=(const JsonParser&) = delete;

    /// `text` may be rewritten (integers beyond 64 bits become floats) and must stay, as `issues`
    /// must, while values are used; the next parse() ends them all.
    Result<JsonValue> parse(std::string& text, Issues& issues);
    /// Gives memory back after a large document; ends all values.
    void trim();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace qdrantd::rest
