// SPDX-License-Identifier: Apache-2.0
// Bodies of every family: what they decode to, and what they are refused with.
#include <cstdlib>

#include <gtest/gtest.h>

#include <qdrantd/common/random.hpp>

#include "api/rest/decode_collection.hpp"
#include "api/rest/decode_filter.hpp"
#include "api/rest/decode_points.hpp"
#include "api/rest/decode_query.hpp"
#include "api/rest/decode_read.hpp"
#include "api/rest/routes.hpp"

namespace qdrantd::rest {
namespace {

template <typename T>
Result<T> decode(Result<T> (*decoder)(const JsonValue&), std::string body) {
    static JsonParser parser;
    Request request;
    request.parser = &parser;
    request.body = std::move(body);
    return decode_body(request, decoder);
}

/// "" when it decodes, else the message.
template <typename T>
std::string refusal(Result<T> (*decoder)(const JsonValue&), std::string body) {
    const auto decoded = decode(decoder, std::move(body));
    return decoded.ok() ? "" : decoded.error().message;
}

template <typename T>
ErrorCode code(Result<T> (*decoder)(const JsonValue&), std::string body) {
    const auto decoded = decode(decoder, std::move(body));
    EXPECT_FALSE(decoded.ok());
    return decoded.ok() ? ErrorCode::kInternal : decoded.error().code;
}

TEST(DecodeUpsert, ReadsTheListForm) {
    const auto decoded = decode(decode_upsert, R"({"points":[
        {"id":7,"vector":[0.1,2,-3e2],"payload":{ "b" : [1, 2.50, "x"] },"unknown":[{}]},
        {"id":"550e8400-e29b-41d4-a716-446655440000","vectors":{"a":[1],"s":{"indices":[5,2],"values":[0.5,0.25]},"m":[[1,2],[3,4]]},"payload":null},
        {"id":9,"vector":{}}],"update_mode":"insert_only","update_filter":{"must":{"has_id":[1]}}})");
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    const auto& upsert = std::get<model::UpsertPoints>(*decoded);
    ASSERT_EQ(upsert.points.size(), 3U);
    EXPECT_EQ(upsert.points[0].id, model::PointId(7));
    EXPECT_EQ(std::get<model::DenseVector>(upsert.points[0].vectors.at(0).value),
              (model::DenseVector{0.1F, 2.0F, -300.0F}));
    EXPECT_EQ(upsert.points[0].payload.json(), R"({"b":[1,2.5,"x"]})");
    EXPECT_TRUE(upsert.points[1].id.is_uuid());
    const auto& named = upsert.points[1].vectors;
    EXPECT_EQ(std::get<model::DenseVector>(*find_vector(named, "a")), model::DenseVector{1.0F});
    EXPECT_EQ(std::get<model::SparseVector>(*find_vector(named, "s")),
              (model::SparseVector{{2, 5}, {0.25F, 0.5F}}));
    EXPECT_EQ(std::get<model::MultiVector>(*find_vector(named, "m")),
              (model::MultiVector{2, {1, 2, 3, 4}}));
    EXPECT_TRUE(upsert.points[2].vectors.empty());
    EXPECT_EQ(upsert.mode, model::UpdateMode::kInsertOnly);
    EXPECT_TRUE(upsert.update_filter.has_value());
}

TEST(DecodeUpsert, ReadsTheColumnarForm) {
    const auto decoded = decode(
        decode_upsert,
        R"({"batch":{"ids":[1,2],"vectors":{"a":[[1],[2]],"b":[[3,3],[4,4]]},"payloads":[null,{"k":1}]}})");
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    const auto& points = std::get<model::UpsertPoints>(*decoded).points;
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(std::get<model::DenseVector>(*find_vector(points[1].vectors, "b")),
              (model::DenseVector{4, 4}));
    EXPECT_EQ(points[0].payload.json(), "{}");
    EXPECT_EQ(points[1].payload.json(), R"({"k":1})");
    EXPECT_EQ(
        refusal(decode_upsert, R"({"batch":{"ids":[1,2],"vectors":[[1]]}})"),
        "Validation error in JSON body: [batch: number of ids and vectors must be equal (2 != 1)]");
    EXPECT_EQ(refusal(decode_upsert, R"({"batch":{"ids":[1],"vectors":[[1]],"payloads":[]}})"),
              "Validation error in JSON body: [batch: number of ids and payloads must be equal (1 "
              "!= 0)]");
}

