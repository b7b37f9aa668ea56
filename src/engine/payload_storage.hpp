// SPDX-License-Identifier: Apache-2.0
// Payloads by slot, in the store; a slot without an entry has the payload `{}`.
// Thread safety: reads from any thread; a PayloadCursor belongs to one thread. Ownership: borrows
// the store. Errors: those of the store.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qdrantd/common/ids.hpp>
#include <qdrantd/common/result.hpp>
#include <qdrantd/store/kv_store.hpp>

namespace qdrantd::engine {

/// Reads payloads of ascending slots faster than one by one.
class PayloadCursor {
  public:
    PayloadCursor(std::unique_ptr<store::Iterator> iterator, std::uint32_t number)
        : iterator_(std::move(iterator)), number_(number) {}

    /// The payload of `slot`; the view lives until the next call. REQUIRES: slots ascend.
    Result<std::string_view> at(Slot slot);

  private:
    std::unique_ptr<store::Iterator> iterator_;
    std::uint32_t number_;
    bool placed_ = false;
};

class PayloadStorage {
  public:
    PayloadStorage(store::KvStore& store, std::uint32_t number) : store_(store), number_(number) {}

    [[nodiscard]] Result<std::string> get(Slot slot) const;
    /// In the order of `slots`.
    [[nodiscard]] Result<std::vector<std::string>> get_many(std::span<const Slot> slots) const;
    /// Sees the state of the store as of now.
    [[nodiscard]] PayloadCursor cursor() const;
    void put(Slot slot, std::string_view json, store::WriteBatch& batch) const;
    void erase(Slot slot, store::WriteBatch& batch) const;

  private:
    store::KvStore& store_;
    const std::uint32_t number_;
};

}  // namespace qdrantd::engine
