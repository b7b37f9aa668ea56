// SPDX-License-Identifier: Apache-2.0
// One thread of the server with its io_context and its connections. A sweep a few times a second
// closes connections past their deadline: far cheaper than a timer for each operation.
// Thread safety: post(), live() and stop() from any thread; the rest on the worker's own thread.
// Ownership: shared with the replies in flight, which may come after the server has stopped.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <qdrantd/common/unique_function.hpp>

#include "api/rest/message.hpp"
#include "api/rest/router.hpp"
#include "api/rest/routes.hpp"

namespace qdrantd::rest {

/// Bytes of request bodies held at once by all connections.
class BodyBudget {
  public:
    explicit BodyBudget(std::size_t limit) : limit_(limit) {}

    bool take(std::size_t bytes) {
        if (used_.fetch_add(bytes) + bytes <= limit_) return true;
        used_.fetch_sub(bytes);
        return false;
    }
    void give_back(std::size_t bytes) { used_.fetch_sub(bytes); }
    [[nodiscard]] std::size_t used() const { return used_.load(); }

  private:
    const std::size_t limit_;
    std::atomic<std::size_t> used_{0};
};

class Session;

class Worker : public std::enable_shared_from_this<Worker> {
  public:
    Worker(const Options& options, const Router& router, std::shared_ptr<BodyBudget> budget);
    ~Worker();

    void start();
    /// Ends the thread; open connections are dropped.
    void join();

    boost::asio::io_context& context() { return context_; }
    /// Runs `task` on the worker's thread. False, and `task` is destroyed, once it has ended.
    bool post(UniqueFunction<void()> task);

    /// Takes over a connection.
    void adopt(boost::asio::ip::tcp::socket socket);
    /// Closes idle connections now, others after their running request.
    void drain();
    /// Closes all connections.
    void cut();

    [[nodiscard]] std::size_t live() const { return live_.load(); }
    /// Counts a connection on its way to adopt().
    void expect_one() { live_.fetch_add(1); }
    void forget_one() { live_.fetch_sub(1); }

    // For sessions.
    using Place = std::list<Session*>::iterator;
    Place enroll(Session* session);
    /// Also once the worker has ended, from any thread.
    void leave(Place place);
    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] const Router& router() const { return router_; }
    [[nodiscard]] bool draining() const { return draining_; }
    BodyBudget& budget() { return *budget_; }
    JsonParser& parser() { return parser_; }

  private:
    void sweep();

    const Options& options_;
    const Router& router_;
    /// Outlives the server for the sake of late replies, unlike options and router.
    const std::shared_ptr<BodyBudget> budget_;
    JsonParser parser_;
    std::atomic<std::size_t> live_{0};
    bool draining_ = false;
    std::mutex mutex_;
    std::list<Session*> sessions_;  // guarded by mutex_
    bool ended_ = false;            // guarded by mutex_
    // Destroyed before what sessions refer to, since it destroys those still waiting.
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer timer_;
    const Duration period_;
    std::thread thread_;
};

}  // namespace qdrantd::rest
