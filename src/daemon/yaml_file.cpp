// SPDX-License-Identifier: Apache-2.0
// The only source that includes yaml-cpp.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "daemon/config_tree.hpp"

namespace qdrantd {

namespace {

constexpr int kMaxDepth = 32;

std::string place(const std::string& label, const YAML::Mark& mark) {
    return mark.is_null() ? label : fmt::format("{} line {}", label, mark.line + 1);
}

/// Throws YAML::Exception on keys that are no scalars.
void flatten(const YAML::Node& node, const std::string& key, const std::string& label, int depth,
             ConfigTree& tree) {
    if (depth > kMaxDepth) throw YAML::RepresentationException(node.Mark(), "nested too deeply");
    switch (node.Type()) {
        case YAML::NodeType::Map:
            for (const auto& entry : node) {
                const auto name = entry.first.as<std::string>();
                flatten(entry.second, key.empty() ? name : fmt::format("{}.{}", key, name), label,
                        depth + 1, tree);
            }
            return;
        case YAML::NodeType::Sequence:
            tree.set(key, {ConfigValue::Kind::kList, "", place(label, node.Mark())});
            return;
        case YAML::NodeType::Scalar:
            tree.set(key, {ConfigValue::Kind::kScalar, node.Scalar(), place(label, node.Mark())});
            return;
        case YAML::NodeType::Null:
        case YAML::NodeType::Undefined:
            tree.set(key, {ConfigValue::Kind::kNull, "", place(label, node.Mark())});
            return;
    }
}

}  // namespace

Result<ConfigTree> read_yaml_file(const std::string& path, const std::string& label) {
    try {
        const auto root = YAML::LoadFile(path);
        ConfigTree tree;
        if (root.IsNull()) return tree;  // nothing but comments
        if (!root.IsMap()) {
            return Error{ErrorCode::kFormat, label + ": expected keys and values at the top"};
        }
        flatten(root, "", label, 0, tree);
        return tree;
    } catch (const YAML::Exception& e) {
        return Error{ErrorCode::kFormat, fmt::format("{}: {}", place(label, e.mark), e.msg)};
    }
}

}  // namespace qdrantd
