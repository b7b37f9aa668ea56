// SPDX-License-Identifier: Apache-2.0
// Bytes of the records that commands and snapshots share.
// Thread safety: free functions. Errors: a reader that runs past its end turns false.
#pragma once

#include <vector>

#include <qdrantd/common/bytes.hpp>
#include <qdrantd/meta/command.hpp>

namespace qdrantd::meta {

void write_shards(ByteWriter& out, const std::vector<ShardPlacement>& shards);
std::vector<ShardPlacement> read_shards(ByteReader& in);

}  // namespace qdrantd::meta
