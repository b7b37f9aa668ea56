// SPDX-License-Identifier: Apache-2.0
// Runs the raft simulation over many seeds.
//   raft_sim --seeds 2000 --start 1 [--ticks 2500] [--threads 2] [--mutant NAME] [--trace]
//   [--twice] raft_sim --mutants [--seeds 10000]      every planted bug: how many seeds until it is
//   found
// Ends with one line "seeds=N steps=N failures=N"; exit status 0 when nothing failed (and every
// planted bug was found). QDRANTD_SEED=S runs the one seed S.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

#include "tests/sim/mutant_names.hpp"
#include "tests/sim/raft_world.hpp"

namespace qdrantd::raft::sim {
namespace {

struct Options {
    std::uint64_t seeds = 100;
    std::uint64_t start = 1;
    std::uint64_t ticks = 2500;
    unsigned threads = 2;
    Mutant mutant = Mutant::kNone;
    bool all_mutants = false;
    bool trace = false;
    bool twice = false;
};

struct Totals {
    std::atomic<std::uint64_t> next{0};
    std::atomic<std::uint64_t> steps{0};
    std::atomic<std::uint64_t> failures{0};
    std::mutex print;
};

thread_local std::uint64_t current_seed = 0;

/// An assertion of the core ends the process: say which seed it was.
void on_abort(int /*signal*/) {
    char text[64] = "aborted in seed ";
    const auto end = std::to_chars(text + 16, text + 40, current_seed).ptr;
    *end = '\n';
    static_cast<void>(!write(2, text, static_cast<std::size_t>(end + 1 - text)));
    std::signal(SIGABRT, SIG_DFL);
    std::abort();
}

struct Outcome {
    std::uint64_t steps = 0;
    std::uint64_t fingerprint = 0;
    std::string failure;
};

Outcome run_seed(std::uint64_t seed, const Options& options) {
    current_seed = seed;
    active_mutant = options.mutant;
    World world(seed, options.ticks, options.trace);
    Outcome outcome;
    try {
        world.run();
        outcome.fingerprint = world.fingerprint();
    } catch (const std::exception& error) {
        outcome.failure = "tick " + std::to_string(world.now()) + ": " + error.what();
    }
    outcome.steps = world.steps();
    return outcome;
}

void work(const Options& options, Totals& totals) {
    for (;;) {
        const auto seed = options.start + totals.next.fetch_add(1);
        if (seed >= options.start + options.seeds) return;
        auto outcome = run_seed(seed, options);
        totals.steps += outcome.steps;
        if (options.twice && outcome.failure.empty() &&
            run_seed(seed, options).fingerprint != outcome.fingerprint) {
            outcome.failure = "the same seed ran in another way the second time";
        }
        if (outcome.failure.empty()) continue;
        totals.failures += 1;
        const std::scoped_lock lock(totals.print);
        std::printf(
            "seed %lu failed at %s\n  replay: raft_sim --seeds 1 --start %lu --ticks %lu%s%s "
            "--trace\n",
            seed, outcome.failure.c_str(), seed, options.ticks,
            options.mutant == Mutant::kNone ? "" : " --mutant ",
            options.mutant == Mutant::kNone ? "" : mutant_name(options.mutant));
    }
}

int run_seeds(const Options& options) {
    Totals totals;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options.threads; ++i) {
        threads.emplace_back([&] { work(options, totals); });
    }
    for (auto& thread : threads)
        thread.join();
    std::printf("seeds=%lu steps=%lu failures=%lu\n", options.seeds, totals.steps.load(),
                totals.failures.load());
    return totals.failures == 0 ? 0 : 1;
}

struct Found {
    std::uint64_t seeds = 0;  // run until it was found; 0: not found
    std::string how;
};

/// In a process of its own, since a planted bug may end in an assertion.
Found hunt(const Options& options) {
    // One at a time up to the closing of the writing end, or another child would keep that end
    // open.
    static std::mutex forking;
    std::unique_lock lock(forking);
    int pipe_ends[2];
    if (pipe(pipe_ends) != 0) return {};
    std::fflush(stdout);
    const auto child = fork();
    if (child == 0) {
        close(pipe_ends[0]);
        static_cast<void>(!freopen("/dev/null", "w", stderr));
        for (std::uint64_t seed = options.start; seed < options.start + options.seeds; ++seed) {
            static_cast<void>(!write(pipe_ends[1], &seed, sizeof(seed)));
            const auto outcome = run_seed(seed, options);
            if (outcome.failure.empty()) continue;
            static_cast<void>(!write(pipe_ends[1], outcome.failure.data(), outcome.failure.size()));
            _exit(1);
        }
        _exit(0);
    }
    close(pipe_ends[1]);
    lock.unlock();
    std::string all;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(pipe_ends[0], buffer, sizeof(buffer))) > 0;) {
        all.append(buffer, static_cast<std::size_t>(got));
    }
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    // Seeds as eight bytes each, then the text, if the end was not an assertion.
    std::uint64_t count = 0;
    while ((count + 1) * 8 <= all.size()) {
        std::uint64_t seed = 0;
        std::memcpy(&seed, all.data() + count * 8, 8);
        if (seed != options.start + count) break;
        ++count;
    }
    auto how = all.substr(count * 8);
    return {count, how.empty() ? "an assertion of the core" : how};
}

