// SPDX-License-Identifier: Apache-2.0
#include "cluster/local_point_service.hpp"

#include <qdrantd/common/gather.hpp>
#include <qdrantd/model/validate.hpp>

namespace qdrantd::cluster {

namespace {

/// How long a write waits for its application where the request does not say (data.md §1.5).
constexpr auto kWriteWait = std::chrono::seconds(60);

using Results = std::vector<model::UpdateResult>;

/// Runs the operations of one request one after the other, ending with the first failure.
class Sequence : public std::enable_shared_from_this<Sequence> {
  public:
    Sequence(Registry::CollectionPtr target, std::vector<model::UpdateOperation> operations,
             bool wait, Deadline deadline, Reply<Results> reply)
        : target_(std::move(target)),
          operations_(std::move(operations)),
          wait_(wait),
          deadline_(deadline),
          reply_(std::move(reply)) {}

    void next() {
        if (results_.size() == operations_.size()) {
            reply_(std::move(results_));
            return;
        }
        target_->update(std::move(operations_[results_.size()]), wait_, deadline_,
                        [self = shared_from_this()](Result<model::UpdateResult> result) {
                            if (!result.ok()) {
                                self->reply_(std::move(result).error());
                                return;
                            }
                            self->results_.push_back(*result);
                            self->next();
                        });
    }

  private:
    Registry::CollectionPtr target_;
    std::vector<model::UpdateOperation> operations_;
    const bool wait_;
    const Deadline deadline_;
    Reply<Results> reply_;
    Results results_;
};

}  // namespace

void LocalPointService::update(const std::string& collection,
                               std::vector<model::UpdateOperation> operations, WriteContext context,
                               Reply<Results> reply) {
    auto target = registry_.find(collection);
    if (!target.ok()) {
        reply(std::move(target).error());
        return;
    }
    const auto config = (*target)->config();
    for (const auto& operation : operations) {
        auto valid = model::validate_update(config->params, operation);
        if (!valid.ok()) {
            reply(std::move(valid).error());
            return;
        }
    }
    const auto deadline =
        context.deadline.is_never() ? Deadline::after(kWriteWait) : context.deadline;
    std::make_shared<Sequence>(std::move(*target), std::move(operations), context.wait, deadline,
                               std::move(reply))
        ->next();
}

void LocalPointService::query(const std::string& collection,
                              std::vector<model::QueryRequest> requests, ReadContext context,
                              Reply<std::vector<std::vector<model::ScoredPoint>>> reply) {
    auto target = registry_.find(collection);
    if (!target.ok()) {
        reply(std::move(target).error());
        return;
    }
    const auto config = (*target)->config();
    for (const auto& request : requests) {
        auto valid = model::validate_query(config->params, request);
        if (!valid.ok()) {
            reply(std::move(valid).error());
            return;
        }
    }
    const auto deadline = read_deadline(context);
    auto gather = Gather<std::vector<model::ScoredPoint>>::make(requests.size(), std::move(reply));
    for (std::size_t i = 0; i < requests.size(); ++i) {
        (*target)->query(std::move(requests[i]), deadline, gather->part(i));
    }
}

void LocalPointService::retrieve(const std::string& collection, model::RetrieveRequest request,
                                 ReadContext context, Reply<std::vector<model::Record>> reply) {
    auto target = registry_.find(collection);
    if (!target.ok()) {
        reply(std::move(target).error());
        return;
    }
    auto valid = model::validate_vector_selector((*target)->config()->params, request.with_vector);
    if (!valid.ok()) {
        reply(std::move(valid).error());
        return;
    }
    (*target)->retrieve(std::move(request), read_deadline(context), std::move(reply));
}

void LocalPointService::scroll(const std::string& collection, model::ScrollRequest request,
                               ReadContext context, Reply<model::ScrollPage> reply) {
    auto target = registry_.find(collection);
    if (!target.ok()) {
        reply(std::move(target).error());
        return;
    }
    auto valid = model::validate_vector_selector((*target)->config()->params, request.with_vector);
    if (!valid.ok()) {
        reply(std::move(valid).error());
        return;
    }
    (*target)->scroll(std::move(request), read_deadline(context), std::move(reply));
}

void LocalPointService::count(const std::string& collection, model::CountRequest request,
                              ReadContext context, Reply<std::uint64_t> reply) {
    auto target = registry_.find(collection);
    if (!target.ok()) {
        reply(std::move(target).error());
        return;
    }
    (*target)->count(std::move(request), read_deadline(context), std::move(reply));
}

}  // namespace qdrantd::cluster
