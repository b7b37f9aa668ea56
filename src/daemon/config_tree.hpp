// SPDX-License-Identifier: Apache-2.0
// Configuration before it has types: dotted keys with text values and the place each came from.
// Stronger sources are merged over weaker ones: maps join key by key; a scalar, a list or null
// replaces whatever stood there.
//
// Thread safety: values. Errors: of read_yaml_file(), naming file and line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qdrantd/common/result.hpp>

namespace qdrantd {

struct ConfigValue {
    enum class Kind : std::uint8_t { kScalar, kList, kNull };
    Kind kind = Kind::kScalar;
    std::string text;    // of a scalar
    std::string origin;  // for messages: "config/local.yaml line 3", "variable QDRANT__LOG_LEVEL"
};

class ConfigTree {
  public:
    /// Sets one value, replacing a value or a whole map at `key` and any scalar above it.
    void set(std::string key, ConfigValue value);
    /// Merges `stronger` over this tree.
    void merge(const ConfigTree& stronger);
    /// The value at a key, or null.
    [[nodiscard]] const ConfigValue* find(std::string_view key) const;
    [[nodiscard]] bool empty() const { return values_.empty(); }
    [[nodiscard]] const std::map<std::string, ConfigValue, std::less<>>& values() const {
        return values_;
    }

  private:
    std::map<std::string, ConfigValue, std::less<>> values_;
};

/// Name and value of each variable.
using Environment = std::vector<std::pair<std::string, std::string>>;

/// The variables of this process.
Environment process_environment();
/// The value of one variable, or null.
const std::string* find_variable(const Environment& environment, std::string_view name);
/// The tree that the variables QDRANT__A__B make; the prefix and the keys take any case.
ConfigTree environment_tree(const Environment& environment);
/// The tree of a YAML file; `label` names the file in messages.
Result<ConfigTree> read_yaml_file(const std::string& path, const std::string& label);

}  // namespace qdrantd
