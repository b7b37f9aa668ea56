// SPDX-License-Identifier: Apache-2.0
#include <qdrantd/net/listener.hpp>

#include <utility>

#include <fmt/core.h>

#include <qdrantd/common/log.hpp>
#include <qdrantd/common/metrics.hpp>

namespace qdrantd::net {

namespace asio = boost::asio;
using boost::system::error_code;

Listener::Listener(asio::io_context& context, Options options, Callbacks callbacks)
    : options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      acceptor_(context),
      timer_(context) {}

Status Listener::open() {
    const auto refused = [&](std::string_view step, const error_code& code) {
        return Error{ErrorCode::kIo, fmt::format("cannot {} {}:{}: {}", step, options_.host,
                                                 options_.port, code.message())};
    };
    error_code code;
    const auto address = asio::ip::make_address(options_.host, code);
    if (code) return refused("read address", code);
    const asio::ip::tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), code);
    if (code) return refused("open a socket for", code);
    acceptor_.set_option(asio::socket_base::reuse_address(true), code);
    if (code) return refused("prepare", code);
    acceptor_.bind(endpoint, code);
    if (code) return refused("bind", code);
    acceptor_.listen(options_.backlog, code);
    if (code) return refused("listen on", code);
    port_ = acceptor_.local_endpoint(code).port();
    if (code) return refused("ask the port of", code);
    return {};
}

void Listener::start() { accept_next(); }

void Listener::stop() {
    stopped_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
}

void Listener::pause() {
    timer_.expires_after(options_.retry);
    timer_.async_wait([this](const error_code& code) {
        if (!code && !stopped_) accept_next();
    });
}

void Listener::accept_next() {
    auto* chosen = callbacks_.choose();
    if (chosen == nullptr) return pause();
    acceptor_.async_accept(
        *chosen, [this, chosen](const error_code& code, asio::ip::tcp::socket socket) {
            if (stopped_ || code == asio::error::operation_aborted) return;
            if (!code) {
                callbacks_.accepted(std::move(socket), chosen);
                return accept_next();
            }
            // Out of descriptors or memory: the connection waits in the queue. Others, such as one
            // aborted by its client, are over already.
            static auto& failures =
                counter("qdrantd_net_accept_failures_total", "Connections that could not be taken");
            failures.add();
            log_warn("net", "accept_failed", "reason=\"{}\"", code.message());
            pause();
        });
}

}  // namespace qdrantd::net
