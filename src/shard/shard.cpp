// SPDX-License-Identifier: Apache-2.0
// The shard's facade: the opened data, the parts that work on it, and what happens when the disk
// fails under it.
#include <qdrantd/shard/shard.hpp>

#include <mutex>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/log.hpp>
#include <qdrantd/store/file.hpp>

#include "shard/background.hpp"
#include "shard/checkpoint.hpp"
#include "shard/indexer.hpp"
#include "shard/shard_data.hpp"
#include "shard/update_queue.hpp"
#include "shard/update_size.hpp"
#include "shard/vacuum.hpp"
#include "shard/writer.hpp"

namespace qdrantd::shard {

namespace {

constexpr Duration kReopenPauseMin = std::chrono::milliseconds(200);
constexpr Duration kReopenPauseMax = std::chrono::seconds(10);
constexpr Duration kClosingPause = std::chrono::milliseconds(20);

/// Damage and foreign files stay; a disk that refuses may recover.
bool may_pass(const Error& error) {
    return error.code == ErrorCode::kIo || error.code == ErrorCode::kInsufficientStorage ||
           error.code == ErrorCode::kUnavailable;
}

/// Answers also when the task that carries it is dropped.
template <typename T>
class SureReply {
  public:
    explicit SureReply(Reply<T> reply) : reply_(std::move(reply)) {}
    SureReply(SureReply&& other) noexcept : reply_(std::exchange(other.reply_, {})) {}
    SureReply& operator=(SureReply&&) = delete;
    ~SureReply() {
        if (reply_) reply_(Error{ErrorCode::kUnavailable, "the shard is stopping"});
    }
    void operator()(Result<T> result) {
        auto reply = std::exchange(reply_, {});
        reply(std::move(result));
    }

  private:
    Reply<T> reply_;
};

Duration flush_interval(const model::CollectionConfig& config) {
    const auto seconds = std::clamp<std::uint64_t>(config.optimizers.flush_interval_sec, 1, 3600);
    return std::chrono::seconds(seconds);
}

}  // namespace

class Shard::Impl {
  public:
    explicit Impl(ShardOptions options);
    ~Impl() { stop(); }

    Status open();
    void stop();

    void update(model::UpdateOperation operation, bool wait, Deadline deadline,
                Reply<model::UpdateResult> reply);
    /// The segment to read from.
    [[nodiscard]] Result<std::shared_ptr<engine::Segment>> segment() const;
    void create_field_index(model::JsonPath path, model::FieldSchema schema, Reply<OpSeq> reply);
    Status delete_field_index(const model::JsonPath& path);
    void set_config(const model::CollectionConfig& config);
    [[nodiscard]] ShardInfo info() const;

  private:
    /// What changes while the shard lives. Without data it is failed, stopped, or not open yet.
    struct State {
        std::shared_ptr<ShardData> data;
        Error failure{ErrorCode::kUnavailable, "the shard is not open"};
        bool failed = false;
        ShardSchema schema;
        Duration reopen_pause = kReopenPauseMin;
    };

    [[nodiscard]] std::shared_ptr<ShardData> data() const;
    void install(std::shared_ptr<ShardData> data);
    void fail(const Error& error);
    void reopen_later(std::weak_ptr<store::KvStore> closing);
    void reopen();
    Result<OpSeq> build_index(const model::JsonPath& path, const model::FieldSchema& schema);

