// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/store/rocksdb_store.hpp>

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/clock.hpp>
#include <qdrantd/common/log.hpp>
#include <qdrantd/store/file.hpp>

#include "store/rocksdb_options.hpp"
#include "store/write_batch.hpp"

namespace qdrantd::store {

namespace {

constexpr Duration kResumePause = std::chrono::milliseconds(200);
constexpr int kBusyResumesMax = 10;
constexpr std::size_t kProbeBytes = 256UL << 10;

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

bool no_space(const rocksdb::Status& status) {
    return status.IsNoSpace() ||
           (status.IsIOError() && status.subcode() == rocksdb::Status::SubCode::kNoSpace);
}

Error to_error(const rocksdb::Status& status) {
    QD_ASSERT(!status.ok());
    if (no_space(status)) return {ErrorCode::kInsufficientStorage, status.ToString()};
    if (status.IsCorruption()) return {ErrorCode::kChecksum, status.ToString()};
    if (status.IsIOError()) return {ErrorCode::kIo, status.ToString()};
    if (status.IsBusy() || status.IsTimedOut() || status.IsTryAgain()) {
        return {ErrorCode::kUnavailable, status.ToString()};
    }
    return {ErrorCode::kInternal, status.ToString()};
}

Status to_result(const rocksdb::Status& status) {
    if (status.ok()) return {};
    return to_error(status);
}

rocksdb::ReadOptions read_options() {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    return options;
}

class RocksIterator final : public Iterator {
  public:
    RocksIterator(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, std::string lower,
                  std::string upper)
        : lower_(std::move(lower)),
          upper_(std::move(upper)),
          lower_slice_(lower_),
          upper_slice_(upper_) {
        auto options = read_options();
        if (!lower_.empty()) options.iterate_lower_bound = &lower_slice_;
        if (!upper_.empty()) options.iterate_upper_bound = &upper_slice_;
        inner_.reset(db.NewIterator(options, family));
        if (lower_.empty()) {
            inner_->SeekToFirst();
        } else {
            inner_->Seek(lower_slice_);
        }
    }

    void seek(std::string_view key) override { inner_->Seek(slice(key)); }
    void seek_to_last() override { inner_->SeekToLast(); }
    void next() override { inner_->Next(); }
    void prev() override { inner_->Prev(); }
    [[nodiscard]] bool valid() const override { return inner_->Valid(); }
    [[nodiscard]] std::string_view key() const override { return view(inner_->key()); }
    [[nodiscard]] std::string_view value() const override { return view(inner_->value()); }
    [[nodiscard]] Status status() const override { return to_result(inner_->status()); }

  private:
    const std::string lower_;
    const std::string upper_;
    const rocksdb::Slice lower_slice_;
    const rocksdb::Slice upper_slice_;
    std::unique_ptr<rocksdb::Iterator> inner_;
};

class RocksdbStore final : public KvStore {
  public:
    RocksdbStore(std::string path, std::unique_ptr<rocksdb::DB> db,
                 std::vector<rocksdb::ColumnFamilyHandle*> handles)
        : path_(std::move(path)), db_(std::move(db)), handles_(std::move(handles)) {}

    ~RocksdbStore() override {
        for (auto* handle : handles_) {
            const auto status = db_->DestroyColumnFamilyHandle(handle);
            if (!status.ok()) log_warn("store", "close", "error={:?}", status.ToString());
        }
        const auto status = db_->Close();
        if (!status.ok()) log_warn("store", "close", "error={:?}", status.ToString());
    }

    Status add_family(const std::string& name, const rocksdb::ColumnFamilyOptions& options) {
        rocksdb::ColumnFamilyHandle* made = nullptr;
        const auto status = db_->CreateColumnFamily(options, name, &made);
        // It may have been made even so, when only writing the options failed.
        if (made != nullptr) handles_.push_back(made);
        return to_result(status);
    }
    /// Family i of ours is RocksDB's number i + 1.
    [[nodiscard]] bool is_numbered() const {
        for (std::size_t i = 0; i < handles_.size(); ++i) {
            if (handles_[i]->GetID() != i) return false;
        }
        return true;
    }