int run_mutants(const Options& options) {
    std::vector<Mutant> todo;
    for (unsigned i = 1; i < static_cast<unsigned>(Mutant::kCount); ++i)
        todo.push_back(static_cast<Mutant>(i));
    std::vector<Found> found(todo.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < options.threads; ++i) {
        threads.emplace_back([&] {
            for (std::size_t at = next++; at < todo.size(); at = next++) {
                auto one = options;
                one.mutant = todo[at];
                found[at] = hunt(one);
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    std::uint64_t missed = 0;
    std::printf("| planted bug | seeds | first sign |\n|---|---:|---|\n");
    for (std::size_t i = 0; i < todo.size(); ++i) {
        missed += found[i].seeds == 0 ? 1U : 0U;
        std::printf("| %s | %s | %s |\n", mutant_name(todo[i]),
                    found[i].seeds == 0 ? "not found" : std::to_string(found[i].seeds).c_str(),
                    found[i].how.c_str());
    }
    std::printf("mutants=%zu missed=%lu\n", todo.size(), missed);
    return missed == 0 ? 0 : 1;
}

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--mutants") {
            options.all_mutants = true;
            continue;
        }
        if (name == "--trace" || name == "--twice") {
            (name == "--trace" ? options.trace : options.twice) = true;
            continue;
        }
        if (i + 1 == argc) return false;
        const char* value = argv[++i];
        if (name == "--mutant") {
            options.mutant = mutant_by_name(value);
            if (options.mutant == Mutant::kNone) return false;
            continue;
        }
        char* end = nullptr;
        const auto number = std::strtoull(value, &end, 10);
        if (end == value || *end != '\0') return false;
        if (name == "--seeds") {
            options.seeds = number;
        } else if (name == "--start") {
            options.start = number;
        } else if (name == "--ticks") {
            options.ticks = number;
        } else if (name == "--threads" && number > 0) {
            options.threads = static_cast<unsigned>(number);
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace
}  // namespace qdrantd::raft::sim

int main(int argc, char** argv) {
    using namespace qdrantd::raft::sim;
    Options options;
    if (!parse(argc, argv, options)) {
        std::fprintf(
            stderr,
            "usage: raft_sim [--seeds N] [--start S] [--ticks T] [--threads K] [--mutant NAME] "
            "[--mutants] [--trace] [--twice]\n");
        return 2;
    }
    if (const char* seed = std::getenv("QDRANTD_SEED")) {
        options.start = std::strtoull(seed, nullptr, 10);
        options.seeds = 1;
    }
    if (options.all_mutants) return run_mutants(options);
    std::signal(SIGABRT, on_abort);
    return run_seeds(options);
}
