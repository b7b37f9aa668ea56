// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/store/memory_store.hpp>

#include <qdrantd/common/assert.hpp>

#include "store/write_batch.hpp"

namespace qdrantd::store {

namespace {

using RowList = std::vector<std::pair<std::string, std::string>>;

class ListIterator final : public Iterator {
  public:
    explicit ListIterator(RowList rows) : rows_(std::move(rows)) {}
    void seek(std::string_view key) override {
        at_ = static_cast<std::size_t>(
            std::lower_bound(rows_.begin(), rows_.end(), key,
                             [](const auto& row, std::string_view k) { return row.first < k; }) -
            rows_.begin());
    }
    void seek_to_last() override { at_ = rows_.empty() ? 0 : rows_.size() - 1; }
    void next() override { ++at_; }
    void prev() override { at_ = at_ == 0 ? rows_.size() : at_ - 1; }
    [[nodiscard]] bool valid() const override { return at_ < rows_.size(); }
    [[nodiscard]] std::string_view key() const override { return rows_[at_].first; }
    [[nodiscard]] std::string_view value() const override { return rows_[at_].second; }
    [[nodiscard]] Status status() const override { return {}; }

  private:
    const RowList rows_;
    std::size_t at_ = 0;
};

/// Replays a batch into maps.
template <typename Families>
class Applier final : public rocksdb::WriteBatch::Handler {
  public:
    explicit Applier(Families& families) : families_(families) {}
    rocksdb::Status PutCF(std::uint32_t id, const rocksdb::Slice& key,
                          const rocksdb::Slice& value) override {
        rows(id)[key.ToString()] = value.ToString();
        return rocksdb::Status::OK();
    }
    rocksdb::Status DeleteCF(std::uint32_t id, const rocksdb::Slice& key) override {
        rows(id).erase(key.ToString());
        return rocksdb::Status::OK();
    }
    rocksdb::Status DeleteRangeCF(std::uint32_t id, const rocksdb::Slice& begin,
                                  const rocksdb::Slice& end) override {
        auto& map = rows(id);
        map.erase(map.lower_bound(begin.ToString()), map.lower_bound(end.ToString()));
        return rocksdb::Status::OK();
    }

  private:
    auto& rows(std::uint32_t id) {
        const auto family = id - kFirstFamilyId;
        QD_ASSERT(family < families_.size());
        return families_[family];
    }
    Families& families_;
};

}  // namespace

Result<std::optional<std::string>> MemoryStore::get(Family family, std::string_view key) const {
    const std::lock_guard lock(mutex_);
    const auto found = families_[family].find(key);
    if (found == families_[family].end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
}

Result<std::vector<std::optional<std::string>>> MemoryStore::get_many(
    Family family, const std::vector<std::string>& keys) const {
    std::vector<std::optional<std::string>> out;
    out.reserve(keys.size());
    for (const auto& key : keys) {
        QD_ASSIGN(auto value, get(family, key));
        out.push_back(std::move(value));
    }
    return out;
}

Status MemoryStore::take_failure() {
    if (failures_ == 0) return {};
    --failures_;
    return failure_;
}

Status MemoryStore::write(WriteBatch& batch, Sync sync) {
    const std::lock_guard lock(mutex_);
    QD_TRY(take_failure());
    Applier applier(families_);
    const auto status = batch.rep().batch.Iterate(&applier);
    QD_ASSERT(status.ok());
    if (sync == Sync::kSync) ++syncs_;
    return {};
}

Status MemoryStore::sync_log() {
    const std::lock_guard lock(mutex_);
    QD_TRY(take_failure());
    ++syncs_;
    return {};
}

std::unique_ptr<Iterator> MemoryStore::iterate(Family family, std::string lower,
                                               std::string upper) const {
    const std::lock_guard lock(mutex_);
    const auto& rows = families_[family];
    const auto end = upper.empty() ? rows.end() : rows.lower_bound(upper);
    RowList copy;
    for (auto row = rows.lower_bound(lower); row != end && row != rows.end(); ++row) {
        copy.push_back(*row);
    }
    return std::make_unique<ListIterator>(std::move(copy));
}

std::uint64_t MemoryStore::disk_bytes() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t bytes = 0;
    for (const auto& rows : families_) {
        for (const auto& [key, value] : rows)
            bytes += key.size() + value.size();
    }
    return bytes;
}

void MemoryStore::fail_writes(std::size_t count, Error error) {
    const std::lock_guard lock(mutex_);
    failures_ = count;
    failure_ = std::move(error);
}

std::uint64_t MemoryStore::syncs() const {
    const std::lock_guard lock(mutex_);
    return syncs_;
}

}  // namespace qdrantd::store
