// SPDX-License-Identifier: Apache-2.0
// Our graph against hnswlib in one process, on the same rows, M and ef_construct, one thread.
//   hnsw_bench [--json FILE] [--rounds N] [--build-rounds N] [--ef-construct A,B] [--no-peer]
// Times are CPU times of the thread, taken in alternation A-B-B-A; medians are compared. Queries
// per second are interpolated at recall@10 0.95 and 0.99. Data: bench_data.hpp.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <qdrantd/index/hnsw_index.hpp>
#include <qdrantd/vector/kernel_table.hpp>

#include "index/bench_data.hpp"
#include "index/hnswlib_peer.hpp"

namespace qdrantd::bench {
namespace {

constexpr std::uint32_t kM = 16;
constexpr std::size_t kBeams[] = {10, 12,  16,  20,  24,  32,  48,  64,
                                  96, 128, 192, 256, 384, 512, 768, 1024};

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

struct Entry {
    std::string name;
    double value = 0;
    std::string unit;
    double peer = 0;
    bool smaller_is_better = false;
    [[nodiscard]] double ratio() const {
        if (peer == 0 || value == 0) return 0;
        return smaller_is_better ? peer / value : value / peer;
    }
};

struct Options {
    std::string json;
    int rounds = 5;
    int build_rounds = 1;
    bool peer = true;
    std::vector<std::uint32_t> ef_construct{100, 128};
};

/// Anything that answers queries: sets the beam, then finds slots.
struct Searcher {
    std::function<void(std::size_t)> set_ef;
    std::function<void(Slot, std::vector<Slot>&)> search;
};

class Report {
  public:
    void add(Entry entry) {
        fmt::print("{:<44} {:>12.3f} {:<12}", entry.name, entry.value, entry.unit);
        if (entry.peer != 0)
            fmt::print(" hnswlib {:>12.3f}  ratio {:.2f}", entry.peer, entry.ratio());
        fmt::print("\n");
        std::fflush(stdout);
        entries_.push_back(std::move(entry));
    }
    bool write(const std::string& path) const {
        std::ofstream out(path);
        out << "[\n";
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            const Entry& e = entries_[i];
            out << fmt::format(
                R"(  {{"name": "{}", "value": {:.6g}, "unit": "{}", "peer": {:.6g}, "ratio": {:.4g}}})",
                e.name, e.value, e.unit, e.peer, e.ratio());
            out << (i + 1 < entries_.size() ? ",\n" : "\n");
        }
        out << "]\n";
        return static_cast<bool>(out.flush());
    }

  private:
    std::vector<Entry> entries_;
};

class Bench {
  public:
    Bench(Options options, BenchData data) : options_(std::move(options)), data_(std::move(data)) {}

    void run();
    [[nodiscard]] const Report& report() const { return report_; }

  private:
    using Index = index::HnswIndex;

    std::unique_ptr<Index> build(std::uint32_t ef_construct, bool codes, double& seconds);
    std::unique_ptr<HnswlibPeer> build_peer(std::uint32_t ef_construct, double& seconds);
    double build_wall(std::uint32_t ef_construct, unsigned threads);
    Searcher searcher(const Index& index);
    Searcher searcher(HnswlibPeer& peer);
    double recall(const Searcher& searcher, std::size_t ef);
    double seconds_per_pass(const Searcher& searcher, std::size_t ef);
    std::vector<double> recalls(const Searcher& searcher);
    double qps_at(double target, const std::vector<double>& recalls,
                  const std::function<double(std::size_t)>& seconds);
    void compare_search(const std::string& name, const Searcher& ours, const Searcher* peer);
    void compare(std::uint32_t ef_construct);

