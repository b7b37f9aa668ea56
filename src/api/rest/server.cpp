// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/api/rest/server.hpp>

#include <thread>

#include <boost/asio/post.hpp>

#include <qdrantd/common/log.hpp>
#include <qdrantd/net/listener.hpp>

#include "api/rest/router.hpp"
#include "api/rest/routes.hpp"
#include "api/rest/worker.hpp"

namespace qdrantd::rest {

namespace asio = boost::asio;

struct Server::Impl {
    Impl(Options given, cluster::PointService& points, cluster::CollectionService& collections)
        : options(std::move(given)),
          services{points, collections, options},
          budget(std::make_shared<BodyBudget>(options.max_buffered_bytes)) {
        add_unserved_routes(router);
        add_service_routes(router, services);
        add_collection_routes(router, services);
        add_point_read_routes(router, services);
        add_point_update_routes(router, services);
        if (options.threads == 0) {
            options.threads = std::max(1U, std::thread::hardware_concurrency());
        }
    }

    [[nodiscard]] std::size_t live() const {
        std::size_t sum = 0;
        for (const auto& worker : workers)
            sum += worker->live();
        return sum;
    }

    /// The worker with the fewest connections; none at the limit.
    asio::io_context* choose() {
        if (live() >= options.max_connections) return nullptr;
        auto* best = workers.front().get();
        for (const auto& worker : workers) {
            if (worker->live() < best->live()) best = worker.get();
        }
        return &best->context();
    }

    void accepted(asio::ip::tcp::socket socket, const asio::io_context* context) {
        for (const auto& worker : workers) {
            if (&worker->context() != context) continue;
            worker->expect_one();
            auto* target = worker.get();
            if (!worker->post([target, taken = std::move(socket)]() mutable {
                    target->adopt(std::move(taken));
                })) {
                worker->forget_one();
            }
            return;
        }
    }

    void on_each(void (Worker::*what)()) {
        for (const auto& worker : workers)
            worker->post([target = worker.get(), what] { (target->*what)(); });
    }

    /// False when connections are left at the end of the time.
    bool wait_until_empty(Duration time) {
        const auto deadline = Deadline::after(time);
        while (live() > 0) {
            if (deadline.passed()) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return true;
    }

    void stop(Duration drain) {
        if (!running) return;
        running = false;
        workers.front()->post([this] { listener->stop(); });
        on_each(&Worker::drain);
        if (!wait_until_empty(drain)) {
            if (drain > Duration::zero()) {
                log_warn("rest", "cut_connections", "count={}", live());
            }
            on_each(&Worker::cut);
            // What now remains waits for the facade, which answers by itself.
            wait_until_empty(std::chrono::seconds(1));
        }
        for (const auto& worker : workers)
            worker->join();
        listener.reset();
        workers.clear();
    }

    Options options;
    Services services;
    Router router;
    std::shared_ptr<BodyBudget> budget;
    std::vector<std::shared_ptr<Worker>> workers;
    std::optional<net::Listener> listener;
    std::uint16_t port = 0;
    bool running = false;
};

Server::Server(Options options, cluster::PointService& points,
               cluster::CollectionService& collections)
    : impl_(std::make_unique<Impl>(std::move(options), points, collections)) {}

Server::~Server() { stop(); }

Status Server::start() {
    auto& impl = *impl_;
    for (std::size_t i = 0; i < impl.options.threads; ++i) {
        impl.workers.push_back(std::make_shared<Worker>(impl.options, impl.router, impl.budget));
    }
    impl.listener.emplace(
        impl.workers.front()->context(),
        net::Listener::Options{.host = impl.options.host, .port = impl.options.port},
        net::Listener::Callbacks{
            .choose = [&impl] { return impl.choose(); },
            .accepted =
                [&impl](asio::ip::tcp::socket socket, asio::io_context* context) {
                    impl.accepted(std::move(socket), context);
                }});
    if (auto opened = impl.listener->open(); !opened.ok()) {
        impl.listener.reset();
        impl.workers.clear();
        return opened;
    }
    impl.port = impl.listener->port();
    impl.listener->start();
    for (const auto& worker : impl.workers)
        worker->start();
    impl.running = true;
    log_info("rest", "listening", "host={} port={}", impl.options.host, impl.port);
    return {};
}

std::uint16_t Server::port() const { return impl_->port; }

void Server::stop() { impl_->stop(impl_->options.drain_timeout); }

void Server::stop_now() { impl_->stop(Duration::zero()); }

}  // namespace qdrantd::rest
