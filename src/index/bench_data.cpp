// SPDX-License-Identifier: Apache-2.0
#include "index/bench_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include <qdrantd/common/assert.hpp>
#include <qdrantd/common/random.hpp>
#include <qdrantd/vector/kernel_table.hpp>

namespace qdrantd::bench {
namespace {

namespace fs = std::filesystem;

constexpr float kTie = 1e-5F;

struct Array {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::string bytes;
};

/// NumPy format 1.0, C order, two dimensions.
Array read_npy(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    QD_ASSERT(all.size() > 10 && all.compare(1, 5, "NUMPY") == 0);
    const std::size_t header =
        static_cast<unsigned char>(all[8]) + 256U * static_cast<unsigned char>(all[9]);
    const std::string text = all.substr(10, header);
    const std::size_t open = text.find("'shape': (");
    QD_ASSERT(open != std::string::npos);
    char* end = nullptr;
    Array array;
    array.rows = std::strtoull(text.c_str() + open + 10, &end, 10);
    array.columns = std::strtoull(end + 1, nullptr, 10);
    array.bytes = all.substr(10 + header);
    return array;
}

float half_to_float(std::uint16_t half) {
    const int exponent = (half >> 10) & 0x1f;
    const auto fraction = static_cast<float>(half & 0x3ff);
    const float size =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024.0F, exponent - 25);
    return (half & 0x8000) != 0 ? -size : size;
}

void normalise(float* row, std::size_t n) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
        sum += static_cast<double>(row[i]) * static_cast<double>(row[i]);
    const auto inverse = static_cast<float>(1 / std::sqrt(sum));
    for (std::size_t i = 0; i < n; ++i)
        row[i] *= inverse;
}

std::unique_ptr<vec::VectorRows> make_rows(std::uint32_t dimension, std::uint32_t count,
                                           const std::function<void(std::uint32_t, float*)>& fill) {
    auto rows = std::make_unique<vec::VectorRows>(dimension, vec::make_anonymous_chunks());
    for (Slot slot = 0; slot < count; ++slot) {
        QD_ASSERT(rows->reserve(slot).ok());
        fill(slot, rows->mutable_row(slot));
        normalise(rows->mutable_row(slot), dimension);
    }
    return rows;
}

std::unique_ptr<vec::VectorRows> rows_of_halves(const Array& array) {
    const auto columns = static_cast<std::uint32_t>(array.columns);
    return make_rows(
        columns, static_cast<std::uint32_t>(array.rows), [&](std::uint32_t row, float* out) {
            for (std::size_t i = 0; i < columns; ++i) {
                std::uint16_t half = 0;
                std::memcpy(&half, array.bytes.data() + 2 * (row * array.columns + i), 2);
                out[i] = half_to_float(half);
            }
        });
}

BenchData load_shared(const fs::path& folder) {
    BenchData data;
    data.name = "debian packages";
    const Array vectors = read_npy(folder / "vectors.f16.npy");
    const Array queries = read_npy(folder / "queries.f16.npy");
    const Array scores = read_npy(folder / "scores.f32.npy");
    data.dimension = static_cast<std::uint32_t>(vectors.columns);
    data.count = static_cast<std::uint32_t>(vectors.rows);
    data.query_count = static_cast<std::uint32_t>(queries.rows);
    data.rows = rows_of_halves(vectors);
    data.queries = rows_of_halves(queries);
    for (std::size_t q = 0; q < data.query_count; ++q) {
        float score = 0;
        std::memcpy(&score, scores.bytes.data() + 4 * (q * scores.columns + kTop - 1), 4);
        data.good_enough.push_back(score - kTie);
    }
    return data;
}

/// 200 Gaussian clusters in 24 latent dimensions, lifted at random, with noise.
BenchData generate() {
    constexpr std::uint32_t kLatent = 24;
    constexpr std::uint32_t kClusters = 200;
    BenchData data;
    data.name = "generated clusters";
    data.dimension = 128;
    data.count = 50000;
    data.query_count = 500;
    Random random(42);
    const auto gauss = [&] {
        return static_cast<float>(std::sqrt(-2 * std::log(1 - random.unit())) *
                                  std::cos(6.283185307179586 * random.unit()));
    };
    std::vector<float> lift(kLatent * data.dimension);
    std::vector<float> centres(kClusters * kLatent);
    std::generate(lift.begin(), lift.end(), gauss);
    std::generate(centres.begin(), centres.end(), gauss);
    const auto fill = [&](std::uint32_t, float* out) {
        const float* centre = centres.data() + random.below(kClusters) * kLatent;
        for (std::uint32_t i = 0; i < data.dimension; ++i)
            out[i] = 0.3F * gauss();
        for (std::uint32_t j = 0; j < kLatent; ++j) {
            const float latent = centre[j] + 0.5F * gauss();
            for (std::uint32_t i = 0; i < data.dimension; ++i)
                out[i] += latent * lift[j * data.dimension + i];
        }
    };
    data.rows = make_rows(data.dimension, data.count, fill);
    data.queries = make_rows(data.dimension, data.query_count, fill);
    std::vector<float> scores(data.count);
    for (Slot q = 0; q < data.query_count; ++q) {
        for (Slot slot = 0; slot < data.count; ++slot)
            scores[slot] =
                vec::kernels().dot(data.queries->row(q), data.rows->row(slot), data.rows->stride());
        std::nth_element(scores.begin(), scores.begin() + (kTop - 1), scores.end(),
                         std::greater<>{});
        data.good_enough.push_back(scores[kTop - 1] - kTie);
    }
    return data;
}

}  // namespace

BenchData load_bench_data() {
    const char* given = std::getenv("QDRANTD_DATA");
    const fs::path folder =
        given != nullptr ? fs::path(given) : fs::path(QD_SOURCE_DIR) / "../shared/data";
    return fs::exists(folder / "vectors.f16.npy") ? load_shared(folder) : generate();
}

}  // namespace qdrantd::bench
