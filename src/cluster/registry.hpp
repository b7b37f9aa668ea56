// SPDX-License-Identifier: Apache-2.0
// Names and aliases to open collections, for requests: an immutable table swapped whole.
// Thread safety: all methods. Ownership: shares the collections with the requests that use them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <qdrantd/collection/collection.hpp>
#include <qdrantd/common/guarded.hpp>

namespace qdrantd::cluster {

class Registry {
  public:
    using CollectionPtr = std::shared_ptr<collection::Collection>;
    struct Table {
        std::map<std::string, CollectionPtr, std::less<>> collections;
        std::map<std::string, std::string, std::less<>> aliases;
    };

    Registry() : table_(std::make_shared<const Table>()) {}

    [[nodiscard]] std::shared_ptr<const Table> table() const { return *table_.read(); }
    /// By name, then by alias. kNotFound with the text of the API.
    [[nodiscard]] Result<CollectionPtr> find(std::string_view name) const;
    /// By name or alias, the real name; empty when neither.
    [[nodiscard]] std::string resolve(std::string_view name) const;
    void publish(Table table) { *table_.lock() = std::make_shared<const Table>(std::move(table)); }

  private:
    Guarded<std::shared_ptr<const Table>> table_;
};

}  // namespace qdrantd::cluster
