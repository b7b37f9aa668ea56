// SPDX-License-Identifier: Apache-2.0
#include "api/rest/worker.hpp"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "api/rest/session.hpp"

namespace qdrantd::rest {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> serve(std::unique_ptr<Session> session) { co_await session->run(); }

/// Fine enough for the shortest timeout.
Duration sweep_period(const Options& options) {
    const auto shortest = std::min({options.keep_alive_timeout, options.head_timeout,
                                    options.transfer_timeout, options.disconnect_timeout});
    return std::clamp<Duration>(shortest / 4, std::chrono::milliseconds(5),
                                std::chrono::milliseconds(250));
}

}  // namespace

Worker::Worker(const Options& options, const Router& router, std::shared_ptr<BodyBudget> budget)
    : options_(options),
      router_(router),
      budget_(std::move(budget)),
      work_(asio::make_work_guard(context_)),
      timer_(context_),
      period_(sweep_period(options)) {}

Worker::~Worker() { join(); }

void Worker::start() {
    sweep();
    thread_ = std::thread([this] {
        ::pthread_setname_np(::pthread_self(), "rest");
        context_.run();
    });
}

void Worker::join() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    context_.stop();
    if (!thread_.joinable()) return;
    thread_.join();
    // Replies that were posted before the end hold the worker; let them run out.
    context_.restart();
    context_.poll();
}

bool Worker::post(UniqueFunction<void()> task) {
    const std::lock_guard lock(mutex_);
    if (ended_) return false;
    asio::post(context_, [task = std::move(task)]() mutable { task(); });
    return true;
}

void Worker::adopt(asio::ip::tcp::socket socket) {
    auto session = std::make_unique<Session>(std::move(socket), *this);
    asio::co_spawn(context_, serve(std::move(session)), asio::detached);
}

Worker::Place Worker::enroll(Session* session) {
    const std::lock_guard lock(mutex_);
    return sessions_.insert(sessions_.end(), session);
}

void Worker::leave(Place place) {
    {
        const std::lock_guard lock(mutex_);
        sessions_.erase(place);
    }
    live_.fetch_sub(1);
}

void Worker::sweep() {
    {
        const auto now = SystemClock::instance().now();
        const std::lock_guard lock(mutex_);
        for (auto* session : sessions_) {
            if (now >= session->deadline()) session->close();
        }
    }
    timer_.expires_after(period_);
    timer_.async_wait([this](const boost::system::error_code& code) {
        if (!code) sweep();
    });
}

void Worker::drain() {
    draining_ = true;
    const std::lock_guard lock(mutex_);
    for (auto* session : sessions_) {
        if (session->idle()) session->close();
    }
}

void Worker::cut() {
    draining_ = true;
    const std::lock_guard lock(mutex_);
    for (auto* session : sessions_)
        session->close();
}

}  // namespace qdrantd::rest
