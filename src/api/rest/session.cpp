// SPDX-License-Identifier: Apache-2.0
#include "api/rest/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>

#include <qdrantd/common/log.hpp>
#include <qdrantd/common/metrics.hpp>

#include "api/rest/error_response.hpp"

namespace qdrantd::rest {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
/// Holds the head and body of most requests, and is all that an idle connection keeps.
constexpr std::size_t kInputBytes = std::size_t{16} * 1024;
constexpr std::size_t kBodyStep = std::size_t{64} * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

TimePoint now() { return SystemClock::instance().now(); }

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::kGet;
        case http::verb::post:
            return Method::kPost;
        case http::verb::put:
            return Method::kPut;
        case http::verb::patch:
            return Method::kPatch;
        case http::verb::delete_:
            return Method::kDelete;
        case http::verb::head:
            return Method::kHead;
        case http::verb::options:
            return Method::kOptions;
        default:
            return Method::kOther;
    }
}

/// The client is gone or was cut; there is nobody to answer.
Error gone() { return {ErrorCode::kCancelled, "the connection ended"}; }

Error overloaded() {
    return {ErrorCode::kUnavailable, "too many request bodies are being received", 1};
}

std::string describe_client(const asio::ip::tcp::socket& socket) {
    error_code code;
    const auto endpoint = socket.remote_endpoint(code);
    return code ? "-" : endpoint.address().to_string();
}

/// What the answer is built from on the thread that has it: compression is not for the I/O thread.
Response finish(Response response, Coding coding, std::size_t compress_min_bytes) {
    if (coding == Coding::kIdentity || response.body.size() < compress_min_bytes ||
        compress_min_bytes == 0) {
        return response;
    }
    auto smaller = compress(coding, response.body);
    if (smaller.empty() || smaller.size() >= response.body.size()) return response;
    response.body = std::move(smaller);
    response.content_encoding = coding_name(coding);
    return response;
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, Worker& worker)
    : socket_(std::move(socket)),
      worker_(worker),
      place_(worker.enroll(this)),
      client_(describe_client(socket_)),
      deadline_(now() + worker.options().head_timeout) {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    static auto& connections =
        gauge("qdrantd_rest_connections_current", "Open connections of the REST door");
    connections.add(1);
}

Session::~Session() {
    static auto& connections =
        gauge("qdrantd_rest_connections_current", "Open connections of the REST door");
    connections.add(-1);
    worker_.budget().give_back(budgeted_);
    worker_.leave(place_);
}

void Session::close() {
    error_code ignored;
    socket_.close(ignored);
}

asio::awaitable<void> Session::run() {
    while (!worker_.draining()) {
        const auto outcome = co_await read_head();
        if (outcome == Outcome::kClosed) co_return;
        if (outcome == Outcome::kRefused) {
            Response response;
            response.status = 400;
            response.content_type = {};
            if (co_await write(response, false)) co_await linger();
            co_return;
        }
        co_await serve_one();
        if (!keep_ || !socket_.is_open()) co_return;
        idle_ = begin_ == end_;
        deadline_ =
            now() + (idle_ ? worker_.options().keep_alive_timeout : worker_.options().head_timeout);
    }
}

void Session::consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ < end_) return;
    begin_ = end_ = 0;
    if (input_.size() > kInputBytes) input_ = std::string();
}

asio::awaitable<bool> Session::receive() {
    if (input_.size() < kInputBytes) input_.resize(kInputBytes);
    if (end_ == input_.size() && begin_ > 0) {
        input_.erase(0, begin_);
        end_ -= begin_;
        begin_ = 0;
        input_.resize(std::max(kInputBytes, input_.size()));
    }
    if (end_ == input_.size()) {
        if (input_.size() >= worker_.options().max_head_bytes) co_return false;
        input_.resize(std::min(input_.size() * 2, worker_.options().max_head_bytes));
    }
    const auto [code, bytes] = co_await socket_.async_read_some(
        asio::buffer(input_.data() + end_, input_.size() - end_), kAwait);
    end_ += bytes;
    co_return !code;
}