TEST(DecodeUpsert, NamesWhatIsWrong) {
    const auto upsert = [](std::string body) { return refusal(decode_upsert, std::move(body)); };
    EXPECT_EQ(upsert("{}"), "Format error in JSON body: Invalid PointInsertOperations format");
    EXPECT_EQ(upsert(R"({"points":[{"vector":[1]}]})"),
              "Format error in JSON body: points[0]: missing field `id`");
    EXPECT_EQ(upsert(R"({"points":[{"id":1}]})"),
              "Format error in JSON body: points[0]: missing field `vector`");
    for (const auto* id : {R"("7")", "-1", "1.0", "1.5", "18446744073709551616", "null", "[]"}) {
        EXPECT_NE(upsert(fmt::format(R"({{"points":[{{"id":{},"vector":[1]}}]}})", id))
                      .find("is not a valid point ID, valid values are either an unsigned integer "
                            "or a UUID"),
                  std::string::npos)
            << id;
    }
    EXPECT_EQ(upsert(R"({"points":[{"id":1,"vector":[1,"x"]}]})"),
              "Format error in JSON body: points[0].vector[1]: invalid type: string \"x\", "
              "expected a number");
    EXPECT_EQ(
        upsert(R"({"points":[{"id":1,"vector":[1,null]}]})"),
        "Format error in JSON body: points[0].vector[1]: invalid type: null, expected a number");
    EXPECT_EQ(upsert(R"({"points":[{"id":1,"id":2,"vector":[1]}]})"),
              "Format error in JSON body: points[0]: duplicate field `id`");
    EXPECT_EQ(upsert(R"({"points":[{"id":1,"vector":[1],"vectors":[1]}]})"),
              "Format error in JSON body: points[0]: duplicate field `vector`");
    EXPECT_EQ(upsert(R"({"points":[{"id":1,"vector":{"s":{"indices":[1,1],"values":[1,2]}}}]})"),
              "Validation error in JSON body: [points[0].vector.?.indices: Validation error: must "
              "be unique [{}]]");
    EXPECT_EQ(upsert(R"({"points":[{"id":1,"vector":{"s":{"indices":[1],"values":[1,2]}}}]})"),
              "Validation error in JSON body: [points[0].vector.?.values: Validation error: must "
              "be the same length as indices [{}]]");
    EXPECT_EQ(upsert(R"({"points":[{"id":1,"vector":[[1,2],[3]]}]})"),
              "Validation error in JSON body: [points[0].vector: all vectors must have the same "
              "dimension, found vector with dimension 1]");
    EXPECT_EQ(upsert(R"({"points":[],"update_mode":"x"})").substr(0, 60),
              "Format error in JSON body: update_mode: unknown variant `x`,");
    EXPECT_EQ(code(decode_upsert, R"({"points":[{"id":1,"vector":{"text":"a","model":"m"}}]})"),
              ErrorCode::kInternal);
    EXPECT_EQ(code(decode_upsert, R"({"points":[],"shard_key":"a"})"), ErrorCode::kUnsupported);
    EXPECT_EQ(upsert(R"({"points":[],"shard_key":null})"), "");
}

TEST(DecodeUpdate, ReadsEveryOperationOfABatch) {
    const auto decoded = decode(decode_update_batch, R"({"operations":[
        {"upsert":{"points":[{"id":1,"vector":[1]}]}},
        {"delete":{"points":[1],"filter":{}}},
        {"set_payload":{"payload":{"a":null},"points":[1],"key":"x.y"}},
        {"overwrite_payload":{"payload":{},"filter":{}}},
        {"delete_payload":{"keys":["a[].b"],"points":[1]}},
        {"clear_payload":{"filter":{"must":[]}}},
        {"update_vectors":{"points":[{"id":1,"vector":{"v":[1]}}]}},
        {"delete_vectors":{"vector":[""],"points":[1],"filter":{}}}]})");
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    ASSERT_EQ(decoded->size(), 8U);
    for (std::size_t i = 0; i < decoded->size(); ++i)
        EXPECT_EQ((*decoded)[i].index(), (std::array<std::size_t, 8>{0, 1, 4, 5, 6, 7, 2, 3})[i]);
    // Ids win over a filter.
    EXPECT_EQ(std::get<model::DeletePoints>((*decoded)[1]).selector.index(), 0U);
    EXPECT_EQ(std::get<model::SetPayload>((*decoded)[2]).key->to_string(), "x.y");
    const auto& removal = std::get<model::DeleteVectors>((*decoded)[7]);
    EXPECT_TRUE(removal.ids.has_value() && removal.filter.has_value());
}

