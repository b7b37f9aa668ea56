// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <qdrantd/common/checksum.hpp>
#include <qdrantd/index/hnsw_index.hpp>

#include "index/hnsw_test_data.hpp"

namespace qdrantd::index {
namespace {

namespace fs = std::filesystem;
using model::Distance;
using test::TestRows;

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string hex(const std::string& bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        text += fmt::format("{:02x}{}", static_cast<unsigned char>(bytes[i]),
                            i % 32 == 31 || i + 1 == bytes.size() ? "\n" : "");
    return text;
}

class HnswFile : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / fmt::format("hnsw_file_test_{:x}", Random::entropy());
        fs::create_directory(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    [[nodiscard]] std::string path(const std::string& name) const {
        return (folder_ / name).string();
    }

    fs::path folder_;
};

/// 40 points of a small lattice: all distances are exact, so the graph is the same on any CPU.
void fill_lattice(TestRows& data) {
    for (int i = 0; i < 40; ++i) {
        data.append([i](float* row) {
            row[0] = static_cast<float>(i * i % 41);
            row[1] = static_cast<float>(i * 7 % 13);
            row[2] = static_cast<float>(i % 5);
        });
    }
}

HnswOptions lattice_options() {
    HnswOptions options;
    options.m = 4;
    options.ef_construct = 16;
    options.distance = Distance::kEuclid;
    options.seed = 7;
    return options;
}

TEST_F(HnswFile, LoadedGraphAnswersLikeTheSavedOne) {
    for (const Slot count : {0U, 1U, 300U, 2500U}) {
        TestRows data(48, Distance::kCosine, 21);
        data.append_random(count);
        HnswIndex index({}, data.rows());
        for (Slot slot = 0; slot < count; ++slot)
            index.insert(slot);
        ASSERT_TRUE(index.save(path("graph")).ok());
        auto loaded = HnswIndex::load({}, data.rows(), path("graph"));
        ASSERT_TRUE(loaded.ok()) << describe(loaded.error());
        EXPECT_EQ((*loaded)->size(), count);
        for (int i = 0; i < 20; ++i) {
            const float* query = data.query();
            const auto expected = index.search(query, 10, 50, {});
            const auto actual = (*loaded)->search(query, 10, 50, {});
            ASSERT_EQ(actual.size(), expected.size());
            for (std::size_t j = 0; j < actual.size(); ++j) {
                EXPECT_EQ(actual[j].slot, expected[j].slot);
                EXPECT_EQ(actual[j].raw, expected[j].raw);
            }
        }
        // It goes on growing.
        const Slot next = data.append_random();
        (*loaded)->insert(next);
        EXPECT_TRUE((*loaded)->contains(next));
    }
}

TEST_F(HnswFile, AFileThatFindsNoSpaceIsRemoved) {
    TestRows data(3, Distance::kEuclid, 1);
    fill_lattice(data);
    HnswIndex index(lattice_options(), data.rows());
    for (Slot slot = 0; slot < data.size(); ++slot)
        index.insert(slot);
    // A device that is always full; what is removed is the link to it.
    fs::create_symlink("/dev/full", path("graph"));
    const auto saved = index.save(path("graph"));
    ASSERT_FALSE(saved.ok());
    EXPECT_EQ(saved.error().code, ErrorCode::kInsufficientStorage);
    EXPECT_FALSE(fs::is_symlink(path("graph")));
    EXPECT_TRUE(fs::is_empty(folder_));
    ASSERT_TRUE(index.save(path("graph")).ok());
}

TEST_F(HnswFile, BytesAreThoseOfTheGoldenFile) {
    TestRows data(3, Distance::kEuclid, 1);
    fill_lattice(data);
    HnswIndex index(lattice_options(), data.rows());
    for (Slot slot = 0; slot < data.size(); ++slot)
        if (slot != 11) index.insert(slot);
    ASSERT_TRUE(index.save(path("graph")).ok());
    const fs::path golden = fs::path(QD_GOLDEN_FOLDER) / "hnsw_graph.txt";
    const std::string written = read_file(path("graph"));
    EXPECT_EQ(hex(written), read_file(golden.string()));
    write_file(path("copy"), written);
    EXPECT_TRUE(HnswIndex::load(lattice_options(), data.rows(), path("copy")).ok());
}

TEST_F(HnswFile, NoDamagedByteIsServed) {
    TestRows data(3, Distance::kEuclid, 1);
    fill_lattice(data);
    HnswIndex index(lattice_options(), data.rows());
    for (Slot slot = 0; slot < data.size(); ++slot)
        index.insert(slot);
    ASSERT_TRUE(index.save(path("graph")).ok());
    const std::string whole = read_file(path("graph"));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string bytes = whole;
        bytes[i] = static_cast<char>(bytes[i] ^ (1 << (i % 8)));
        write_file(path("damaged"), bytes);
        EXPECT_FALSE(HnswIndex::load(lattice_options(), data.rows(), path("damaged")).ok())
            << "flipped a bit of byte " << i;
    }
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        write_file(path("damaged"), whole.substr(0, size));
        EXPECT_FALSE(HnswIndex::load(lattice_options(), data.rows(), path("damaged")).ok())
            << "cut to " << size;
    }
    write_file(path("damaged"), whole + '\0');
    EXPECT_FALSE(HnswIndex::load(lattice_options(), data.rows(), path("damaged")).ok());
    EXPECT_FALSE(HnswIndex::load(lattice_options(), data.rows(), path("missing")).ok());
}

