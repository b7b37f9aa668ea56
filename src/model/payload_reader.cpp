// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/payload_reader.hpp>

#include "model/json_document.hpp"
#include "model/path_values.hpp"

namespace qdrantd::model {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

ValueView view_of(const element& value) {
    using Kind = ValueView::Kind;
    ValueView view;
    switch (value.type()) {
        case element_type::NULL_VALUE:
            break;
        case element_type::BOOL:
            view.kind = Kind::kBool;
            view.boolean = sure(value.get_bool());
            break;
        case element_type::INT64:
            view.kind = Kind::kInteger;
            view.integer = sure(value.get_int64());
            view.number = static_cast<double>(view.integer);
            break;
        case element_type::UINT64:
            view.kind = Kind::kUnsigned;
            view.number = static_cast<double>(sure(value.get_uint64()));
            break;
        case element_type::DOUBLE:
            view.kind = Kind::kFloat;
            view.number = sure(value.get_double());
            break;
        case element_type::STRING:
            view.kind = Kind::kString;
            view.string = sure(value.get_string());
            break;
        case element_type::ARRAY:
            view.kind = Kind::kArray;
            break;
        case element_type::OBJECT:
            view.kind = Kind::kObject;
            break;
    }
    return view;
}

}  // namespace

struct PayloadReader::Impl {
    JsonDocument document;
    bool readable = false;
};

PayloadReader::PayloadReader() : impl_(std::make_unique<Impl>()) {}
PayloadReader::~PayloadReader() = default;
PayloadReader::PayloadReader(PayloadReader&&) noexcept = default;
PayloadReader& PayloadReader::operator=(PayloadReader&&) noexcept = default;

bool PayloadReader::read(std::string_view payload_json) {
    impl_->readable = impl_->document.parse(payload_json) == simdjson::SUCCESS;
    return impl_->readable;
}

void PayloadReader::values_at(const JsonPath& path, PathValues& out) const {
    out.counts.clear();
    out.elements.clear();
    out.has_null = false;
    if (!impl_->readable) return;
    any_value_at(impl_->document.root(), path.steps(), [&](const element& value) {
        if (value.is_array()) {
            std::uint64_t count = 0;
            for (const auto item : sure(value.get_array())) {
                out.elements.push_back(view_of(item));
                ++count;
            }
            out.counts.push_back(count);
        } else {
            out.elements.push_back(view_of(value));
            out.has_null = out.has_null || value.is_null();
            out.counts.push_back(value.is_null() ? 0 : 1);
        }
        return false;
    });
}

}  // namespace qdrantd::model
