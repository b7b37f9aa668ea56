// SPDX-License-Identifier: Apache-2.0
#include "api/rest/encode_points.hpp"

#include "api/rest/json_text.hpp"

namespace qdrantd::rest {

namespace {

void append_floats(std::string& out, const float* values, std::size_t count) {
    out.push_back('[');
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out.push_back(',');
        append_f32(out, values[i]);
    }
    out.push_back(']');
}

struct AppendVector {
    std::string& out;

    void operator()(const model::DenseVector& dense) const {
        append_floats(out, dense.data(), dense.size());
    }
    void operator()(const model::SparseVector& sparse) const {
        out += R"({"indices":[)";
        for (std::size_t i = 0; i < sparse.indices.size(); ++i) {
            if (i > 0) out.push_back(',');
            append_int(out, std::uint64_t{sparse.indices[i]});
        }
        out += R"(],"values":)";
        append_floats(out, sparse.values.data(), sparse.values.size());
        out.push_back('}');
    }
    void operator()(const model::MultiVector& multi) const {
        out.push_back('[');
        for (std::size_t at = 0; multi.dimension > 0 && at < multi.values.size();
             at += multi.dimension) {
            if (at > 0) out.push_back(',');
            append_floats(out, multi.values.data() + at, multi.dimension);
        }
        out.push_back(']');
    }
};

using OrderValue = std::variant<std::int64_t, double>;

/// What records and scored points end with.
void append_tail(std::string& out, const std::optional<std::string>& payload,
                 const std::optional<model::NamedVectors>& vectors,
                 const std::optional<OrderValue>& order_value) {
    if (payload) {
        out += R"(,"payload":)";
        out += *payload;
    }
    if (vectors) {
        out += R"(,"vector":)";
        append_vectors(out, *vectors);
    }
    if (order_value) {
        out += R"(,"order_value":)";
        if (const auto* integer = std::get_if<std::int64_t>(&*order_value)) {
            append_int(out, *integer);
        } else {
            append_f64(out, std::get<double>(*order_value));
        }
    }
    out.push_back('}');
}

}  // namespace

void append_vectors(std::string& out, const model::NamedVectors& vectors) {
    if (vectors.size() == 1 && vectors.front().name.empty()) {
        std::visit(AppendVector{out}, vectors.front().value);
        return;
    }
    out.push_back('{');
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        if (i > 0) out.push_back(',');
        append_json_string(out, vectors[i].name);
        out.push_back(':');
        std::visit(AppendVector{out}, vectors[i].value);
    }
    out.push_back('}');
}

void append_record(std::string& out, const model::Record& record) {
    out += R"({"id":)";
    record.id.append_json(out);
    append_tail(out, record.payload_json, record.vectors, record.order_value);
}

void append_records(std::string& out, const std::vector<model::Record>& records) {
    out.push_back('[');
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (i > 0) out.push_back(',');
        append_record(out, records[i]);
    }
    out.push_back(']');
}

void append_scroll_page(std::string& out, const model::ScrollPage& page) {
    out += R"({"points":)";
    append_records(out, page.points);
    out += R"(,"next_page_offset":)";
    if (page.next_offset) {
        page.next_offset->append_json(out);
    } else {
        out += "null";
    }
    out.push_back('}');
}

void append_scored_points(std::string& out, const std::vector<model::ScoredPoint>& points) {
    out.push_back('[');
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto& point = points[i];
        out += i > 0 ? R"(,{"id":)" : R"({"id":)";
        point.id.append_json(out);
        out += R"(,"version":)";
        append_int(out, point.version);
        out += R"(,"score":)";
        append_f32(out, point.score);
        append_tail(out, point.payload_json, point.vectors, point.order_value);
    }
    out.push_back(']');
}

void append_update_result(std::string& out, const model::UpdateResult& result) {
    out.push_back('{');
    if (result.operation_id) {
        out += R"("operation_id":)";
        append_int(out, *result.operation_id);
        out.push_back(',');
    }
    out += R"("status":")";
    switch (result.status) {
        case model::UpdateStatus::kAcknowledged:
            out += "acknowledged";
            break;
        case model::UpdateStatus::kCompleted:
            out += "completed";
            break;
        case model::UpdateStatus::kWaitTimeout:
            out += "wait_timeout";
            break;
    }
    out += "\"}";
}

}  // namespace qdrantd::rest