asio::awaitable<Session::Outcome> Session::read_head() {
    parser_.emplace();
    parser_->eager(false);
    parser_->body_limit(boost::none);
    parser_->header_limit(static_cast<std::uint32_t>(worker_.options().max_head_bytes));
    for (;;) {
        if (begin_ < end_) {
            error_code code;
            const auto used = parser_->put(asio::buffer(buffered().data(), end_ - begin_), code);
            consume(used);
            if (code && code != http::error::need_more) co_return Outcome::kRefused;
            if (parser_->is_header_done()) co_return Outcome::kRequest;
            if (!code) continue;
        }
        if (!co_await receive()) {
            const bool full =
                socket_.is_open() && end_ - begin_ >= worker_.options().max_head_bytes;
            co_return full ? Outcome::kRefused : Outcome::kClosed;
        }
        if (idle_) {
            idle_ = false;
            deadline_ = now() + worker_.options().head_timeout;
        }
    }
}

std::string_view Session::header(http::field field) const {
    const auto value = parser_->get()[field];
    return {value.data(), value.size()};
}

bool Session::body_expected() const {
    return parser_->chunked() || parser_->content_length().value_or(0) > 0;
}

void Session::fill_request(Request& request) const {
    const auto& message = parser_->get();
    request.method = method_of(message.method());
    std::string_view target(message.target().data(), message.target().size());
    target = target.substr(0, target.find('#'));
    if (const auto scheme = target.find("://");
        !target.starts_with('/') && scheme != std::string_view::npos) {
        const auto path = target.find('/', scheme + 3);
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    const auto mark = target.find('?');
    request.path = std::string(target.substr(0, mark));
    if (mark != std::string_view::npos) request.query = std::string(target.substr(mark + 1));
    request.parser = &worker_.parser();
}

asio::awaitable<void> Session::serve_one() {
    Request request;
    request.start = now();
    fill_request(request);
    keep_ = parser_->keep_alive() && !worker_.draining();
    Response response;
    bool unread = false;
    auto match = worker_.router().match(request.method, request.path);
    const bool known = !match.ok() || match->handler != nullptr;
    if (!known && !header(http::field::expect).empty() && body_expected()) {
        response = empty_not_found();
        unread = true;
    } else if (const auto received = co_await read_body(request); !received.ok()) {
        if (received.error().code == ErrorCode::kCancelled) {
            keep_ = false;
            co_return;
        }
        response = error_response(received.error(), 0.0);
        unread = true;
    } else if (!match.ok()) {
        response = error_response(match.error(), 0.0);
    } else if (worker_.options().enable_cors && request.method == Method::kOptions &&
               !header(http::field::access_control_request_method).empty()) {
        response.content_type = {};
    } else if (match->handler == nullptr) {
        response = empty_not_found();
    } else {
        request.params = std::move(match->params);
        response = co_await handle(request, *match->handler);
    }
    release_body(request.body);
    if (unread) keep_ = false;
    const bool written = co_await write(response, keep_);
    log_access(response, request.start);
    if (!written) {
        keep_ = false;
    } else if (unread) {
        co_await linger();
    }
}

void Session::allow_transfer(TimePoint start, std::size_t bytes) {
    const auto& options = worker_.options();
    const auto earned = std::chrono::milliseconds(
        bytes * 1000 / std::max<std::size_t>(options.min_bytes_per_sec, 1));
    // A stall ends it too: bytes that only filled the system's buffers earn no time.
    deadline_ =
        std::min(start + options.transfer_timeout + earned, now() + options.transfer_timeout);
}

Status Session::account(std::size_t bytes) {
    if (bytes <= budgeted_) return {};
    if (!worker_.budget().take(bytes - budgeted_)) return overloaded();
    budgeted_ = bytes;
    return {};
}

Status Session::grow(std::string& body, std::size_t capacity) {
    QD_TRY(account(capacity));
    body.reserve(capacity + kJsonPadding);
    return {};
}

void Session::release_body(std::string& body) {
    body = std::string();
    worker_.budget().give_back(budgeted_);
    budgeted_ = 0;
    worker_.parser().trim();
}

asio::awaitable<Status> Session::read_body(Request& request) {
    if (!body_expected()) co_return Status();
    const auto limit = worker_.options().max_request_bytes;
    const auto coding = coding_of(header(http::field::content_encoding));
    if (!coding) {
        co_return Error{ErrorCode::kFormat,
                        fmt::format("Format error in JSON body: content encoding `{}` is not "
                                    "supported",
                                    header(http::field::content_encoding))};
    }
    const auto length = parser_->content_length();
    if (length && *length > limit) {
        co_return Error{
            ErrorCode::kFormat,
            fmt::format("JSON payload ({} bytes) is larger than allowed (limit: {} bytes).",
                        *length, limit)};
    }
    if (boost::beast::iequals(header(http::field::expect), "100-continue") && begin_ == end_) {
        if (!co_await write_all(kContinue, {})) co_return gone();
    }
    allow_transfer(now(), 0);
    if (!length) co_return co_await read_chunked_body(request.body, *coding);
    if (*coding == Coding::kIdentity) co_return co_await read_plain_body(request.body, *length);
    co_return co_await read_coded_body(request.body, *length, *coding);
}

asio::awaitable<Status> Session::read_plain_body(std::string& body, std::uint64_t length) {
    const auto start = now();
    const auto first = std::min<std::size_t>(end_ - begin_, length);
    // Memory follows what has arrived, not what was announced.
    const auto capacity = [&](std::size_t got) {
        return std::min<std::size_t>(length, std::max(kBodyStep, got * 2));
    };
    if (const auto room = grow(body, capacity(first)); !room.ok()) co_return room;
    body.append(buffered().substr(0, first));
    consume(first);
    auto got = first;
    while (got < length) {
        if (got == body.size()) {
            if (const auto room = grow(body, capacity(got)); !room.ok()) co_return room;
            body.resize(capacity(got));
        }
        const auto [code, bytes] = co_await socket_.async_read_some(
            asio::buffer(body.data() + got, body.size() - got), kAwait);
        if (code) co_return gone();
        got += bytes;
        allow_transfer(start, got);
    }
    co_return Status();
}

asio::awaitable<Status> Session::read_coded_body(std::string& body, std::uint64_t length,
                                                 Coding coding) {
    const auto start = now();
    Inflater inflater(coding);
    std::uint64_t got = 0;
    for (;;) {
        const auto piece =
            buffered().substr(0, std::min<std::uint64_t>(length - got, end_ - begin_));
        const auto pushed = inflater.push(piece, body, worker_.options().max_request_bytes);
        if (!pushed.ok()) co_return pushed;
        if (const auto room = account(body.capacity()); !room.ok()) co_return room;
        got += piece.size();
        consume(piece.size());
        if (got == length) co_return inflater.finish();
        if (!co_await receive()) co_return gone();
        allow_transfer(start, got);
    }
}

asio::awaitable<Status> Session::read_chunked_body(std::string& body, Coding coding) {
    const auto start = now();
    const auto limit = worker_.options().max_request_bytes;
    std::optional<Inflater> inflater;
    if (coding != Coding::kIdentity) inflater.emplace(coding);
    Status pushed;
    std::size_t got = 0;
    auto on_chunk = [&](std::uint64_t, boost::beast::string_view piece, error_code& code) {
        const std::string_view text(piece.data(), piece.size());
        got += text.size();
        if (inflater) {
            pushed = inflater->push(text, body, limit);
        } else if (body.size() + text.size() > limit) {
            pushed = over_limit(limit);
        } else {
            if (const auto needed = body.size() + text.size(); needed > body.capacity()) {
                pushed = grow(body, std::min(limit, std::max(kBodyStep, needed * 2)));
            }
            if (pushed.ok()) body.append(text);
        }
        if (pushed.ok()) pushed = account(body.size());
        if (!pushed.ok()) code = http::error::body_limit;
        return piece.size();
    };
    parser_->on_chunk_body(on_chunk);
    parser_->eager(true);
    while (!parser_->is_done()) {
        if (begin_ < end_) {
            error_code code;
            const auto used = parser_->put(asio::buffer(buffered().data(), end_ - begin_), code);
            consume(used);
            if (!pushed.ok()) co_return pushed;
            if (code && code != http::error::need_more) {
                co_return Error{ErrorCode::kFormat,
                                "Format error in JSON body: malformed chunked encoding"};
            }
            if (used > 0) continue;
        }
        if (!co_await receive()) co_return gone();
        allow_transfer(start, got);
    }
    if (inflater) co_return inflater->finish();
    co_return Status();
}

asio::awaitable<Response> Session::handle(Request& request, const Handler& handler) {
    deadline_ = TimePoint::max();
    const auto coding = accepted_coding(header(http::field::accept_encoding));
    auto initiate = [&](auto completion) {
        // The reply may come after the server has stopped: then the completion, and the session
        // with it, is destroyed where it came, and the worker last.
        struct Waiting {
            std::shared_ptr<Worker> worker;
            decltype(completion) resume;
        };
        auto waiting =
            std::make_shared<Waiting>(Waiting{worker_.shared_from_this(), std::move(completion)});
        Responder responder(
            [waiting = std::move(waiting), coding,
             least = worker_.options().compress_min_bytes](Response response) mutable {
                auto* worker = waiting->worker.get();
                auto ready = finish(std::move(response), coding, least);
                worker->post([waiting = std::move(waiting), ready = std::move(ready)]() mutable {
                    auto resume = std::move(waiting->resume);
                    waiting.reset();
                    std::move(resume)(std::move(ready));
                });
            },
            request.start);
        handler(request, std::move(responder));
        release_body(request.body);
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Response)>(
        std::move(initiate), asio::use_awaitable);
}

void Session::append_cors(std::string& out) const {
    const auto origin = header(http::field::origin);
    if (!worker_.options().enable_cors || origin.empty()) return;
    out += "access-control-allow-origin: *\r\n";
    const auto method = header(http::field::access_control_request_method);
    if (parser_->get().method() != http::verb::options || method.empty()) return;
    out += "access-control-allow-methods: GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS\r\n";
    const auto headers = header(http::field::access_control_request_headers);
    if (!headers.empty()) {
        out += "access-control-allow-headers: ";
        out += headers;
        out += "\r\n";
    }
    out += "access-control-max-age: 3600\r\n";
}

void Session::append_head(std::string& out, const Response& response, bool keep) const {
    const auto reason = http::obsolete_reason(http::int_to_status(response.status));
    out += fmt::format("HTTP/1.1 {} {}\r\ncontent-length: {}\r\n", response.status,
                       std::string_view(reason.data(), reason.size()), response.body.size());
    if (!response.content_type.empty()) {
        out += "content-type: ";
        out += response.content_type;
        out += "\r\n";
    }
    if (!response.content_encoding.empty()) {
        out += "content-encoding: ";
        out += response.content_encoding;
        out += "\r\nvary: accept-encoding\r\n";
    }
    if (response.retry_after_sec) {
        out += fmt::format("retry-after: {}\r\n", *response.retry_after_sec);
    }
    append_cors(out);
    if (!keep) {
        out += "connection: close\r\n";
    } else if (parser_->get().version() == 10) {
        out += "connection: keep-alive\r\n";
    }
    out += "\r\n";
}

asio::awaitable<bool> Session::write(const Response& response, bool keep) {
    static auto& answers = counter("qdrantd_rest_answers_total", "Requests answered by REST");
    answers.add();
    std::string head;
    append_head(head, response, keep);
    co_return co_await write_all(head, response.body);
}

asio::awaitable<bool> Session::write_all(std::string_view head, std::string_view body) {
    const auto start = now();
    const auto total = head.size() + body.size();
    for (std::size_t done = 0; done < total;) {
        allow_transfer(start, done);
        const std::array<asio::const_buffer, 2> left{
            asio::buffer(head) + done,
            asio::buffer(body) + (done > head.size() ? done - head.size() : 0)};
        const auto [code, bytes] = co_await socket_.async_write_some(left, kAwait);
        if (code) co_return false;
        done += bytes;
    }
    co_return true;
}

asio::awaitable<void> Session::linger() {
    // Without this the client's unread bytes would make the system reset the connection, and the
    // answer would be lost with it.
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    deadline_ = now() + worker_.options().disconnect_timeout;
    begin_ = end_ = 0;
    while (co_await receive())
        begin_ = end_ = 0;
}

void Session::log_access(const Response& response, TimePoint start) const {
    if (!log_enabled(LogLevel::kInfo)) return;
    const auto& message = parser_->get();
    const std::string_view target(message.target().data(), message.target().size());
    for (const std::string_view quiet :
         {"/", "/metrics", "/telemetry", "/healthz", "/readyz", "/livez"}) {
        if (target == quiet) return;
    }
    const auto or_dash = [](std::string_view text) { return text.empty() ? "-" : text; };
    const std::string_view method(message.method_string().data(), message.method_string().size());
    const auto seconds = std::chrono::duration<double>(now() - start).count();
    log_info("rest", "access", "{} \"{} {} HTTP/{}.{}\" {} {} \"{}\" \"{}\" {:.6f}", client_,
             method, target, message.version() / 10, message.version() % 10, response.status,
             response.body.size(), or_dash(header(http::field::referer)),
             or_dash(header(http::field::user_agent)), seconds);
}

}  // namespace qdrantd::rest