TEST(DecodeUpdate, NamesWhatIsWrong) {
    EXPECT_EQ(refusal(decode_set_payload, R"({"payload":{}})"),
              "Format error in JSON body: Either list of point ids or filter must be provided");
    EXPECT_EQ(refusal(decode_set_payload, R"({"payload":[],"points":[1]})"),
              "Format error in JSON body: payload: invalid type: sequence, expected a map");
    EXPECT_EQ(refusal(decode_set_payload, R"({"payload":{},"points":[1],"key":"a..b"})"),
              "Format error in JSON body: key: Invalid json path: 'a..b'");
    EXPECT_EQ(refusal(decode_delete_vectors, R"({"vector":[],"points":[1]})"),
              "Validation error in JSON body: [vector: must specify vector names to delete]");
    EXPECT_EQ(code(decode_delete_vectors, R"({"vector":["a"]})"), ErrorCode::kBadRequest);
    EXPECT_EQ(refusal(decode_update_vectors, R"({"points":[{"id":1,"vector":{}}]})"),
              "Validation error in JSON body: [points[0].vector: must specify vectors to update "
              "for point]");
    EXPECT_EQ(code(decode_update_batch, R"({"operations":[{"dance":{}}]})"), ErrorCode::kFormat);
}

TEST(DecodeFilter, ReadsEveryForm) {
    const auto decoded = decode(decode_filter, R"({
        "must":[{"key":"a","match":{"value":"x"}},{"key":"a","match":{"value":5}},{"key":"a","match":{"value":true}},
                {"key":"a","match":{"any":[1,2]}},{"key":"a","match":{"except":["x"]}},{"key":"a","match":{"any":[]}},
                {"key":"a","match":{"text":"t"}},{"key":"a","match":{"text_any":"t"}},{"key":"a","match":{"phrase":"t"}},{"key":"a","match":{"prefix":"t"}},
                {"key":"a","range":{"gt":1,"lte":2.5,"lt":null}},{"key":"a","range":{"gte":"2024-01-02"}},{"key":"a","values_count":{"gte":1}},
                {"key":"a","is_empty":true},{"key":"a","is_null":false}],
        "should":{"is_empty":{"key":"b"}},
        "must_not":[{"is_null":{"key":"b"}},{"has_id":[3,1,3]},{"has_vector":""},{"slice":{"total":3,"index":2}},
                    {"nested":{"key":"n","filter":{"must":{"key":"x","match":{"value":1}}}}},{"should":[]},{}],
        "min_should":{"conditions":[{"has_id":[]}],"min_count":1}})");
    ASSERT_TRUE(decoded.ok()) << decoded.error().message;
    ASSERT_EQ(decoded->must.size(), 15U);
    const auto& dates = std::get<model::FieldCondition>(decoded->must[11]);
    EXPECT_EQ(std::get<model::DatetimeRange>(dates.clause).gte, 1704153600000000);
    EXPECT_EQ(decoded->should.size(), 1U);
    ASSERT_EQ(decoded->must_not.size(), 7U);
    EXPECT_EQ(std::get<model::HasIdCondition>(decoded->must_not[1]).ids,
              (std::vector{model::PointId(1), model::PointId(3)}));
    EXPECT_EQ(std::get<model::NestedCondition>(decoded->must_not[4]).key.to_string(), "n[]");
    EXPECT_EQ(decoded->must_not[6].index(), 7U);
    EXPECT_EQ(decoded->min_should->min_count, 1U);
}

