# SPDX-License-Identifier: Apache-2.0
"""Raw HTTP with JSON bodies, keeping every detail of the answer in sight."""

import http.client
import json
import socket
import threading
from urllib.parse import quote, urlencode

from support.waiting import SLOWDOWN


class NotAnswering(Exception):
    """The connection failed or was cut before a whole answer came."""


class Answer:
    """Status, headers and body of one answer."""

    def __init__(self, status, headers, body, request):
        self.status = status
        self.headers = headers
        self.body = body
        self.request = request

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def result(self):
        """The result of a success; fails on an error."""
        assert self.status == 200, str(self)
        document = self.json
        assert document["status"] == "ok" and document["time"] >= 0, str(self)
        return document["result"]

    @property
    def error(self):
        """The message of an error; fails on a success or on another shape."""
        assert self.status >= 400, str(self)
        document = self.json
        assert "result" not in document, str(self)
        assert document["time"] >= 0, str(self)
        return document["status"]["error"]

    def expect_error(self, status, part):
        """`part` is found in the message; returns the message."""
        assert self.status == status, f"expected {status} {part!r}\n{self}"
        assert part in self.error, f"expected {part!r}\n{self}"
        return self.error

    def __str__(self):
        return f"{self.request} -> {self.status} {self.body[:1500]!r}"


class RestClient:
    """One keep-alive connection per thread."""

    def __init__(self, host, port, timeout=30.0):
        self.host = host
        self.port = port
        self.timeout = timeout * SLOWDOWN
        self._local = threading.local()

    def _connection(self):
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
            self._local.connection = connection
        return connection

    def close(self):
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def request(self, method, path, body=None, raw=None, headers=None, **query):
        """`body` is sent as JSON, `raw` (bytes or text) as it is; `query` becomes the query string."""
        if query:
            words = {k: str(v).lower() if isinstance(v, bool) else v for k, v in query.items()}
            path += ("&" if "?" in path else "?") + urlencode(words)
        data = raw if raw is not None else None if body is None else json.dumps(body)
        if isinstance(data, str):
            data = data.encode("utf-8")
        sent = dict(headers or {})
        if data is not None and not any(name.lower() == "content-type" for name in sent):
            sent["Content-Type"] = "application/json"
        shown = f"{method} {path} {(data or b'')[:600]!r}"
        reused = getattr(self._local, "connection", None) is not None
        for attempt in range(2):
            connection = self._connection()
            try:
                connection.request(method, path, body=data, headers=sent)
                response = connection.getresponse()
                answer = Answer(response.status, response.headers, response.read(), shown)
                if response.will_close:
                    self.close()
                return answer
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as cut:
                self.close()
                # A kept connection may have been closed by the server while it was idle; try once afresh.
                if attempt == 1 or not reused:
                    raise NotAnswering(f"{shown}: {cut!r}") from cut
            except (OSError, http.client.HTTPException) as failed:
                self.close()
                raise NotAnswering(f"{shown}: {failed!r}") from failed
        raise NotAnswering(shown)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, body, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, body, **more)

    def delete(self, path, body=None, **more):
        return self.request("DELETE", path, body, **more)

    def collection(self, name):
        return CollectionClient(self, name)

    def raw_socket(self, timeout=None):
        """A bare connection, for clients that misbehave."""
        return socket.create_connection((self.host, self.port), timeout or self.timeout)


class CollectionClient:
    """Short forms of the calls on one collection; writes wait unless told otherwise."""

    def __init__(self, client, name):
        self.client = client
        self.name = name
        self.path = f"/collections/{quote(name, safe='')}"

    def create(self, body=None, **query):
        return self.client.put(self.path, body if body is not None else {}, **query)

    def drop(self):
        return self.client.delete(self.path)

    def info(self):
        return self.client.get(self.path)

    def patch(self, body):
        return self.client.patch(self.path, body)

    def _write(self, method, tail, body, wait=True, **query):
        return self.client.request(method, f"{self.path}{tail}", body, wait=wait, **query)

    def upsert(self, points, wait=True, **extra):
        return self._write("PUT", "/points", {"points": points, **extra}, wait)

    def upsert_batch(self, ids, vectors, payloads=None, **extra):
        batch = {"ids": ids, "vectors": vectors}
        if payloads is not None:
            batch["payloads"] = payloads
        return self._write("PUT", "/points", {"batch": batch, **extra})

    def delete(self, wait=True, **selector):
        return self._write("POST", "/points/delete", selector, wait)

    def set_payload(self, payload, wait=True, **selector):
        return self._write("POST", "/points/payload", {"payload": payload, **selector}, wait)

    def overwrite_payload(self, payload, wait=True, **selector):
        return self._write("PUT", "/points/payload", {"payload": payload, **selector}, wait)

    def delete_payload(self, keys, wait=True, **selector):
        return self._write("POST", "/points/payload/delete", {"keys": keys, **selector}, wait)

    def clear_payload(self, wait=True, **selector):
        return self._write("POST", "/points/payload/clear", selector, wait)

    def update_vectors(self, points, wait=True, **extra):
        return self._write("PUT", "/points/vectors", {"points": points, **extra}, wait)

    def delete_vectors(self, names, wait=True, **selector):
        return self._write("POST", "/points/vectors/delete", {"vector": names, **selector}, wait)

    def batch(self, operations, wait=True):
        return self._write("POST", "/points/batch", {"operations": operations}, wait)

    def create_index(self, field, schema, wait=True):
        return self._write("PUT", "/index", {"field_name": field, "field_schema": schema}, wait)

    def drop_index(self, field, wait=True):
        return self._write("DELETE", f"/index/{quote(field, safe='')}", None, wait)

    def point(self, point_id):
        return self.client.get(f"{self.path}/points/{point_id}")

    def retrieve(self, ids, **body):
        return self.client.post(f"{self.path}/points", {"ids": ids, **body})

    def scroll(self, **body):
        return self.client.post(f"{self.path}/points/scroll", body)

    def scroll_all(self, page=64, **body):
        """Every matching record, by following the pages."""
        records, offset = [], None
        while True:
            request = {"limit": page, **body}
            if offset is not None:
                request["offset"] = offset
            result = self.scroll(**request).result
            records += result["points"]
            offset = result["next_page_offset"]
            if offset is None:
                return records

    def ids(self, filter=None):
        body = {"with_payload": False}
        if filter is not None:
            body["filter"] = filter
        return [record["id"] for record in self.scroll_all(**body)]

    def count(self, **body):
        return self.client.post(f"{self.path}/points/count", body)

    def query(self, **body):
        return self.client.post(f"{self.path}/points/query", body)

    def query_batch(self, searches):
        return self.client.post(f"{self.path}/points/query/batch", {"searches": searches})

    def search(self, **body):
        return self.client.post(f"{self.path}/points/search", body)

    def search_batch(self, searches):
        return self.client.post(f"{self.path}/points/search/batch", {"searches": searches})
