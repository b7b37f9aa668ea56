// SPDX-License-Identifier: Apache-2.0
#include "shard/resolver.hpp"

#include <span>
#include <unordered_map>
#include <unordered_set>

#include <qdrantd/model/validate.hpp>

namespace qdrantd::shard {

namespace {

/// Clients are promised that work on explicit ids proceeds in chunks of this many (spec data.md
/// §3.8).
constexpr std::size_t kChunkIds = 32;
/// Points whose vectors one record replaces at most, where a filter or a long list selects more.
constexpr std::size_t kVectorsPerEffect = 1024;

template <typename... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

Error no_such_point(const model::PointId& id) {
    return {ErrorCode::kNotFound, fmt::format("No point with id {} found", id.to_string())};
}

Error no_such_vector(std::string_view name) {
    return {ErrorCode::kBadInput, fmt::format("Not existing vector name error: {}", name)};
}

/// Names, kinds and dimensions against the configuration; normalises in place where the distance
/// asks for it.
Status prepare_vectors(const model::CollectionParams& params, model::NamedVectors& vectors) {
    for (auto& vector : vectors) {
        const auto known = params.vectors.by_name.find(vector.name);
        auto* dense = std::get_if<model::DenseVector>(&vector.value);
        if (known == params.vectors.by_name.end() || dense == nullptr) {
            return no_such_vector(vector.name);
        }
        const auto& wanted = known->second;
        if (dense->size() != wanted.size) {
            return Error{ErrorCode::kBadInput,
                         fmt::format("Vector dimension error: expected dim: {}, got {}",
                                     wanted.size, dense->size())};
        }
        const bool keeps_length = wanted.datatype == model::Datatype::kUint8;
        if (wanted.distance == model::Distance::kCosine && !keeps_length) {
            model::normalise(*dense);
        }
    }
    return {};
}

/// `sent` over `stored`, name by name.
void overlay(model::NamedVectors& stored, model::NamedVectors sent) {
    for (auto& vector : sent) {
        const auto same = std::find_if(stored.begin(), stored.end(),
                                       [&](const auto& old) { return old.name == vector.name; });
        if (same != stored.end()) {
            same->value = std::move(vector.value);
        } else {
            stored.push_back(std::move(vector));
        }
    }
}

struct Selected {
    std::vector<model::PointId> ids;  // exist, unique, in order of the request
    std::optional<Error> mistake;
};

/// The ids that exist, up to the end of the chunk with the first one that does not.
Selected select_existing(const std::vector<model::PointId>& ids, const PointsState& state) {
    Selected out;
    std::unordered_set<model::PointId> seen;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i % kChunkIds == 0 && out.mistake) break;
        if (!state.exists(ids[i])) {
            if (!out.mistake) out.mistake = no_such_point(ids[i]);
        } else if (seen.insert(ids[i]).second) {
            out.ids.push_back(ids[i]);
        }
    }
    return out;
}

Result<Selected> select_points(const model::PointSelector& selector, const PointsState& state) {
    if (const auto* ids = std::get_if<std::vector<model::PointId>>(&selector)) {
        return select_existing(*ids, state);
    }
    Selected out;
    QD_ASSIGN(out.ids, state.matching_ids(std::get<model::Filter>(selector)));
    return out;
}

Resolved one_effect(engine::Effect effect, std::optional<Error> mistake = std::nullopt) {
    Resolved out;
    out.effects.push_back(std::move(effect));
    out.mistake = std::move(mistake);
    return out;
}

/// Splits where there are too many for one record.
Resolved put_vectors(std::vector<model::PointVectors> points, std::optional<Error> mistake) {
    Resolved out;
    out.mistake = std::move(mistake);
    for (std::size_t i = 0; i < points.size(); i += kVectorsPerEffect) {
        const auto end = std::min(points.size(), i + kVectorsPerEffect);
        engine::PutVectors effect;
        effect.points.reserve(end - i);
        for (std::size_t k = i; k < end; ++k)
            effect.points.push_back(std::move(points[k]));
        out.effects.emplace_back(std::move(effect));
    }
    if (out.effects.empty()) out.effects.emplace_back(engine::NoEffect{});
    return out;
}

Result<Resolved> patch(engine::PatchPayload::Kind kind, const model::PointSelector& selector,
                       model::Payload payload, std::vector<model::JsonPath> keys,
                       const PointsState& state) {
    QD_ASSIGN(auto selected, select_points(selector, state));
    if (selected.ids.empty()) return one_effect(engine::NoEffect{}, std::move(selected.mistake));
    return one_effect(
        engine::PatchPayload{kind, std::move(selected.ids), std::move(payload), std::move(keys)},
        std::move(selected.mistake));
}

/// Shall the point be written, by the mode and the filter of a conditional upsert?
Result<bool> is_wanted(const model::UpsertPoints& upsert, const model::PointId& id,
                       const PointsState& state) {
    const bool exists = state.exists(id);
    if (!exists) return upsert.mode != model::UpdateMode::kUpdateOnly;
    if (upsert.mode == model::UpdateMode::kInsertOnly) return false;
    if (!upsert.update_filter) return true;
    return state.matches(id, *upsert.update_filter);
}