/// Rewrites both checksums, as if the writer had been wrong.
std::string sealed(std::string bytes) {
    const auto put = [&](std::size_t at, std::uint64_t value) {
        bytes.replace(at, 8, reinterpret_cast<const char*>(&value), 8);
    };
    put(68, checksum64(std::string_view(bytes).substr(76), 1));
    put(56, checksum64(std::string_view(bytes).substr(0, 56)));
    return bytes;
}

TEST_F(HnswFile, WrongBytesUnderRightChecksumsNeverCrash) {
    const std::uint64_t seed = test::test_seed();
    SCOPED_TRACE(test::replay(seed));
    Random random(seed);
    TestRows data(3, Distance::kEuclid, 1);
    fill_lattice(data);
    HnswIndex index(lattice_options(), data.rows());
    for (Slot slot = 0; slot < data.size(); ++slot)
        index.insert(slot);
    ASSERT_TRUE(index.save(path("graph")).ok());
    const std::string whole = read_file(path("graph"));
    ASSERT_EQ(sealed(whole), whole) << "the graph fits one block";
    int refused = 0;
    for (int i = 0; i < 600; ++i) {
        std::string bytes = whole;
        for (std::uint64_t n = 1 + random.below(3); n > 0; --n)
            bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        write_file(path("wrong"), sealed(bytes));
        auto loaded = HnswIndex::load(lattice_options(), data.rows(), path("wrong"));
        if (!loaded.ok()) {
            ++refused;
            continue;
        }
        // What passes all checks is a graph, if not the one that was saved.
        for (const ScoredSlot& hit : (*loaded)->search(data.rows().row(5), 10, 20, {}))
            EXPECT_LT(hit.slot, data.size());
    }
    EXPECT_GT(refused, 300);
}

TEST_F(HnswFile, OtherParametersAreRefused) {
    TestRows data(3, Distance::kEuclid, 1);
    fill_lattice(data);
    HnswIndex index(lattice_options(), data.rows());
    for (Slot slot = 0; slot < data.size(); ++slot)
        index.insert(slot);
    ASSERT_TRUE(index.save(path("graph")).ok());
    HnswOptions other = lattice_options();
    other.m = 5;
    const auto load = [&](const HnswOptions& options, const vec::VectorRows& rows) {
        auto result = HnswIndex::load(options, rows, path("graph"));
        return result.ok() ? ErrorCode::kInternal : result.error().code;
    };
    EXPECT_EQ(load(other, data.rows()), ErrorCode::kFormat);
    other = lattice_options();
    other.distance = Distance::kManhattan;
    EXPECT_EQ(load(other, data.rows()), ErrorCode::kFormat);
    other = lattice_options();
    other.seed = 8;
    EXPECT_EQ(load(other, data.rows()), ErrorCode::kFormat);
    const vec::VectorRows no_rows(3, vec::make_anonymous_chunks());
    EXPECT_EQ(load(lattice_options(), no_rows), ErrorCode::kFormat);
}

TEST_F(HnswFile, SavingWhereItCannotIsAnError) {
    TestRows data(3, Distance::kEuclid, 1);
    const HnswIndex index({}, data.rows());
    const Status status = index.save(path("no/such/folder"));
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace qdrantd::index
