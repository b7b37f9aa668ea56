// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/index/payload_index.hpp>

#include <mutex>
#include <shared_mutex>

#include "index/filter_planner.hpp"

namespace qdrantd::index {

namespace {

using model::Condition;
using model::Filter;
using model::PathValues;
using model::PayloadReader;

using IdToSlot = std::function<Slot(const model::PointId&)>;

void resolve_ids(const std::vector<Condition>& conditions, const IdToSlot& id_to_slot,
                 ResolvedIds& out);

void resolve_ids(const Filter& filter, const IdToSlot& id_to_slot, ResolvedIds& out) {
    resolve_ids(filter.must, id_to_slot, out);
    resolve_ids(filter.should, id_to_slot, out);
    resolve_ids(filter.must_not, id_to_slot, out);
    if (filter.min_should) resolve_ids(filter.min_should->conditions, id_to_slot, out);
}

void resolve_ids(const std::vector<Condition>& conditions, const IdToSlot& id_to_slot,
                 ResolvedIds& out) {
    for (const auto& condition : conditions) {
        if (const auto* sub = std::get_if<model::SubFilter>(&condition)) {
            resolve_ids(*sub->filter, id_to_slot, out);
        } else if (const auto* ids = std::get_if<model::HasIdCondition>(&condition)) {
            auto& slots = out[ids];
            for (const auto& id : ids->ids) {
                const auto slot = id_to_slot(id);
                if (slot != kNoSlot) slots.add(slot);
            }
        }
    }
}

/// The readers of one thread; a payload is parsed before the lock is taken.
struct Readers {
    PayloadReader old;
    PayloadReader now;
    PathValues old_values;
    PathValues now_values;
};

Readers& readers() {
    thread_local Readers mine;
    return mine;
}

void put_values(PathIndex& index, Slot slot, const PathValues& values) {
    index.values->put(slot, values.elements);
    index.presence.put(slot, values);
}

void remove_values(PathIndex& index, Slot slot, const PathValues& values) {
    index.values->remove(slot, values.elements);
    index.presence.remove(slot, values);
}

// Bytes that are no JSON count as a payload without values; the store checks what it gives out, and
// FilterEvaluator reports the point.
void read(PayloadReader& reader, std::string_view payload_json) {
    const bool readable = reader.read(payload_json);
    static_cast<void>(readable);
}

}  // namespace

struct PayloadIndex::Impl {
    // Searches that overlap would keep the writer waiting for ever: the system's lock prefers
    // readers. Who waits to write holds the turnstile that readers pass. Order: turnstile, mutex.
    [[nodiscard]] std::shared_lock<std::shared_mutex> read() {
        const std::lock_guard pass(turnstile);
        return std::shared_lock(mutex);
    }
    [[nodiscard]] std::unique_lock<std::shared_mutex> write() {
        const std::lock_guard pass(turnstile);
        return std::unique_lock(mutex);
    }

    std::mutex turnstile;
    std::shared_mutex mutex;
    // Guarded by mutex:
    PathIndexes paths;
    Roaring universe;  // slots that were put and not removed
};

PayloadIndex::PayloadIndex() : impl_(std::make_unique<Impl>()) {}
PayloadIndex::~PayloadIndex() = default;

void PayloadIndex::add_field(const model::JsonPath& path, const model::FieldSchema& schema) {
    PathIndex index;
    index.schema = schema;
    index.values = FieldIndex::make(schema.type);
    const auto lock = impl_->write();
    // What was there is freed after the lock, with `index`: it may be large.
    std::swap(impl_->paths[path], index);
}

void PayloadIndex::remove_field(const model::JsonPath& path) {
    PathIndexes::node_type removed;  // freed after the lock: it may be large
    const auto lock = impl_->write();
    removed = impl_->paths.extract(path);
}

bool PayloadIndex::has_field(const model::JsonPath& path) const {
    const auto lock = impl_->read();
    return impl_->paths.contains(path);
}

void PayloadIndex::mark_ready(const model::JsonPath& path) {
    const auto lock = impl_->write();
    const auto found = impl_->paths.find(path);
    if (found != impl_->paths.end()) found->second.ready = true;
}

void PayloadIndex::put(Slot slot, std::string_view payload_json) {
    auto& use = readers();
    read(use.now, payload_json);
    const auto lock = impl_->write();
    impl_->universe.add(slot);
    for (auto& [path, index] : impl_->paths) {
        use.now.values_at(path, use.now_values);
        put_values(index, slot, use.now_values);
    }
}

void PayloadIndex::remove(Slot slot, std::string_view payload_json) {
    auto& use = readers();
    read(use.old, payload_json);
    const auto lock = impl_->write();
    impl_->universe.remove(slot);
    for (auto& [path, index] : impl_->paths) {
        use.old.values_at(path, use.old_values);
        remove_values(index, slot, use.old_values);
    }
}

void PayloadIndex::replace(Slot slot, std::string_view old_json, std::string_view new_json) {
    auto& use = readers();
    read(use.old, old_json);
    read(use.now, new_json);
    const auto lock = impl_->write();
    impl_->universe.add(slot);
    for (auto& [path, index] : impl_->paths) {
        use.old.values_at(path, use.old_values);
        use.now.values_at(path, use.now_values);
        remove_values(index, slot, use.old_values);
        put_values(index, slot, use.now_values);
    }
}

void PayloadIndex::put_field(const model::JsonPath& path, Slot slot,
                             std::string_view payload_json) {
    auto& use = readers();
    read(use.now, payload_json);
    use.now.values_at(path, use.now_values);
    const auto lock = impl_->write();
    impl_->universe.add(slot);
    const auto found = impl_->paths.find(path);
    if (found != impl_->paths.end()) put_values(found->second, slot, use.now_values);
}

std::optional<Candidates> PayloadIndex::candidates(const Filter& filter,
                                                   const IdToSlot& id_to_slot) const {
    if (filter.empty()) return std::nullopt;
    ResolvedIds ids;
    resolve_ids(filter, id_to_slot, ids);
    const auto lock = impl_->read();
    auto span = FilterPlanner(impl_->paths, impl_->universe, ids).span(filter);
    if (span.is_open()) return std::nullopt;
    const bool exact = span.is_exact();
    return Candidates{std::move(span).take_maybe(), exact};
}

CardinalityEstimate PayloadIndex::estimate(const Filter& filter, std::uint64_t total) const {
    const auto lock = impl_->read();
    return estimate_filter(impl_->paths, filter, total);
}

std::map<model::JsonPath, std::uint64_t> PayloadIndex::points_indexed(const Roaring& ended) const {
    const auto lock = impl_->read();
    std::map<model::JsonPath, std::uint64_t> points;
    for (const auto& [path, index] : impl_->paths)
        points.emplace(path, index.values->points(ended));
    return points;
}

std::size_t PayloadIndex::bytes() const {
    const auto lock = impl_->read();
    auto sum = impl_->universe.getSizeInBytes(false);
    for (const auto& [path, index] : impl_->paths)
        sum += sizeof(PathIndex) + index.values->bytes() + index.presence.bytes();
    return sum;
}

}  // namespace qdrantd::index