TEST(DecodeFilter, RefusesWhatItDoesNotKnow) {
    const auto refused = [](std::string body) { return refusal(decode_filter, std::move(body)); };
    EXPECT_EQ(refused(R"({"mast":[]})"),
              "Format error in JSON body: unknown field `mast`, expected one of `must`, `should`, "
              "`must_not`, `min_should`");
    EXPECT_NE(refused(R"({"must":[{"x":1}]})").find("must[0]: Expected some form of condition, "),
              std::string::npos);
    EXPECT_NE(refused(R"({"must":[null]})").find("Expected some form of condition"),
              std::string::npos);
    EXPECT_EQ(refused(R"({"must":[{"key":5,"match":{"value":1}}]})"),
              "Format error in JSON body: must[0]: Filter condition 'key' must be a string");
    EXPECT_EQ(
        refused(R"({"must":[{"key":"a"}]})"),
        "Validation error in JSON body: [must[0]: At least one field condition must be specified]");
    EXPECT_EQ(code(decode_filter, R"({"must":[{"key":"a","match":{"value":1.5}}]})"),
              ErrorCode::kFormat);
    EXPECT_EQ(code(decode_filter, R"({"must":[{"key":"a","match":{"any":[1,"x"]}}]})"),
              ErrorCode::kFormat);
    EXPECT_EQ(code(decode_filter, R"({"must":[{"key":"a","match":"x"}]})"), ErrorCode::kFormat);
    EXPECT_EQ(code(decode_filter, R"({"must":[{"key":"a","range":{"gt":"nope"}}]})"),
              ErrorCode::kFormat);
    EXPECT_EQ(code(decode_filter, R"({"must":[{"key":"a","range":{"gt":"2024-01-01","lt":5}}]})"),
              ErrorCode::kFormat);
    EXPECT_EQ(code(decode_filter, R"({"must":[{"key":"g","geo_radius":{}}]})"),
              ErrorCode::kUnsupported);
    EXPECT_EQ(code(decode_filter, R"({"must":[{"key":"a","match":{"value":1},"is_null":true}]})"),
              ErrorCode::kUnsupported);
    EXPECT_EQ(code(decode_filter, R"({"must":{"slice":{"total":0,"index":0}}})"),
              ErrorCode::kFormat);
    EXPECT_EQ(code(decode_filter, R"({"must":{"slice":{"total":2,"index":2}}})"),
              ErrorCode::kValidation);
    EXPECT_EQ(code(decode_filter, R"({"min_should":{"conditions":[],"min_count":0}})"),
              ErrorCode::kValidation);
    std::string deep = "{}";
    for (int i = 0; i < 70; ++i)
        deep = R"({"must":)" + deep + "}";
    EXPECT_NE(refused(deep).find("nested deeper than 64"), std::string::npos);
}

TEST(DecodeQuery, ReadsEveryNearestForm) {
    const auto nearest = [](std::string query) {
        return decode(decode_query, R"({"query":)" + query + "}");
    };
    const auto value = [&](std::string query) {
        return std::get<model::VectorValue>(nearest(std::move(query))->nearest->target);
    };
    EXPECT_EQ(value("[1,2]"), model::VectorValue(model::DenseVector{1, 2}));
    EXPECT_EQ(value(R"({"nearest":[1,2]})"), model::VectorValue(model::DenseVector{1, 2}));
    EXPECT_EQ(value("[[1],[2]]"), model::VectorValue(model::MultiVector{1, {1, 2}}));
    EXPECT_EQ(value(R"({"indices":[2,1],"values":[1,2]})"),
              model::VectorValue(model::SparseVector{{1, 2}, {2, 1}}));
    EXPECT_EQ(std::get<model::PointId>(nearest("5")->nearest->target), model::PointId(5));
    EXPECT_EQ(std::get<model::PointId>(nearest(R"({"nearest":5,"mmr":null})")->nearest->target),
              model::PointId(5));
    EXPECT_FALSE(nearest("null")->nearest.has_value());
    const auto full = decode(
        decode_query,
        R"({"query":[1],"using":"v","filter":{"must":[]},"params":{"hnsw_ef":64,"exact":true,"quantization":{"rescore":true},"acorn":{"enable":true}},
        "score_threshold":0.5,"limit":18446744073709551615,"offset":3,"with_payload":{"exclude":["a"]},"with_vectors":["v"],"prefetch":[],"lookup_from":null})");
    ASSERT_TRUE(full.ok()) << full.error().message;
    EXPECT_EQ(full->params.hnsw_ef, 64U);
    EXPECT_TRUE(full->params.exact);
    EXPECT_EQ(full->limit, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(full->with_payload.kind, model::PayloadSelector::Kind::kExclude);
    EXPECT_EQ(full->with_vector.names, std::vector<std::string>{"v"});
}

