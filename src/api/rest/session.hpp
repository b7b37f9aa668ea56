// SPDX-License-Identifier: Apache-2.0
// One connection: a coroutine that reads a request, has it handled, writes the answer, and goes on
// while the connection is kept. Between requests it holds one small buffer and no more.
// Thread safety: the worker's thread only. Ownership: owned by its coroutine's frame; borrows the
// worker.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "api/rest/content_coding.hpp"
#include "api/rest/message.hpp"
#include "api/rest/worker.hpp"

namespace qdrantd::rest {

class Session {
  public:
    Session(boost::asio::ip::tcp::socket socket, Worker& worker);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Serves the connection until it ends.
    boost::asio::awaitable<void> run();

    /// Passed: the connection is to be closed. Never while a request is being handled.
    [[nodiscard]] TimePoint deadline() const { return deadline_; }
    /// Between two requests, with nothing received.
    [[nodiscard]] bool idle() const { return idle_; }
    /// Ends the running operation and the connection.
    void close();

  private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
    enum class Outcome { kRequest, kClosed, kRefused };

    boost::asio::awaitable<Outcome> read_head();
    boost::asio::awaitable<Status> read_body(Request& request);
    boost::asio::awaitable<Status> read_plain_body(std::string& body, std::uint64_t length);
    boost::asio::awaitable<Status> read_coded_body(std::string& body, std::uint64_t length,
                                                   Coding coding);
    boost::asio::awaitable<Status> read_chunked_body(std::string& body, Coding coding);
    boost::asio::awaitable<Response> handle(Request& request, const Handler& handler);
    boost::asio::awaitable<void> serve_one();
    boost::asio::awaitable<bool> write(const Response& response, bool keep);
    boost::asio::awaitable<bool> write_all(std::string_view head, std::string_view body);
    boost::asio::awaitable<void> linger();
    boost::asio::awaitable<bool> receive();

    [[nodiscard]] std::string_view header(boost::beast::http::field field) const;
    [[nodiscard]] bool body_expected() const;
    [[nodiscard]] std::string_view buffered() const {
        return std::string_view(input_).substr(begin_, end_ - begin_);
    }
    void consume(std::size_t bytes);
    void fill_request(Request& request) const;
    void append_head(std::string& out, const Response& response, bool keep) const;
    void append_cors(std::string& out) const;
    void log_access(const Response& response, TimePoint start) const;
    /// Sets the deadline of a transfer that has just moved on, by its bytes so far.
    void allow_transfer(TimePoint start, std::size_t bytes);
    Status grow(std::string& body, std::size_t capacity);
    Status account(std::size_t bytes);
    void release_body(std::string& body);

    boost::asio::ip::tcp::socket socket_;
    Worker& worker_;
    const Worker::Place place_;
    std::string client_;
    std::optional<Parser> parser_;
    /// Received and not yet consumed: [begin_, end_).
    std::string input_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    TimePoint deadline_;
    std::size_t budgeted_ = 0;
    bool idle_ = true;
    bool keep_ = true;
};

}  // namespace qdrantd::rest
