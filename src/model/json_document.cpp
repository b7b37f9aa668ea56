// SPDX-License-Identifier: Apache-2.0
#include "model/json_document.hpp"

#include <algorithm>
#include <cstring>

namespace qdrantd::model {

namespace {

// One huge document must not make its thread hold its memory (about 12 times the text) for good.
constexpr std::size_t kKeptBytes = std::size_t{1} << 20;

}  // namespace

simdjson::error_code JsonDocument::parse(std::string_view json) {
    const bool too_big = capacity_ > kKeptBytes && json.size() <= kKeptBytes;
    if (!parser_ || too_big) {
        parser_ = std::make_unique<simdjson::dom::parser>();
        padded_.reset();
        capacity_ = 0;
    }
    if (capacity_ < json.size() || !padded_) {
        capacity_ = std::max<std::size_t>(json.size(), 4096);
        padded_ = std::make_unique_for_overwrite<char[]>(capacity_ + simdjson::SIMDJSON_PADDING);
    }
    if (!json.empty()) std::memcpy(padded_.get(), json.data(), json.size());
    std::memset(padded_.get() + json.size(), ' ', simdjson::SIMDJSON_PADDING);
    return parser_->parse(padded_.get(), json.size(), false).get(root_);
}

}  // namespace qdrantd::model
