// SPDX-License-Identifier: Apache-2.0
// Chunks of rows that are files mapped into memory, for vectors that are to stay on disk.
// Thread safety: one writer calls chunk(), one checkpointer sync(), at once. Ownership: owns the
// mappings. Errors: kIo, kInsufficientStorage: the space of a chunk is taken when it is made, so
// that no later write to its memory can fail.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <qdrantd/vector/vector_rows.hpp>

namespace qdrantd::engine {

class MappedChunks final : public vec::ChunkSource {
  public:
    /// Files are named `prefix` + number of the chunk.
    explicit MappedChunks(std::string prefix) : prefix_(std::move(prefix)) {}
    ~MappedChunks() override;

    Result<std::span<std::byte>> chunk(std::size_t index, std::size_t size) override;
    /// Makes a chunk durable. After a failure every later call fails.
    Status sync(std::size_t index);

  private:
    const std::string prefix_;
    bool lost_ = false;  // of the one checkpointer
    std::vector<std::span<std::byte>> chunks_;
};

}  // namespace qdrantd::engine
