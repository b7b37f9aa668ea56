// SPDX-License-Identifier: Apache-2.0
// A bare socket for tests: sends any bytes and reads whole answers. Thread safety: none.
// Errors: reads end after five seconds; an answer that did not come has status 0.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace qdrantd::rest {

struct Answer {
    int status = 0;
    std::string head;
    std::string body;
};

class RawClient {
  public:
    explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval limit{5, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    RawClient(RawClient&& other) noexcept
        : socket_(std::exchange(other.socket_, -1)),
          connected_(other.connected_),
          received_(std::move(other.received_)) {}
    RawClient& operator=(RawClient&&) = delete;
    ~RawClient() {
        if (socket_ >= 0) ::close(socket_);
    }

    [[nodiscard]] bool connected() const { return connected_; }

    /// False when the server closed before all was sent.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    Answer receive() {
        Answer answer;
        std::size_t end = 0;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) return answer;
        }
        answer.head = received_.substr(0, end + 2);
        received_.erase(0, end + 4);
        std::size_t length = 0;
        if (const auto at = answer.head.find("content-length: "); at != std::string::npos) {
            length = std::strtoull(answer.head.c_str() + at + 16, nullptr, 10);
        }
        while (received_.size() < length) {
            if (!more()) return answer;
        }
        answer.body = received_.substr(0, length);
        received_.erase(0, length);
        answer.status = std::atoi(answer.head.c_str() + 9);
        return answer;
    }

    Answer ask(std::string_view method, std::string_view target, std::string_view body = {},
               std::string_view headers = {}) {
        std::string request(method);
        request.append(" ").append(target).append(" HTTP/1.1\r\nhost: x\r\n").append(headers);
        if (!body.empty()) {
            request.append("content-length: ").append(std::to_string(body.size())).append("\r\n");
        }
        request.append("\r\n").append(body);
        send(request);
        return receive();
    }

    /// True once the server has ended the connection; what it still sent is thrown away.
    bool ended() {
        received_.clear();
        while (more())
            received_.clear();
        return ended_;
    }

    /// True once the server sent something or ended the connection; waits for it so long.
    [[nodiscard]] bool readable_within(int milliseconds) const {
        pollfd wanted{socket_, POLLIN, 0};
        return ::poll(&wanted, 1, milliseconds) > 0;
    }

  private:
    bool more() {
        char bytes[16 * 1024];  // NOLINT
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        // A reset ends it too; a timeout does not.
        ended_ = got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
        if (got <= 0) return false;
        received_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }

    int socket_;
    bool connected_ = false;
    bool ended_ = false;
    std::string received_;
};

}  // namespace qdrantd::rest