    const ShardOptions options_;
    const std::shared_ptr<Background> background_;
    mutable std::mutex mutex_;
    State state_;
    std::mutex stopping_;        // one stop at a time
    std::mutex schema_changes_;  // one change of configuration or indexes at a time
    Checkpointer checkpointer_;
    Indexer indexer_;
    Vacuum vacuum_;
    Writer writer_;
    UpdateQueue queue_;
};

Shard::Impl::Impl(ShardOptions options)
    : options_(std::move(options)),
      background_(std::make_shared<Background>(*options_.background)),
      checkpointer_(
          {.background = background_.get(),
           .data = [this] { return data(); },
           .on_error = [this](const Error& error) { fail(error); },
           .on_done = [this] { vacuum_.consider(); },
           .log_bytes_max = options_.checkpoint_log_bytes,
           .log_tail_bytes = options_.log_tail_bytes,
           .sync_interval = options_.durability == Durability::kInterval
                                ? Duration(std::chrono::milliseconds(options_.sync_interval_ms))
                                : Duration::zero()}),
      indexer_({.background = background_.get(),
                .data = [this] { return data(); },
                .on_done = [this] { checkpointer_.request(); }}),
      vacuum_({.background = background_.get(),
               .data = [this] { return data(); },
               .run_between = [this](Task task) { queue_.run_between(std::move(task)); },
               .on_error = [this](const Error& error) { fail(error); },
               .on_done = [this] { indexer_.wake(); }}),
      writer_(options_.durability, {.on_applied =
                                        [this] {
                                            checkpointer_.note_write();
                                            indexer_.wake();
                                        },
                                    .on_failure = [this](const Error& error) { fail(error); }}),
      queue_({.executor = options_.writers,
              .operations_max = options_.queue_operations_max,
              .bytes_max = options_.queue_bytes_max},
             [this](std::vector<PendingUpdate> group) { writer_.commit(std::move(group)); }) {
    state_.schema = {options_.config, options_.schema};
    checkpointer_.set_flush_interval(flush_interval(options_.config));
    writer_.set_params(options_.config.params);
}

Status Shard::Impl::open() {
    auto opened = ShardData::open({options_.folder, options_.shared, state_.schema});
    if (opened.ok()) {
        install(std::move(opened).value());
        return {};
    }
    if (opened.error().code == ErrorCode::kIo) return std::move(opened).error();
    fail(opened.error());
    return {};
}

std::shared_ptr<ShardData> Shard::Impl::data() const {
    const std::lock_guard lock(mutex_);
    return state_.data;
}

void Shard::Impl::install(std::shared_ptr<ShardData> data) {
    {
        const std::lock_guard lock(mutex_);
        state_.data = data;
        state_.failed = false;
        state_.reopen_pause = kReopenPauseMin;
    }
    writer_.install(std::move(data));
    indexer_.wake();
    checkpointer_.request();
}

void Shard::Impl::fail(const Error& error) {
    std::shared_ptr<ShardData> closing;
    {
        const std::lock_guard lock(mutex_);
        // Not open any more: somebody told before, or it is stopping.
        if (state_.failed) return;
        closing = std::move(state_.data);
        state_.data.reset();
        state_.failed = true;
        state_.failure = {ErrorCode::kInternal,
                          fmt::format("shard {} failed: {}", options_.folder, describe(error))};
    }
    writer_.install(nullptr, state_.failure);
    if (may_pass(error)) {
        log_warn("shard", "closed", "folder={} error={:?}", options_.folder, describe(error));
        reopen_later(closing ? closing->watch_store() : std::weak_ptr<store::KvStore>());
    } else {
        log_error("shard", "failed", "folder={} error={:?}", options_.folder, describe(error));
    }
}

/// The old store must be closed before the files can be opened again: reads may still hold it.
void Shard::Impl::reopen_later(std::weak_ptr<store::KvStore> closing) {
    Duration pause{};
    {
        const std::lock_guard lock(mutex_);
        pause = state_.reopen_pause;
        state_.reopen_pause = std::min(2 * pause, kReopenPauseMax);
    }
    background_->after(pause, [this, closing = std::move(closing)] {
        if (!closing.expired()) {
            {
                const std::lock_guard lock(mutex_);
                state_.reopen_pause = kClosingPause;
            }
            reopen_later(closing);
            return;
        }
        reopen();
    });
}

void Shard::Impl::reopen() {
    ShardSchema schema;
    {
        const std::lock_guard lock(mutex_);
        schema = state_.schema;
    }
    auto opened = ShardData::open({options_.folder, options_.shared, std::move(schema)});
    if (opened.ok()) {
        log_info("shard", "reopened", "folder={}", options_.folder);
        install(std::move(opened).value());
        return;
    }
    const bool again = may_pass(opened.error());
    {
        const std::lock_guard lock(mutex_);
        state_.failure.message =
            fmt::format("shard {} failed: {}", options_.folder, describe(opened.error()));
    }
    writer_.install(nullptr, state_.failure);
    if (again) {
        reopen_later({});
    } else {
        log_error("shard", "failed", "folder={} error={:?}", options_.folder,
                  describe(opened.error()));
    }
}

void Shard::Impl::stop() {
    const std::lock_guard once(stopping_);
    queue_.stop();
    background_->stop();
    std::shared_ptr<ShardData> data;
    {
        const std::lock_guard lock(mutex_);
        data = std::move(state_.data);
        state_.data.reset();
        if (!state_.failed) state_.failure = {ErrorCode::kUnavailable, "the shard stopped"};
        state_.failed = true;
    }
    writer_.install(nullptr, {ErrorCode::kUnavailable, "the shard stopped"});
    if (!data) return;
    const auto made = make_checkpoint(*data, options_.log_tail_bytes, true);
    // The log has everything since the last one.
    if (!made.ok()) log_warn("shard", "checkpoint", "error={:?}", describe(made.error()));
}

void Shard::Impl::update(model::UpdateOperation operation, bool wait, Deadline deadline,
                         Reply<model::UpdateResult> reply) {
    auto waiter = std::make_shared<Waiter>(wait, std::move(reply));
    const auto bytes = update_bytes(operation);
    waiter->start_timer(deadline);
    auto submitted = queue_.submit({std::move(operation), waiter, bytes});
    if (!submitted.ok()) waiter->answer(std::move(submitted).error());
}

Result<std::shared_ptr<engine::Segment>> Shard::Impl::segment() const {
    const std::lock_guard lock(mutex_);
    if (!state_.data) return state_.failure;
    return state_.data->segment();
}

Result<OpSeq> Shard::Impl::build_index(const model::JsonPath& path,
                                       const model::FieldSchema& schema) {
    const std::lock_guard one(schema_changes_);
    std::shared_ptr<ShardData> data;
    ShardSchema before;
    {
        const std::lock_guard lock(mutex_);
        if (!state_.data) return state_.failure;
        data = state_.data;
        before = state_.schema;
        // Known first, so that a segment being rebuilt does not take over without it.
        state_.schema.fields[path] = schema;
        data->set_schema(state_.schema);
    }
    std::shared_ptr<engine::Segment> segment;
    Status built;
    while (built.ok() && segment != data->segment()) {
        segment = data->segment();
        built = segment->create_field_index(path, schema);
    }
    if (built.ok()) return data->applied().seq;
    const std::lock_guard lock(mutex_);
    state_.schema = before;
    data->set_schema(before);
    return std::move(built).error();
}

void Shard::Impl::create_field_index(model::JsonPath path, model::FieldSchema schema,
                                     Reply<OpSeq> reply) {
    auto answer = std::make_shared<SureReply<OpSeq>>(std::move(reply));
    auto posted = background_->post(
        [this, answer, path = std::move(path), schema] { (*answer)(build_index(path, schema)); });
    if (!posted.ok()) (*answer)(std::move(posted).error());
}

Status Shard::Impl::delete_field_index(const model::JsonPath& path) {
    const std::lock_guard one(schema_changes_);
    std::shared_ptr<ShardData> data;
    {
        const std::lock_guard lock(mutex_);
        state_.schema.fields.erase(path);
        if (!state_.data) return state_.failure;
        data = state_.data;
        data->set_schema(state_.schema);
    }
    std::shared_ptr<engine::Segment> segment;
    while (segment != data->segment()) {
        segment = data->segment();
        segment->delete_field_index(path);
    }
    return {};
}

void Shard::Impl::set_config(const model::CollectionConfig& config) {
    const std::lock_guard one(schema_changes_);
    std::shared_ptr<ShardData> data;
    {
        const std::lock_guard lock(mutex_);
        state_.schema.config = config;
        data = state_.data;
        if (data) data->set_schema(state_.schema);
    }
    writer_.set_params(config.params);
    checkpointer_.set_flush_interval(flush_interval(config));
    std::shared_ptr<engine::Segment> segment;
    while (data && segment != data->segment()) {
        segment = data->segment();
        segment->set_config(config);
    }
    indexer_.wake();
}

ShardInfo Shard::Impl::info() const {
    ShardInfo info;
    info.queue_length = queue_.length();
    std::shared_ptr<ShardData> data;
    {
        const std::lock_guard lock(mutex_);
        data = state_.data;
        if (!data) info.failure = state_.failure.message;
    }
    info.disk_bytes = store::folder_bytes(options_.folder);
    if (!data) return info;
    const auto segment = data->segment()->info();
    info.points = segment.points;
    info.slots = segment.slots;
    info.indexed_vectors = segment.indexed_vectors;
    info.pending_vectors = segment.pending_vectors;
    info.indexed_payloads = segment.indexed_payloads;
    info.memory_bytes = segment.memory_bytes;
    info.applied = data->applied().seq;
    info.optimizing = indexer_.optimizing() || vacuum_.running() || segment.pending_vectors > 0;
    return info;
}

Shard::Shard(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Shard::~Shard() = default;

Result<std::unique_ptr<Shard>> Shard::open(ShardOptions options) {
    QD_ASSERT(options.writers != nullptr);
    QD_ASSERT(options.background != nullptr);
    QD_ASSERT(options.shared != nullptr);
    auto impl = std::make_unique<Impl>(std::move(options));
    QD_TRY(impl->open());
    return std::unique_ptr<Shard>(new Shard(std::move(impl)));
}

Status Shard::destroy(const std::string& folder) { return store::remove_tree(folder); }

void Shard::update(model::UpdateOperation operation, bool wait, Deadline deadline,
                   Reply<model::UpdateResult> reply) {
    impl_->update(std::move(operation), wait, deadline, std::move(reply));
}

Result<std::vector<model::ScoredPoint>> Shard::query(const model::QueryRequest& request,
                                                     Deadline deadline) const {
    QD_ASSIGN(const auto segment, impl_->segment());
    return segment->query(request, deadline);
}

Result<std::vector<model::Record>> Shard::retrieve(const model::RetrieveRequest& request,
                                                   Deadline deadline) const {
    if (deadline.passed()) return Error{ErrorCode::kTimeout, "the deadline has passed"};
    QD_ASSIGN(const auto segment, impl_->segment());
    return segment->retrieve(request);
}

Result<model::ScrollPage> Shard::scroll(const model::ScrollRequest& request,
                                        Deadline deadline) const {
    QD_ASSIGN(const auto segment, impl_->segment());
    return segment->scroll(request, deadline);
}

Result<std::uint64_t> Shard::count(const model::CountRequest& request, Deadline deadline) const {
    QD_ASSIGN(const auto segment, impl_->segment());
    return segment->count(request, deadline);
}

void Shard::create_field_index(model::JsonPath path, model::FieldSchema schema,
                               Reply<OpSeq> reply) {
    impl_->create_field_index(std::move(path), schema, std::move(reply));
}

Status Shard::delete_field_index(const model::JsonPath& path) {
    return impl_->delete_field_index(path);
}

void Shard::set_config(const model::CollectionConfig& config) { impl_->set_config(config); }

ShardInfo Shard::info() const { return impl_->info(); }

void Shard::stop() { impl_->stop(); }

}  // namespace qdrantd::shard
