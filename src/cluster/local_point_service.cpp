// SPDX-License-Identifier: Apache-2.0
#include "cluster/local_point_service.hpp"

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

/// Runs the queries of one batch a few at a time, so that a long batch takes its turn with other
/// requests.
class QueryBatch : public std::enable_shared_from_this<QueryBatch> {
  public:
    using Hits = std::vector<model::ScoredPoint>;

    QueryBatch(Registry::CollectionPtr target, std::vector<model::QueryRequest> requests,
               Deadline deadline, Reply<std::vector<Hits>> reply)
        : target_(std::move(target)),
          requests_(std::move(requests)),
          deadline_(deadline),
          reply_(std::move(reply)),
          lists_(requests_.size()) {}

    void start() {
        const auto width = std::min(kWidth, requests_.size());
        for (std::size_t i = 0; i < width; ++i)
            next();
    }

  private:
    static constexpr std::size_t kWidth = 8;

    void next() {
        std::size_t index = 0;
        {
            const std::lock_guard lock(mutex_);
            if (error_ || started_ == requests_.size()) return;
            index = started_++;
            ++running_;
        }
        target_->query(std::move(requests_[index]), deadline_,
                       [self = shared_from_this(), index](Result<Hits> hits) {
                           self->answer(index, std::move(hits));
                       });
    }

    void answer(std::size_t index, Result<Hits> hits) {
        bool ended = false;
        {
            const std::lock_guard lock(mutex_);
            --running_;
            if (hits.ok()) {
                lists_[index] = std::move(*hits);
            } else if (!error_) {
                error_ = std::move(hits).error();
            }
            const bool more = !error_ && started_ < requests_.size();
            if (!more && running_ > 0) return;
            ended = !more;
        }
        if (!ended) {
            next();
        } else if (error_) {
            reply_(std::move(*error_));
        } else {
            reply_(std::move(lists_));
        }
    }

    Registry::CollectionPtr target_;
    std::vector<model::QueryRequest> requests_;
    const Deadline deadline_;
    Reply<std::vector<Hits>> reply_;
    std::mutex mutex_;
    std::size_t started_ = 0;
    std::size_t running_ = 0;

    std::optional<Error> error_;
    std::vector<Hits> lists_;
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
    if (requests.empty()) {
        reply(std::vector<std::vector<model::ScoredPoint>>{});
        return;
    }
    std::make_shared<QueryBatch>(std::move(*target), std::move(requests), read_deadline(context),
                                 std::move(reply))
        ->start();
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
