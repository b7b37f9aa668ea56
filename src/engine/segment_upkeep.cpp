// SPDX-License-Identifier: Apache-2.0
// Checkpoints and what runs in the background.
#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include <qdrantd/common/log.hpp>
#include <qdrantd/store/file.hpp>

#include "engine/segment_impl.hpp"

namespace qdrantd::engine {
namespace {

/// Payloads indexed at once while the writer waits: about a millisecond.
constexpr std::size_t kIndexedPerTurn = 512;

}  // namespace

Result<SegmentManifest> Segment::checkpoint(bool stopping) {
    auto& impl = *impl_;
    const std::lock_guard one_at_a_time(impl.checkpointing);
    for (const auto& field : impl.fields) {
        const auto saved = field->save_graph(stopping);
        if (saved.ok()) continue;
        // Rows let the log be cut, which frees space; links that no file has are made anew.
        if (saved.error().code != ErrorCode::kInsufficientStorage) return saved.error();
        log_warn("engine", "graph_not_saved", "vector={:?} error={:?}", field->name(),
                 describe(saved.error()));
    }
    const auto now = impl.views.current();
    SegmentManifest manifest;
    manifest.number = impl.options.number;
    manifest.covered = now.seq;
    manifest.slots = now.slots;
    for (const auto& field : impl.fields)
        QD_TRY(field->save_rows(now.slots, manifest));
    QD_TRY(store::sync_folder(impl.options.folder));
    return manifest;
}

void Segment::release_files(const SegmentManifest& durable) {
    auto& impl = *impl_;
    const std::lock_guard one_at_a_time(impl.checkpointing);
    std::set<std::string> kept;
    for (const auto& file : durable.files)
        kept.insert(file.name);
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(impl.options.folder, error)) {
        const auto name = entry.path().filename().string();
        // Rows past the checkpoint may be in use, mapped; a graph is replaced, never changed.
        if (!name.starts_with("graph-") || kept.contains(name)) continue;
        if (const auto removed = store::remove_file(entry.path().string()); !removed.ok()) {
            log_warn("engine", "file_kept", "{}", describe(removed.error()));
        }
    }
    if (error) log_warn("engine", "file_kept", "{}: {}", impl.options.folder, error.message());
}

std::size_t Segment::index_some(std::size_t limit) {
    auto& impl = *impl_;
    const auto end = impl.views.current().slots;
    const auto oldest = impl.views.oldest().value;
    // What no view can see needs no link.
    const auto reachable = [&](Slot slot) {
        const auto ended = impl.columns.ended.load(slot);
        return ended == 0 || ended > oldest;
    };
    std::size_t pending = 0;
    for (const auto& field : impl.fields) {
        if (limit > 0) limit -= std::min(limit, field->link(limit, end, reachable));
        pending += field->pending(impl.views.current().slots);
    }
    return pending;
}

void Segment::set_config(const model::CollectionConfig& config) {
    for (const auto& field : impl_->fields) {
        field->set_tuning(VectorField::Tuning::of(config, field->name()));
    }
}

Status Segment::create_field_index(const model::JsonPath& path, const model::FieldSchema& schema) {
    auto& impl = *impl_;
    {
        const std::lock_guard lock(impl.payload_build);
        impl.payload_index.add_field(path, schema);
    }
    // Slots published from now on are indexed by the writer, which knows the field already.
    // A reader that began before may still ask it, so slots only such a reader sees are indexed,
    // too.
    const auto view = impl.views.take();
    const auto oldest = impl.views.oldest().value;
    Slot slot = 0;
    while (slot < view.slots()) {
        const std::lock_guard lock(impl.payload_build);
        auto cursor = impl.payloads.cursor();
        for (std::size_t n = 0; n < kIndexedPerTurn && slot < view.slots(); ++slot) {
            const auto ended = impl.columns.ended.load(slot);
            if (ended != 0 && ended <= oldest) continue;
            QD_ASSIGN(const auto json, cursor.at(slot));
            impl.payload_index.put_field(path, slot, json);
            ++n;
        }
    }
    impl.payload_index.mark_ready(path);
    return {};
}

void Segment::delete_field_index(const model::JsonPath& path) {
    const std::lock_guard lock(impl_->payload_build);
    impl_->payload_index.remove_field(path);
}

struct LivePoints::State {
    const Segment::Impl& impl;
    ReadView view;
    PayloadCursor cursor;
};

LivePoints::LivePoints(std::unique_ptr<State> state) : state_(std::move(state)) {}
LivePoints::LivePoints(LivePoints&& other) noexcept = default;
LivePoints::~LivePoints() = default;

OpSeq LivePoints::seq() const { return state_->view.seq(); }

LivePoints Segment::live_points() const {
    const auto& impl = *impl_;
    return LivePoints(std::unique_ptr<LivePoints::State>(
        new LivePoints::State{impl, impl.views.take(), impl.payloads.cursor()}));
}

Status LivePoints::for_each(const std::function<Status(OpSeq, model::Point)>& sink) {
    const auto& impl = state_->impl;
    const auto& view = state_->view;
    for (Slot slot = 0; slot < view.slots(); ++slot) {
        if (!view.sees(impl.columns, slot)) continue;
        QD_ASSIGN(const auto json, state_->cursor.at(slot));
        model::Point point;
        point.id = impl.columns.id[slot];
        point.vectors = impl.vectors_at(slot, model::VectorSelector::all());
        point.payload = model::Payload::trusted(std::string(json));
        // A change in place raised the number; the payload read here is the one before it.
        const auto version = std::min(impl.columns.version.load(slot), view.seq().value);
        QD_TRY(sink(OpSeq(version), std::move(point)));
    }
    return {};
}

}  // namespace qdrantd::engine
