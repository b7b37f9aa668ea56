// SPDX-License-Identifier: Apache-2.0
// PointService over the collections of this process.
// Thread safety: all methods. Ownership: borrows the registry.
#pragma once

#include <qdrantd/cluster/point_service.hpp>

#include "cluster/registry.hpp"

namespace qdrantd::cluster {

class LocalPointService final : public PointService {
  public:
    LocalPointService(const Registry& registry, Duration read_timeout)
        : registry_(registry), read_timeout_(read_timeout) {}

    void update(const std::string& collection, std::vector<model::UpdateOperation> operations,
                WriteContext context, Reply<std::vector<model::UpdateResult>> reply) override;
    void query(const std::string& collection, std::vector<model::QueryRequest> requests,
               ReadContext context,
               Reply<std::vector<std::vector<model::ScoredPoint>>> reply) override;
    void retrieve(const std::string& collection, model::RetrieveRequest request,
                  ReadContext context, Reply<std::vector<model::Record>> reply) override;
    void scroll(const std::string& collection, model::ScrollRequest request, ReadContext context,
                Reply<model::ScrollPage> reply) override;
    void count(const std::string& collection, model::CountRequest request, ReadContext context,
               Reply<std::uint64_t> reply) override;

  private:
    [[nodiscard]] Deadline read_deadline(const ReadContext& context) const {
        return context.deadline.is_never() ? Deadline::after(read_timeout_) : context.deadline;
    }

    const Registry& registry_;
    const Duration read_timeout_;
};

}  // namespace qdrantd::cluster
