// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/model/match.hpp>

#include "model/utf8.hpp"

namespace qdrantd::model {

namespace {

bool is_space(std::uint32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// Is one of the words of `query`, as white space separates them, in `value`?
bool any_word_in(std::string_view query, std::string_view value) {
    std::size_t word = 0;
    std::size_t at = 0;
    while (at < query.size()) {
        const auto c = first_code_point(query.substr(at)).value_or(CodePoint{0xFFFD, 1});
        if (is_space(c.value)) {
            if (at > word && contains(value, query.substr(word, at - word))) return true;
            word = at + c.bytes;
        }
        at += c.bytes;
    }
    return at > word && contains(value, query.substr(word));
}

}  // namespace

bool text_matches(const MatchText& match, std::string_view value) {
    switch (match.kind) {
        case MatchText::Kind::kText:
        case MatchText::Kind::kPhrase:
            return contains(value, match.text);
        case MatchText::Kind::kTextAny:
            return any_word_in(match.text, value);
        case MatchText::Kind::kPrefix:
            return value.starts_with(match.text);
    }
    return false;
}

}  // namespace qdrantd::model