TEST(DecodeQuery, NamesWhatItDoesNotServe) {
    for (const auto* query :
         {R"({"recommend":{"positive":[1]}})", R"({"discover":{}})", R"({"context":null})",
          R"({"order_by":"a"})", R"({"fusion":"rrf"})", R"({"rrf":{}})", R"({"formula":{}})",
          R"({"sample":"random"})", R"({"relevance_feedback":{}})", R"({"nearest":1,"mmr":{}})"}) {
        EXPECT_EQ(code(decode_query, fmt::format(R"({{"query":{}}})", query)),
                  ErrorCode::kUnsupported)
            << query;
    }
    EXPECT_EQ(code(decode_query, R"({"query":1,"prefetch":{"query":[1]}})"),
              ErrorCode::kUnsupported);
    EXPECT_EQ(code(decode_query, R"({"prefetch":{"query":[1]}})"), ErrorCode::kBadRequest);
    EXPECT_EQ(code(decode_query, R"({"query":1,"lookup_from":{"collection":"x"}})"),
              ErrorCode::kUnsupported);
    EXPECT_NE(refusal(decode_query, R"({"query":{}})")
                  .find("Expected some form of vector, id, or a type of query"),
              std::string::npos);
    EXPECT_EQ(code(decode_query, R"({"query":"nope"})"), ErrorCode::kFormat);
    EXPECT_EQ(
        refusal(decode_query, R"({"limit":0})"),
        "Validation error in JSON body: [internal.limit: value 0 invalid, must be 1 or larger]");
    EXPECT_EQ(refusal(decode_query_batch, R"({"searches":[{},{"params":{"hnsw_ef":0}}]})"),
              "Validation error in JSON body: [searches[1].internal.params.hnsw_ef: value 0 "
              "invalid, must be 1 or larger]");
    EXPECT_EQ(refusal(decode_search, R"({"vector":[1]})"),
              "Format error in JSON body: missing field `limit`");
    EXPECT_EQ(refusal(decode_query, R"({"with_payload":{"includ":[]}})").substr(0, 55),
              "Format error in JSON body: with_payload: unknown field ");
    EXPECT_EQ(code(decode_query, R"({"limit":-1})"), ErrorCode::kFormat);
    EXPECT_EQ(code(decode_query, R"({"limit":1.5})"), ErrorCode::kFormat);
}

TEST(DecodeRead, ReadsScrollRetrieveAndCount) {
    const auto scroll = decode(
        decode_scroll,
        R"({"offset":"{550e8400-e29b-41d4-a716-446655440000}","limit":2,"with_payload":["a.b"],"with_vector":true})");
    ASSERT_TRUE(scroll.ok()) << scroll.error().message;
    EXPECT_TRUE(scroll->offset->is_uuid());
    EXPECT_EQ(decode(decode_scroll, "{}")->with_payload.kind, model::PayloadSelector::Kind::kAll);
    const auto ordered = decode(
        decode_scroll, R"({"order_by":{"key":"k","direction":"desc","start_from":"2024-01-01"}})");
    EXPECT_TRUE(ordered->order_by->descending);
    EXPECT_EQ(code(decode_scroll, R"({"order_by":"k","offset":1})"), ErrorCode::kBadRequest);
    EXPECT_EQ(decode(decode_retrieve, R"({"ids":[1]})")->with_payload.kind,
              model::PayloadSelector::Kind::kNone);
    EXPECT_EQ(refusal(decode_retrieve, "{}"), "Format error in JSON body: missing field `ids`");
    EXPECT_TRUE(decode(decode_count, "{}")->exact);
    EXPECT_FALSE(decode(decode_count, R"({"exact":false})")->exact);
    EXPECT_EQ(refusal(decode_count, "[]"),
              "Format error in JSON body: invalid type: sequence, expected struct CountRequest");
}