    [[nodiscard]] Result<std::optional<std::string>> get(Family family,
                                                         std::string_view key) const override {
        std::string value;
        const auto status = db_->Get(read_options(), handle(family), slice(key), &value);
        if (status.IsNotFound()) return std::optional<std::string>();
        if (!status.ok()) return to_error(status);
        return std::optional<std::string>(std::move(value));
    }

    [[nodiscard]] Result<std::vector<std::optional<std::string>>> get_many(
        Family family, const std::vector<std::string>& keys) const override {
        const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
        std::vector<rocksdb::PinnableSlice> values(keys.size());
        std::vector<rocksdb::Status> statuses(keys.size());
        db_->MultiGet(read_options(), handle(family), keys.size(), slices.data(), values.data(),
                      statuses.data());
        std::vector<std::optional<std::string>> out(keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (statuses[i].IsNotFound()) continue;
            if (!statuses[i].ok()) return to_error(statuses[i]);
            out[i] = values[i].ToString();
        }
        return out;
    }

    Status write(WriteBatch& batch, Sync sync) override {
        QD_TRY(resume_if_needed());
        rocksdb::WriteOptions options;
        options.sync = sync == Sync::kSync;
        options.disableWAL = false;
        return note(db_->Write(options, &batch.rep().batch));
    }

    Status sync_log() override {
        QD_TRY(resume_if_needed());
        return note(db_->SyncWAL());
    }

    Status flush() override {
        QD_TRY(resume_if_needed());
        rocksdb::FlushOptions options;
        options.wait = true;
        options.allow_write_stall = true;
        return note(db_->Flush(options, handles_));
    }

    [[nodiscard]] std::unique_ptr<Iterator> iterate(Family family, std::string lower,
                                                    std::string upper) const override {
        return std::make_unique<RocksIterator>(*db_, handle(family), std::move(lower),
                                               std::move(upper));
    }

    Status reclaim(Family family, std::string_view begin, std::string_view end) override {
        const auto first = slice(begin);
        const auto last = slice(end);
        const rocksdb::RangePtr range(&first, &last);
        const auto status =
            rocksdb::DeleteFilesInRanges(db_.get(), handle(family), &range, 1, false);
        if (!status.ok()) return to_error(status);
        return to_result(db_->SuggestCompactRange(handle(family), &first, &last));
    }

    [[nodiscard]] std::uint64_t disk_bytes() const override { return folder_bytes(path_); }

  private:
    [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family family) const {
        QD_ASSERT(family + kFirstFamilyId < handles_.size());
        return handles_[family + kFirstFamilyId];
    }

    Status note(const rocksdb::Status& status) {
        if (status.ok()) return {};
        if (no_space(status)) {
            stopped_.store(true);
            resume_after_.store(SystemClock::instance().now() + kResumePause);
        }
        return to_error(status);
    }

    /// After "no space left" RocksDB refuses writes until it is told to go on.
    Status resume_if_needed() {
        if (!stopped_.load(std::memory_order_relaxed)) return {};
        const Error full{ErrorCode::kInsufficientStorage,
                         fmt::format("No space left on device: {}", path_)};
        if (SystemClock::instance().now() < resume_after_.load()) return full;
        resume_after_.store(SystemClock::instance().now() + kResumePause);
        const auto status = db_->Resume();
        if (!status.ok()) {
            // Some states it cannot resume from; with space at hand only opening it anew helps.
            if (!has_space()) return full;
            // Its own recovery is under way; give it a while before the store is opened anew.
            if (status.IsBusy() && ++busy_resumes_ < kBusyResumesMax) return full;
            log_warn("store", "not_resumed", "path={} error={:?}", path_, status.ToString());
            return Error{
                ErrorCode::kIo,
                fmt::format("No space left on device: {} does not resume and is opened anew: {}",
                            path_, status.ToString())};
        }
        busy_resumes_.store(0);
        stopped_.store(false);
        log_info("store", "resumed", "path={}", path_);
        return {};
    }

