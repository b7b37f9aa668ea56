# SPDX-License-Identifier: Apache-2.0
"""Collections of their own for API tests, on the shared server."""

import itertools

import pytest

_numbers = itertools.count()


@pytest.fixture
def server(shared_server):
    shared_server.assert_running()
    yield shared_server
    shared_server.assert_running()


@pytest.fixture
def rest(server):
    return server.client


@pytest.fixture
def new_collection(rest):
    """Makes collections that are dropped when the test ends; `body` goes to create."""
    made = []

    def make(body=None, size=4, distance="Dot", **more):
        collection = rest.collection(f"c{next(_numbers)}")
        if body is None:
            body = {"vectors": {"size": size, "distance": distance}}
        assert collection.create({**body, **more}).result is True
        made.append(collection)
        return collection

    yield make
    for collection in made:
        collection.drop()


@pytest.fixture
def points(new_collection):
    """An empty collection with an unnamed vector of four dimensions, by Dot."""
    return new_collection()