TEST(DecodeCollection, ReadsCreateAndPatch) {
    const auto created = decode(
        decode_create_collection,
        R"({"vectors":{"a":{"size":4,"distance":"Dot","on_disk":true},"size":{"size":2,"distance":"Cosine"}},
        "shard_number":2,"hnsw_config":{"m":0,"full_scan_threshold_kb":20},"optimizer_config":{"max_optimization_threads":"auto","indexing_threshold_kb":0},
        "wal_config":{"wal_capacity_mb":1},"metadata":{"x": 1},"init_from":{"collection":"y"}})");
    ASSERT_TRUE(created.ok()) << created.error().message;
    EXPECT_FALSE(created->vectors.single);
    EXPECT_EQ(created->vectors.by_name.size(), 2U);
    EXPECT_EQ(created->hnsw.full_scan_threshold, 20U);
    EXPECT_TRUE(created->optimizers.max_optimization_threads.has_value());
    EXPECT_EQ(created->metadata_json, R"({"x":1})");
    const auto single =
        decode(decode_create_collection, R"({"vectors":{"size":4,"distance":"Dot"}})");
    EXPECT_TRUE(single->vectors.single);
    EXPECT_TRUE(decode(decode_create_collection, "{}")->vectors.by_name.empty());
    const auto patch = decode(
        decode_collection_patch,
        R"({"vectors":{"":{"hnsw_config":{"m":8}}},"params":{"replication_factor":2},"quantization_config":"Disabled"})");
    ASSERT_TRUE(patch.ok()) << patch.error().message;
    EXPECT_EQ(patch->vectors.at("").hnsw_config->m, 8U);
}

TEST(DecodeCollection, NamesWhatIsWrong) {
    const auto refused = [](std::string body) {
        return refusal(decode_create_collection, std::move(body));
    };
    EXPECT_EQ(refused(R"({"vectors":{"size":65537,"distance":"Dot"}})"),
              "Validation error in JSON body: [vectors.size: value 65537 invalid, must be from 1 "
              "to 65536]");
    EXPECT_EQ(code(decode_create_collection, R"({"vectors":{"size":0,"distance":"Dot"}})"),
              ErrorCode::kFormat);
    EXPECT_EQ(code(decode_create_collection, R"({"vectors":{"size":4,"distance":"dot"}})"),
              ErrorCode::kFormat);
    EXPECT_EQ(
        refused(R"({"shard_number":0})"),
        "Validation error in JSON body: [shard_number: value 0 invalid, must be 1 or larger]");
    EXPECT_EQ(refused(R"({"hnsw_config":{"ef_construct":3}})"),
              "Validation error in JSON body: [hnsw_config.ef_construct: value 3 invalid, must be "
              "4 or larger]");
    for (
        const auto* body :
        {R"({"sparse_vectors":{"s":{}}})", R"({"quantization_config":{"scalar":{"type":"int8"}}})",
         R"({"sharding_method":"custom"})",
         R"({"vectors":{"size":4,"distance":"Dot","multivector_config":{"comparator":"max_sim"}}})"}) {
        EXPECT_EQ(code(decode_create_collection, body), ErrorCode::kUnsupported) << body;
    }
    EXPECT_EQ(code(decode_field_index, R"({"field_name":"a"})"), ErrorCode::kBadRequest);
    EXPECT_EQ(code(decode_field_index, R"({"field_name":"a","field_schema":"geo"})"),
              ErrorCode::kUnsupported);
    EXPECT_EQ(code(decode_field_index, R"({"field_name":"a","field_schema":"thing"})"),
              ErrorCode::kFormat);
    EXPECT_EQ(
        refusal(
            decode_field_index,
            R"({"field_name":"a","field_type":{"type":"integer","lookup":false,"range":false}})"),
        "Validation error in JSON body: [field_type: the 'lookup' and 'range' capabilities can't "
        "be both disabled]");
    EXPECT_EQ(code(decode_alias_actions, R"({"actions":[{"create_alias":{"alias_name":"a"}}]})"),
              ErrorCode::kFormat);
}

