// SPDX-License-Identifier: Apache-2.0
#include "store/write_batch.hpp"

#include <rocksdb/comparator.h>
#include <rocksdb/db.h>

#include <qdrantd/common/assert.hpp>

namespace qdrantd::store {

namespace {

/// All a batch needs of a column family: its number and its order.
class NumberedFamily final : public rocksdb::ColumnFamilyHandle {
  public:
    explicit NumberedFamily(std::uint32_t id) : id_(id) {}
    const std::string& GetName() const override { return name_; }
    std::uint32_t GetID() const override { return id_; }
    rocksdb::Status GetDescriptor(rocksdb::ColumnFamilyDescriptor* /*out*/) override {
        return rocksdb::Status::NotSupported("a number, not a family");
    }
    const rocksdb::Comparator* GetComparator() const override {
        return rocksdb::BytewiseComparator();
    }

  private:
    const std::uint32_t id_;
    const std::string name_;
};

rocksdb::ColumnFamilyHandle* handle_of(Family family) {
    static std::array<std::unique_ptr<NumberedFamily>, kFamiliesMax> handles = [] {
        std::array<std::unique_ptr<NumberedFamily>, kFamiliesMax> made;
        for (Family i = 0; i < kFamiliesMax; ++i) {
            made[i] = std::make_unique<NumberedFamily>(i + kFirstFamilyId);
        }
        return made;
    }();
    QD_ASSERT(family < kFamiliesMax);
    return handles[family].get();
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

/// RocksDB's batch reports only misuse, which is our own bug.
void check(const rocksdb::Status& status) { QD_ASSERT(status.ok()); }

}  // namespace

WriteBatch::WriteBatch() : rep_(std::make_unique<Rep>()) {}
WriteBatch::~WriteBatch() = default;
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;
WriteBatch& WriteBatch::operator=(WriteBatch&&) noexcept = default;

void WriteBatch::put(Family family, std::string_view key, std::string_view value) {
    check(rep_->batch.Put(handle_of(family), slice(key), slice(value)));
}

void WriteBatch::erase(Family family, std::string_view key) {
    check(rep_->batch.Delete(handle_of(family), slice(key)));
}

void WriteBatch::erase_range(Family family, std::string_view begin, std::string_view end) {
    check(rep_->batch.DeleteRange(handle_of(family), slice(begin), slice(end)));
}

std::size_t WriteBatch::bytes() const { return rep_->batch.GetDataSize(); }
std::size_t WriteBatch::count() const { return rep_->batch.Count(); }
void WriteBatch::clear() { rep_->batch.Clear(); }

}  // namespace qdrantd::store