    /// Can a little be written?
    [[nodiscard]] bool has_space() const {
        const auto probe = path_ + ".probe";
        const auto written = write_file_durably(probe, std::string(kProbeBytes, '\0'));
        const auto removed = remove_file(probe);
        return written.ok() && removed.ok();
    }

    const std::string path_;
    const std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // constant once open
    std::atomic<bool> stopped_{false};
    std::atomic<TimePoint> resume_after_{TimePoint{}};
    std::atomic<int> busy_resumes_{0};  // in a row
};

/// The first families of those wanted, in the same order, or a store of something else.
Status check_families(const std::string& path, const std::vector<FamilySpec>& families,
                      const std::vector<std::string>& present) {
    bool same = !present.empty() && present.size() <= families.size() + 1;
    for (std::size_t i = 1; same && i < present.size(); ++i) {
        same = present[i] == families[i - 1].name;
    }
    if (same) return {};
    return Error{ErrorCode::kFormat, fmt::format("{}: other column families than expected", path)};
}

/// Of the one RocksDB insists on and the first `count` of ours.
std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(const std::vector<FamilySpec>& families,
                                                         std::size_t count,
                                                         const SharedResources::Rep& shared) {
    std::vector<rocksdb::ColumnFamilyDescriptor> out;
    out.emplace_back(rocksdb::kDefaultColumnFamilyName, unused_family_options(shared));
    for (std::size_t i = 0; i < count; ++i) {
        out.emplace_back(families[i].name, family_options(families[i].kind, shared));
    }
    return out;
}

/// A damaged, missing or half-made store. Opening reports some damage by other statuses than
/// corruption.
Error opening_error(const rocksdb::Status& status) {
    if (status.IsIOError() && status.subcode() != rocksdb::Status::SubCode::kPathNotFound) {
        return to_error(status);
    }
    return {ErrorCode::kChecksum, status.ToString()};
}

}  // namespace

Result<std::unique_ptr<KvStore>> open_rocksdb(const std::string& path,
                                              const std::vector<FamilySpec>& families,
                                              SharedResources& shared, OpenMode mode) {
    QD_ASSERT(families.size() < kFamiliesMax);
    auto options = database_options(shared.rep());
    // CURRENT is made last, so without it the making was interrupted, or somebody took it away.
    const bool made = shared.rep().env->FileExists(path + "/CURRENT").ok();
    std::size_t present = 0;
    if (made) {
        std::vector<std::string> names;
        const auto status = rocksdb::DB::ListColumnFamilies(options, path, &names);
        if (!status.ok()) return opening_error(status);
        QD_TRY(check_families(path, families, names));
        present = names.size() - 1;
    }
    if (present < families.size() && mode == OpenMode::kMustExist) {
        return Error{made ? ErrorCode::kFormat : ErrorCode::kChecksum,
                     fmt::format("{}: no complete store here", path)};
    }
    if (!made) QD_TRY(make_folder(path));
    options.create_if_missing = !made;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    const auto status = rocksdb::DB::Open(
        options, path, descriptors(families, present, shared.rep()), &handles, &raw);
    if (!status.ok()) return made ? opening_error(status) : to_error(status);
    auto store =
        std::make_unique<RocksdbStore>(path, std::unique_ptr<rocksdb::DB>(raw), std::move(handles));
    // Made one by one: where RocksDB fails while it makes them in Open, it forgets a handle and
    // asserts.
    for (std::size_t i = present; i < families.size(); ++i) {
        QD_TRY(store->add_family(families[i].name, family_options(families[i].kind, shared.rep())));
    }
    if (!store->is_numbered()) {
        return Error{ErrorCode::kFormat,
                     fmt::format("{}: column families are numbered in another order", path)};
    }
    return std::unique_ptr<KvStore>(std::move(store));
}

Status destroy_rocksdb(const std::string& path) { return remove_tree(path); }

}  // namespace qdrantd::store