/// Runs one text through every decoder; what comes out does not matter, that it comes out does.
std::size_t decode_with_all(const std::string& text) {
    std::size_t accepted = 0;
    accepted += decode(decode_upsert, text).ok() ? 1U : 0U;
    accepted += decode(decode_update_batch, text).ok() ? 1U : 0U;
    accepted += decode(decode_set_payload, text).ok() ? 1U : 0U;
    accepted += decode(decode_filter, text).ok() ? 1U : 0U;
    accepted += decode(decode_query, text).ok() ? 1U : 0U;
    accepted += decode(decode_query_batch, text).ok() ? 1U : 0U;
    accepted += decode(decode_search, text).ok() ? 1U : 0U;
    accepted += decode(decode_scroll, text).ok() ? 1U : 0U;
    accepted += decode(decode_retrieve, text).ok() ? 1U : 0U;
    accepted += decode(decode_create_collection, text).ok() ? 1U : 0U;
    accepted += decode(decode_collection_patch, text).ok() ? 1U : 0U;
    accepted += decode(decode_alias_actions, text).ok() ? 1U : 0U;
    accepted += decode(decode_field_index, text).ok() ? 1U : 0U;
    return accepted;
}

TEST(Decoders, SurviveMutatedBodies) {
    const std::array<std::string, 7> recorded{
        R"({"points":[{"id":1,"vector":[0.1,0.2],"payload":{"a":{"b":[1,2.5,"\u00e9"]}}},{"id":"550e8400-e29b-41d4-a716-446655440000","vector":{"s":{"indices":[1,2],"values":[1,2]}}}],"update_filter":{"must":[{"key":"a","match":{"any":["x"]}}]}})",
        R"({"batch":{"ids":[1,2],"vectors":{"a":[[1,2],[3,4]]},"payloads":[null,{"x":1}]}})",
        R"({"operations":[{"delete":{"filter":{"should":[{"has_id":[1]}]}}},{"set_payload":{"payload":{"a":null},"points":[1],"key":"a[].b"}}]})",
        R"({"searches":[{"query":{"nearest":[1,2]},"filter":{"must_not":[{"nested":{"key":"a","filter":{"must":[{"key":"b","range":{"gte":"2024-01-01"}}]}}}]},"params":{"exact":true},"limit":5}]})",
        R"({"vectors":{"a":{"size":4,"distance":"Dot","hnsw_config":{"m":8}}},"optimizers_config":{"max_optimization_threads":"auto"},"metadata":{}})",
        R"({"vector":{"name":"v","vector":[1,2]},"limit":3,"with_payload":{"include":["a.b[0]"]},"offset":18446744073709551616})",
        R"({"field_name":"\"a b\".c","field_schema":{"type":"integer","lookup":true}})"};
    const char* given = std::getenv("QDRANTD_SEED");
    const std::uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : Random::entropy();
    SCOPED_TRACE(
        fmt::format("replay: QDRANTD_SEED={} api_rest_test --gtest_filter=Decoders.*", seed));
    Random random(seed);
    const std::string_view alphabet = R"({}[]",:0123456789.eE+-\untrefalsx )";
    std::size_t accepted = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto text = recorded[random.below(recorded.size())];
        const auto changes = random.below(4);
        for (std::uint64_t i = 0; i < changes && !text.empty(); ++i) {
            const auto at = random.below(text.size());
            switch (random.below(5)) {
                case 0:
                    text[at] = static_cast<char>(random.below(256));
                    break;
                case 1:
                    text[at] = alphabet[random.below(alphabet.size())];
                    break;
                case 2:
                    text.erase(at, 1 + random.below(8));
                    break;
                case 3:
                    text.insert(at, text.substr(random.below(text.size()), random.below(40)));
                    break;
                default:
                    text.resize(at);
                    break;
            }
        }
        accepted += decode_with_all(text);
    }
    // Untouched texts among them decode.
    EXPECT_GT(accepted, 1000U);
}

}  // namespace
}  // namespace qdrantd::rest