Result<Resolved> resolve_upsert(model::UpsertPoints upsert, const model::CollectionParams& params,
                                const PointsState& state) {
    engine::PutPoints put;
    std::optional<Error> mistake;
    std::unordered_map<model::PointId, std::size_t> place;
    for (auto& point : upsert.points) {
        const auto prepared = prepare_vectors(params, point.vectors);
        if (!prepared.ok()) {
            mistake = prepared.error();
            break;
        }
        // Conditions are answered by what is stored, whatever the request says of a point before.
        QD_ASSIGN(const bool wanted, is_wanted(upsert, point.id, state));
        if (!wanted) continue;
        const auto [at, is_new] = place.try_emplace(point.id, put.points.size());
        if (is_new) {
            put.points.push_back(std::move(point));
        } else {
            put.points[at->second] = std::move(point);
        }
    }
    if (put.points.empty()) return one_effect(engine::NoEffect{}, std::move(mistake));
    return one_effect(std::move(put), std::move(mistake));
}

Result<Resolved> resolve_delete(const model::DeletePoints& remove, const PointsState& state) {
    engine::RemovePoints effect;
    if (const auto* ids = std::get_if<std::vector<model::PointId>>(&remove.selector)) {
        std::unordered_set<model::PointId> seen;
        for (const auto& id : *ids) {
            if (state.exists(id) && seen.insert(id).second) effect.ids.push_back(id);
        }
    } else {
        QD_ASSIGN(effect.ids, state.matching_ids(std::get<model::Filter>(remove.selector)));
    }
    if (effect.ids.empty()) return one_effect(engine::NoEffect{});
    return one_effect(std::move(effect));
}

Result<Resolved> resolve_update_vectors(model::UpdateVectors update,
                                        const model::CollectionParams& params,
                                        const PointsState& state) {
    std::vector<model::PointVectors> points;
    std::optional<Error> mistake;
    std::unordered_map<model::PointId, std::size_t> place;
    for (std::size_t i = 0; i < update.points.size(); ++i) {
        if (i % kChunkIds == 0 && mistake) break;
        auto& sent = update.points[i];
        const auto prepared = prepare_vectors(params, sent.vectors);
        if (!prepared.ok()) {
            mistake = prepared.error();
            break;
        }
        if (!state.exists(sent.id)) {
            if (!mistake) mistake = no_such_point(sent.id);
            continue;
        }
        if (update.update_filter) {
            QD_ASSIGN(const bool wanted, state.matches(sent.id, *update.update_filter));
            if (!wanted) continue;
        }
        const auto [at, is_new] = place.try_emplace(sent.id, points.size());
        if (is_new) {
            QD_ASSIGN(auto stored, state.vectors_of(sent.id));
            points.push_back({sent.id, std::move(stored)});
        }
        overlay(points[at->second].vectors, std::move(sent.vectors));
    }
    return put_vectors(std::move(points), std::move(mistake));
}

Result<Resolved> resolve_delete_vectors(const model::DeleteVectors& remove,
                                        const model::CollectionParams& params,
                                        const PointsState& state) {
    for (const auto& name : remove.names) {
        if (!params.vectors.by_name.contains(name)) {
            return one_effect(engine::NoEffect{}, no_such_vector(name));
        }
    }
    Selected selected;
    if (remove.filter) {
        QD_ASSIGN(selected.ids, state.matching_ids(*remove.filter));
    }
    if (remove.ids) {
        auto named = select_existing(*remove.ids, state);
        const std::unordered_set<model::PointId> seen(selected.ids.begin(), selected.ids.end());
        for (const auto& id : named.ids) {
            if (!seen.contains(id)) selected.ids.push_back(id);
        }
        selected.mistake = std::move(named.mistake);
    }
    std::vector<model::PointVectors> points;
    for (const auto& id : selected.ids) {
        QD_ASSIGN(auto vectors, state.vectors_of(id));
        const auto erased = std::erase_if(vectors, [&](const model::NamedVector& vector) {
            return std::find(remove.names.begin(), remove.names.end(), vector.name) !=
                   remove.names.end();
        });
        if (erased > 0) points.push_back({id, std::move(vectors)});
    }
    return put_vectors(std::move(points), std::move(selected.mistake));
}

bool by_filter(const model::PointSelector& selector) {
    return std::holds_alternative<model::Filter>(selector);
}

}  // namespace

bool needs_published_state(const model::UpdateOperation& operation) {
    return std::visit(
        Overloaded{
            [](const model::UpsertPoints& op) { return op.update_filter.has_value(); },
            [](const model::UpdateVectors& op) { return op.update_filter.has_value(); },
            [](const model::DeleteVectors& op) { return op.filter.has_value(); },
            [](const auto& op) { return by_filter(op.selector); },
        },
        operation);
}

Result<Resolved> resolve(model::UpdateOperation operation, const model::CollectionParams& params,
                         const PointsState& state) {
    using Kind = engine::PatchPayload::Kind;
    return std::visit(
        Overloaded{
            [&](model::UpsertPoints& op) { return resolve_upsert(std::move(op), params, state); },
            [&](model::DeletePoints& op) { return resolve_delete(op, state); },
            [&](model::UpdateVectors& op) {
                return resolve_update_vectors(std::move(op), params, state);
            },
            [&](model::DeleteVectors& op) { return resolve_delete_vectors(op, params, state); },
            [&](model::SetPayload& op) {
                if (!op.key) {
                    return patch(Kind::kMerge, op.selector, std::move(op.payload), {}, state);
                }
                return patch(Kind::kMergeAt, op.selector, std::move(op.payload),
                             {std::move(*op.key)}, state);
            },
            [&](model::OverwritePayload& op) {
                return patch(Kind::kOverwrite, op.selector, std::move(op.payload), {}, state);
            },
            [&](model::DeletePayload& op) {
                return patch(Kind::kRemoveKeys, op.selector, {}, std::move(op.keys), state);
            },
            [&](model::ClearPayload& op) {
                return patch(Kind::kClear, op.selector, {}, {}, state);
            },
        },
        operation);
}

}  // namespace qdrantd::shard
