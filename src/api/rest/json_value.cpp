// SPDX-License-Identifier: Apache-2.0
#include "api/rest/json_value.hpp"

#include <bit>
#include <charconv>
#include <limits>

#include <simdjson.h>

#include "api/rest/json_locate.hpp"
#include "api/rest/json_text.hpp"

namespace qdrantd::rest {

namespace dom = simdjson::dom;

namespace {

using Handle = std::array<std::size_t, 2>;
static_assert(sizeof(dom::element) == sizeof(Handle));
static_assert(std::is_trivially_copyable_v<dom::element>);
static_assert(sizeof(dom::array::iterator) == sizeof(Handle));
static_assert(sizeof(dom::object::iterator) == sizeof(Handle));

dom::element element_of(const Handle& handle) { return std::bit_cast<dom::element>(handle); }
Handle handle_of(const dom::element& element) { return std::bit_cast<Handle>(element); }

/// Documents above this give their memory back.
constexpr std::size_t kKeptCapacity = 1024 * 1024;

std::string describe_value(const dom::element& element) {
    switch (element.type()) {
        case dom::element_type::ARRAY:
            return "sequence";
        case dom::element_type::OBJECT:
            return "map";
        case dom::element_type::NULL_VALUE:
            return "null";
        case dom::element_type::BOOL:
            return bool(element) ? "boolean `true`" : "boolean `false`";
        case dom::element_type::STRING: {
            std::string out = "string ";
            auto text = std::string_view(element);
            // A long text would drown the message; cut between characters.
            constexpr std::size_t kShown = 64;
            if (text.size() > kShown) {
                auto cut = kShown;
                while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80)
                    --cut;
                text = text.substr(0, cut);
                append_json_string(out, text);
                return out + "…";
            }
            append_json_string(out, text);
            return out;
        }
        case dom::element_type::INT64:
            return fmt::format("integer `{}`", std::int64_t(element));
        case dom::element_type::UINT64:
            return fmt::format("integer `{}`", std::uint64_t(element));
        case dom::element_type::DOUBLE: {
            std::string out = "floating point `";
            append_f64(out, double(element));
            return out + "`";
        }
    }
    return "value";
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the depth.
void append_element(std::string& out, const dom::element& element) {
    switch (element.type()) {
        case dom::element_type::ARRAY: {
            out.push_back('[');
            bool first = true;
            for (const auto child : dom::array(element)) {
                if (!first) out.push_back(',');
                first = false;
                append_element(out, child);
            }
            out.push_back(']');
            return;
        }
        case dom::element_type::OBJECT: {
            out.push_back('{');
            bool first = true;
            for (const auto field : dom::object(element)) {
                if (!first) out.push_back(',');
                first = false;
                append_json_string(out, field.key);
                out.push_back(':');
                append_element(out, field.value);
            }
            out.push_back('}');
            return;
        }
        case dom::element_type::STRING:
            append_json_string(out, std::string_view(element));
            return;
        case dom::element_type::INT64:
            append_int(out, std::int64_t(element));
            return;
        case dom::element_type::UINT64:
            append_int(out, std::uint64_t(element));
            return;
        case dom::element_type::DOUBLE:
            append_f64(out, double(element));
            return;
        case dom::element_type::BOOL:
            out += bool(element) ? "true" : "false";
            return;
        case dom::element_type::NULL_VALUE:
            out += "null";
            return;
    }
}

}  // namespace

void Issues::add(std::string issue) {
    // A body of a million bad points answers with the first few.
    constexpr std::size_t kShown = 16;
    if (issues_.size() < kShown) issues_.push_back(std::move(issue));
}

Status Issues::status() const {
    if (issues_.empty()) return {};
    std::string text = "Validation error in JSON body: [";
    for (std::size_t i = 0; i < issues_.size(); ++i) {
        if (i > 0) text += "; ";
        text += issues_[i];
    }
    return Error{ErrorCode::kValidation, text + "]"};
}

JsonValue::Kind JsonValue::kind() const {
    switch (element_of(handle_).type()) {
        case dom::element_type::ARRAY:
            return Kind::kArray;
        case dom::element_type::OBJECT:
            return Kind::kObject;
        case dom::element_type::STRING:
            return Kind::kString;
        case dom::element_type::BOOL:
            return Kind::kBool;
        case dom::element_type::NULL_VALUE:
            return Kind::kNull;
        case dom::element_type::DOUBLE:
            return Kind::kFloat;
        case dom::element_type::INT64:
        case dom::element_type::UINT64:
            return Kind::kInteger;
    }
    return Kind::kNull;
}

Result<bool> JsonValue::boolean() const {
    bool value = false;
    if (element_of(handle_).get_bool().get(value) != simdjson::SUCCESS) {
        return wrong_type("a boolean");
    }
    return value;
}

Result<std::uint64_t> JsonValue::u64() const {
    std::uint64_t value = 0;
    if (element_of(handle_).get_uint64().get(value) != simdjson::SUCCESS) {
        if (is(Kind::kInteger)) {
            return fail(fmt::format("invalid value: {}, expected u64",
                                    describe_value(element_of(handle_))));
        }
        return wrong_type("u64");
    }
    return value;
}

Result<std::uint32_t> JsonValue::u32() const {
    QD_ASSIGN(const auto value, u64());
    if (value > std::numeric_limits<std::uint32_t>::max()) {
        return fail(fmt::format("invalid value: integer `{}`, expected u32", value));
    }
    return static_cast<std::uint32_t>(value);
}

Result<std::int64_t> JsonValue::i64() const {
    std::int64_t value = 0;
    if (element_of(handle_).get_int64().get(value) != simdjson::SUCCESS) {
        return is(Kind::kInteger) ? fail(fmt::format("invalid value: {}, expected i64",
                                                     describe_value(element_of(handle_))))
                                  : wrong_type("i64");
    }
    return value;
}

Result<double> JsonValue::number() const {
    double value = 0;
    if (element_of(handle_).get_double().get(value) != simdjson::SUCCESS) {
        return wrong_type("a number");
    }
    return value;
}

Result<std::string_view> JsonValue::string() const {
    std::string_view value;
    if (element_of(handle_).get_string().get(value) != simdjson::SUCCESS) {
        return wrong_type("a string");
    }
    return value;
}

std::size_t JsonValue::size() const {
    const auto element = element_of(handle_);
    if (element.is_array()) return dom::array(element).size();
    if (element.is_object()) return dom::object(element).size();
    return 0;
}

Status JsonValue::append_floats(std::vector<float>& out) const {
    dom::array array;
    if (element_of(handle_).get_array().get(array) != simdjson::SUCCESS) {
        return wrong_type("a list of numbers");
    }
    out.reserve(out.size() + array.size());
    for (const auto item : array) {
        double value = 0;
        if (item.get_double().get(value) != simdjson::SUCCESS) {
            JsonValue element;
            for (JsonArray again(*this); again.next(element);) {
                QD_TRY(element.number());
            }
        }
        out.push_back(static_cast<float>(value));
    }
    return {};
}

Status JsonValue::append_u32(std::vector<std::uint32_t>& out) const {
    if (!is(Kind::kArray)) return wrong_type("a list of unsigned integers");
    out.reserve(out.size() + size());
    JsonValue element;
    for (JsonArray array(*this); array.next(element);) {
        QD_ASSIGN(const auto value, element.u32());
        out.push_back(value);
    }
    return {};
}

void JsonValue::append_text(std::string& out) const { append_element(out, element_of(handle_)); }

JsonValue JsonValue::under(std::string_view internal) const {
    auto value = child(handle_, Segment::kInternal);
    value.key_ = internal;
    return value;
}

JsonValue JsonValue::child(Handle handle, Segment segment) const {
    JsonValue value;
    value.handle_ = handle;
    value.parent_ = this;
    value.issues_ = issues_;
    value.segment_ = segment;
    return value;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the document.
void JsonValue::append_path(std::string& out, bool validation) const {
    if (parent_ != nullptr) parent_->append_path(out, validation);
    if (segment_ == Segment::kIndex) {
        out += fmt::format("[{}]", index_);
        return;
    }
    if (segment_ == Segment::kNone || (segment_ == Segment::kInternal && !validation)) return;
    if (!out.empty()) out.push_back('.');
    if (segment_ == Segment::kMapEntry && validation) {
        out.push_back('?');
    } else {
        out += key_;
    }
}

Error JsonValue::fail(std::string_view detail) const {
    std::string path;
    append_path(path, false);
    std::string text = "Format error in JSON body: ";
    if (!path.empty()) text += path + ": ";
    return {ErrorCode::kFormat, text.append(detail)};
}

Error JsonValue::wrong_type(std::string_view what) const {
    return fail(
        fmt::format("invalid type: {}, expected {}", describe_value(element_of(handle_)), what));
}

void JsonValue::issue(std::string_view detail) const { issue_at({}, detail); }

void JsonValue::issue_at(std::string_view below, std::string_view detail) const {
    std::string path;
    append_path(path, true);
    if (!below.empty()) {
        if (!path.empty()) path.push_back('.');
        path += below;
    }
    if (!path.empty()) path += ": ";
    issues_->add(path.append(detail));
}

JsonArray::JsonArray(const JsonValue& array)
    : array_(array),
      at_(std::bit_cast<Handle>(dom::array(element_of(array.handle_)).begin())),
      end_(std::bit_cast<Handle>(dom::array(element_of(array.handle_)).end())) {}

bool JsonArray::next(JsonValue& element) {
    auto at = std::bit_cast<dom::array::iterator>(at_);
    if (!(at != std::bit_cast<dom::array::iterator>(end_))) return false;
    element = array_.child(handle_of(*at), JsonValue::Segment::kIndex);
    element.index_ = index_++;
    ++at;
    at_ = std::bit_cast<Handle>(at);
    return true;
}

JsonObject::JsonObject(const JsonValue& object, bool map)
    : object_(object),
      at_(std::bit_cast<Handle>(dom::object(element_of(object.handle_)).begin())),
      end_(std::bit_cast<Handle>(dom::object(element_of(object.handle_)).end())),
      map_(map) {}

bool JsonObject::next(std::string_view& key, JsonValue& value) {
    auto at = std::bit_cast<dom::object::iterator>(at_);
    if (!(at != std::bit_cast<dom::object::iterator>(end_))) return false;
    key = at.key();
    value = object_.child(handle_of(at.value()),
                          map_ ? JsonValue::Segment::kMapEntry : JsonValue::Segment::kKey);
    value.key_ = key;
    ++at;
    at_ = std::bit_cast<Handle>(at);
    return true;
}

Status collect_fields(const JsonValue& object, std::span<const Field> names,
                      std::span<std::optional<JsonValue>> out, UnknownFields unknown,
                      std::string_view what) {
    if (!object.is(JsonValue::Kind::kObject)) return object.wrong_type(what);
    std::string_view key;
    JsonValue value;
    for (JsonObject entries(object); entries.next(key, value);) {
        bool known = false;
        for (std::size_t i = 0; i < names.size() && !known; ++i) {
            if (key != names[i].name && (names[i].alias.empty() || key != names[i].alias)) continue;
            known = true;
            if (out[i]) return object.fail(fmt::format("duplicate field `{}`", names[i].name));
            out[i] = value;
        }
        if (!known && unknown == UnknownFields::kReject) {
            std::string expected;
            for (const auto& name : names)
                expected += fmt::format("{}`{}`", expected.empty() ? "" : ", ", name.name);
            return object.fail(
                fmt::format("unknown field `{}`, expected one of {}", key, expected));
        }
    }
    return {};
}

struct JsonParser::Impl {
    dom::parser parser;
};

JsonParser::JsonParser() : impl_(std::make_unique<Impl>()) {}
JsonParser::~JsonParser() = default;

void JsonParser::trim() {
    if (impl_->parser.capacity() > kKeptCapacity) impl_ = std::make_unique<Impl>();
}

Result<JsonValue> JsonParser::parse(std::string& text, Issues& issues) {
    auto& parser = impl_->parser;
    if (parser.max_depth() != kMaxJsonDepth &&
        parser.allocate(std::max<std::size_t>(text.size(), 4096), kMaxJsonDepth) !=
            simdjson::SUCCESS) {
        return Error{ErrorCode::kUnavailable, "out of memory while parsing the request body"};
    }
    dom::element root;
    auto code = simdjson::EMPTY;
    for (int round = 0; round < 2; ++round) {
        static_assert(kJsonPadding >= simdjson::SIMDJSON_PADDING);
        text.reserve(text.size() + kJsonPadding);
        code = parser.parse(text.data(), text.size(), false).get(root);
        // The only valid text it refuses: integers beyond 64 bits, which payloads keep as floats.
        if (code == simdjson::SUCCESS || round == 1 || !widen_integers(text)) break;
    }
    if (code == simdjson::MEMALLOC) {
        return Error{ErrorCode::kUnavailable, "out of memory while parsing the request body"};
    }
    if (code != simdjson::SUCCESS) {
        return Error{ErrorCode::kFormat,
                     "Format error in JSON body: " +
                         locate_json_error(text, kMaxJsonDepth)
                             .value_or(std::string(simdjson::error_message(code)))};
    }
    JsonValue value;
    value.handle_ = handle_of(root);
    value.issues_ = &issues;
    return value;
}

}  // namespace qdrantd::rest
