// SPDX-License-Identifier: Apache-2.0
// The REST door: HTTP/1.1 and JSON in front of the facade. Make it, start(), and stop() before the
// facade goes away.
// Thread safety: start() and stop() from one thread; port() after start() from any.
// Ownership: borrows the services, which must outlive it. Owns its threads and connections.
// Errors: start() gives kIo when the address cannot be bound.
// Limits: every buffer, time and number of connections is bounded by Options.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <qdrantd/cluster/collection_service.hpp>
#include <qdrantd/cluster/point_service.hpp>
#include <qdrantd/common/result.hpp>

namespace qdrantd::rest {

struct Options {
    std::string host = "0.0.0.0";
    std::uint16_t port = 6333;  // 0: any free one
    std::size_t threads = 2;    // 0: one for each core
    /// Of a body, after decompression.
    std::size_t max_request_bytes = std::size_t{32} * 1024 * 1024;
    std::size_t max_head_bytes = std::size_t{32} * 1024;
    /// Of all bodies being received at once; past it a request is answered 503.
    std::size_t max_buffered_bytes = std::size_t{512} * 1024 * 1024;
    /// Past it new connections wait in the system's queue.
    std::size_t max_connections = 25'000;
    std::chrono::milliseconds keep_alive_timeout{5000};
    std::chrono::milliseconds head_timeout{5000};
    /// A body or an answer may take this long, longer only at min_bytes_per_sec or more, and may
    /// never stand still this long.
    std::chrono::milliseconds transfer_timeout{10'000};
    std::size_t min_bytes_per_sec = 4096;
    /// How long a refused client may go on sending before it is cut.
    std::chrono::milliseconds disconnect_timeout{5000};
    std::chrono::milliseconds drain_timeout{30'000};
    std::chrono::milliseconds read_timeout{60'000};
    bool enable_cors = true;
    /// Answers below this are sent as they are.
    std::size_t compress_min_bytes = std::size_t{32} * 1024;
    std::string version = "1.19.0";  // of the API, as clients check it
    std::string commit;              // 40 hex digits; empty: not told
};

class Server {
  public:
    Server(Options options, cluster::PointService& points, cluster::CollectionService& collections);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    Status start();
    /// The port in use. REQUIRES: started.
    [[nodiscard]] std::uint16_t port() const;
    /// Stops accepting, closes idle connections, lets running requests end for at most
    /// drain_timeout, then cuts what is left. May be called more than once.
    void stop();
    /// As stop(), without waiting for running requests.
    void stop_now();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace qdrantd::rest