    const Options options_;
    const BenchData data_;
    Report report_;
};

std::unique_ptr<Bench::Index> Bench::build(std::uint32_t ef_construct, bool codes,
                                           double& seconds) {
    index::HnswOptions options;
    options.m = kM;
    options.ef_construct = ef_construct;
    options.int8_codes = codes;
    auto index = std::make_unique<Index>(options, *data_.rows);
    const double start = cpu_seconds();
    for (Slot slot = 0; slot < data_.count; ++slot)
        index->insert(slot);
    seconds = cpu_seconds() - start;
    return index;
}

std::unique_ptr<HnswlibPeer> Bench::build_peer(std::uint32_t ef_construct, double& seconds) {
    auto peer = std::make_unique<HnswlibPeer>(data_.dimension, data_.count, kM, ef_construct);
    const double start = cpu_seconds();
    for (Slot slot = 0; slot < data_.count; ++slot)
        peer->insert(data_.rows->row(slot), slot);
    seconds = cpu_seconds() - start;
    return peer;
}

double Bench::build_wall(std::uint32_t ef_construct, unsigned threads) {
    index::HnswOptions options;
    options.m = kM;
    options.ef_construct = ef_construct;
    Index index(options, *data_.rows);
    std::atomic<Slot> next{0};
    const auto start = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> workers;
        for (unsigned i = 0; i < threads; ++i) {
            workers.emplace_back([&] {
                for (Slot slot = next++; slot < data_.count; slot = next++)
                    index.insert(slot);
            });
        }
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Searcher Bench::searcher(const Index& index) {
    auto ef = std::make_shared<std::size_t>(kTop);
    return {[ef](std::size_t value) { *ef = value; },
            [&index, this, ef](Slot query, std::vector<Slot>& out) {
                out.clear();
                for (const auto& hit : index.search(data_.queries->row(query), kTop, *ef, {}))
                    out.push_back(hit.slot);
            }};
}

Searcher Bench::searcher(HnswlibPeer& peer) {
    return {[&peer](std::size_t ef) { peer.set_ef(ef); },
            [&peer, this](Slot query, std::vector<Slot>& out) {
                peer.search(data_.queries->row(query), kTop, out);
            }};
}

double Bench::recall(const Searcher& searcher, std::size_t ef) {
    searcher.set_ef(ef);
    std::vector<Slot> found;
    std::size_t right = 0;
    for (Slot query = 0; query < data_.query_count; ++query) {
        searcher.search(query, found);
        for (const Slot slot : found) {
            const float score = vec::kernels().dot(data_.queries->row(query), data_.rows->row(slot),
                                                   data_.rows->stride());
            right += score >= data_.good_enough[query] ? 1U : 0U;
        }
    }
    return static_cast<double>(right) / static_cast<double>(data_.query_count * kTop);
}

double Bench::seconds_per_pass(const Searcher& searcher, std::size_t ef) {
    searcher.set_ef(ef);
    std::vector<Slot> found;
    const double start = cpu_seconds();
    for (Slot query = 0; query < data_.query_count; ++query)
        searcher.search(query, found);
    return cpu_seconds() - start;
}

std::vector<double> Bench::recalls(const Searcher& searcher) {
    std::vector<double> result;
    for (const std::size_t ef : kBeams) {
        result.push_back(recall(searcher, ef));
        if (result.back() >= 0.993) break;
    }
    return result;
}

/// Log of the rate is taken as linear in the recall between the two beams around the target.
double Bench::qps_at(double target, const std::vector<double>& recalls,
                     const std::function<double(std::size_t)>& seconds) {
    std::size_t high = 0;
    while (high < recalls.size() && recalls[high] < target)
        ++high;
    if (high == recalls.size()) return 0;
    const auto rate = [&](std::size_t i) {
        return static_cast<double>(data_.query_count) / seconds(kBeams[i]);
    };
    if (high == 0) return rate(0);
    const double share = (target - recalls[high - 1]) / (recalls[high] - recalls[high - 1]);
    return std::exp((1 - share) * std::log(rate(high - 1)) + share * std::log(rate(high)));
}

void Bench::compare_search(const std::string& name, const Searcher& ours, const Searcher* peer) {
    const std::vector<double> our_recalls = recalls(ours);
    const std::vector<double> peer_recalls = peer != nullptr ? recalls(*peer) : our_recalls;
    for (std::size_t i = 0; i < std::max(our_recalls.size(), peer_recalls.size()); ++i) {
        fmt::print("  ef {:>4}: recall {:.4f}", kBeams[i],
                   i < our_recalls.size() ? our_recalls[i] : 1.0);
        if (peer != nullptr && i < peer_recalls.size())
            fmt::print(", hnswlib {:.4f}", peer_recalls[i]);
        fmt::print("\n");
    }
    for (const double target : {0.95, 0.99}) {
        std::vector<double> our_rates;
        std::vector<double> peer_rates;
        const auto measure = [&](const Searcher& searcher, const std::vector<double>& reached,
                                 std::vector<double>& rates) {
            rates.push_back(qps_at(target, reached,
                                   [&](std::size_t ef) { return seconds_per_pass(searcher, ef); }));
        };
        for (int round = 0; round < options_.rounds; ++round) {
            measure(ours, our_recalls, our_rates);
            if (peer != nullptr) measure(*peer, peer_recalls, peer_rates);
            if (peer != nullptr) measure(*peer, peer_recalls, peer_rates);
            measure(ours, our_recalls, our_rates);
        }
        const double rate = median(our_rates);
        const double peer_rate = peer != nullptr ? median(peer_rates) : 0;
        report_.add({fmt::format("{}_qps_at_recall_{}", name, target), rate, "1/s", peer_rate});
        if (target > 0.98) {
            report_.add({fmt::format("{}_cpu_ms_at_recall_{}", name, target),
                         rate > 0 ? 1e3 / rate : 0, "ms", peer_rate > 0 ? 1e3 / peer_rate : 0,
                         true});
        }
    }
}

void Bench::compare(std::uint32_t ef_construct) {
    const std::string suffix = fmt::format("_efc{}", ef_construct);
    std::vector<double> ours;
    std::vector<double> theirs;
    std::unique_ptr<Index> index;
    std::unique_ptr<HnswlibPeer> peer;
    for (int round = 0; round < 2 * options_.build_rounds; ++round) {
        // A-B-B-A over the rounds.
        for (const bool our_turn : {round % 2 == 0, round % 2 != 0}) {
            double seconds = 0;
            if (our_turn) {
                index = build(ef_construct, true, seconds);
                ours.push_back(seconds);
            } else if (options_.peer) {
                peer = build_peer(ef_construct, seconds);
                theirs.push_back(seconds);
            }
        }
    }
    const double count = data_.count;
    const double peer_seconds = options_.peer ? median(theirs) : 0;
    report_.add({"build_rate" + suffix, count / median(ours), "inserts/s",
                 options_.peer ? count / peer_seconds : 0});
    report_.add({"build_cpu_seconds" + suffix, median(ours), "s", peer_seconds, true});
    const auto our_searcher = searcher(*index);
    if (options_.peer) {
        const auto peer_searcher = searcher(*peer);
        compare_search("search" + suffix, our_searcher, &peer_searcher);
    } else {
        compare_search("search" + suffix, our_searcher, nullptr);
    }
    // What hnswlib 0.6 keeps per element: links, row and label in one record, the list pointer, the
    // level, a mutex, and about 40 bytes of the label's hash table.
    const double row = static_cast<double>(data_.rows->stride() * sizeof(float));
    report_.add({"bytes_per_vector" + suffix, static_cast<double>(index->bytes()) / count + row,
                 "bytes", 4 + 2 * kM * 4 + data_.dimension * 4.0 + 8 + 8 + 4 + 40 + 40 + 4, true});
}

void Bench::run() {
    fmt::print("{}: {} x {}, kernels {}\n", data_.name, data_.count, data_.dimension,
               vec::simd_level_name(vec::kernels().level));
    for (const std::uint32_t ef_construct : options_.ef_construct)
        compare(ef_construct);
    const std::uint32_t first = options_.ef_construct.front();
    double seconds = 0;
    const auto floats = build(first, false, seconds);
    report_.add({"build_rate_float_rows", data_.count / seconds, "inserts/s", 0});
    compare_search("search_float_rows", searcher(*floats), nullptr);
    const double one = build_wall(first, 1);
    const double two = build_wall(first, 2);
    report_.add({"two_thread_build_scaling", one / two, "x", 0});
}

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const char* value = i + 1 < argc ? argv[i + 1] : "";
        if (name == "--no-peer") {
            options.peer = false;
            continue;
        }
        ++i;
        if (name == "--json") {
            options.json = value;
        } else if (name == "--rounds") {
            options.rounds = std::max(1, std::atoi(value));
        } else if (name == "--build-rounds") {
            options.build_rounds = std::max(1, std::atoi(value));
        } else if (name == "--ef-construct") {
            options.ef_construct.clear();
            for (const char* at = value; *at != '\0'; at += std::strcspn(at, ","), at += *at == ',')
                options.ef_construct.push_back(static_cast<std::uint32_t>(std::atoi(at)));
        } else {
            fmt::print(stderr, "unknown option {}\n", name);
            std::exit(2);
        }
    }
    return options;
}

}  // namespace
}  // namespace qdrantd::bench

int main(int argc, char** argv) {
    using namespace qdrantd::bench;
    const Options options = parse(argc, argv);
    Bench bench(options, load_bench_data());
    bench.run();
    if (!options.json.empty() && !bench.report().write(options.json)) {
        fmt::print(stderr, "cannot write {}\n", options.json);
        return 1;
    }
    return 0;
}
