// SPDX-License-Identifier: Apache-2.0
// Accepts TCP connections on one address and hands each socket to its owner, bound to the
// io_context the owner chose for it. A lack of descriptors or of room pauses accepting; it never
// spins and never ends it.
// Thread safety: open() before the io_context runs; the rest on the io_context's thread.
// Ownership: borrows the io_context. The callbacks must stay valid until stop() has run.
// Errors: open() gives kIo with the address and the system's reason.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <qdrantd/common/result.hpp>

namespace qdrantd::net {

class Listener {
  public:
    struct Options {
        std::string host = "0.0.0.0";
        std::uint16_t port = 0;  // 0: any free one
        int backlog = 4096;
        /// Pause when no connection can be taken.
        std::chrono::milliseconds retry{20};
    };
    struct Callbacks {
        /// Where the next connection shall live; null while there is no room for one.
        std::function<boost::asio::io_context*()> choose;
        /// Called on the listener's thread; the socket belongs to the chosen io_context.
        std::function<void(boost::asio::ip::tcp::socket, boost::asio::io_context*)> accepted;
    };

    Listener(boost::asio::io_context& context, Options options, Callbacks callbacks);

    /// Binds and listens.
    Status open();
    /// The port in use. REQUIRES: opened.
    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Begins to accept. REQUIRES: opened.
    void start();
    /// Closes the socket; no callback follows.
    void stop();

  private:
    void accept_next();
    void pause();

    const Options options_;
    const Callbacks callbacks_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer timer_;
    std::uint16_t port_ = 0;
    bool stopped_ = false;
};

}  // namespace qdrantd::net
