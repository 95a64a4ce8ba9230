"""The embedder that comes with the product, out of the files in wordllama's wheel."""

import logging

import numpy as np

from connectors.embeddings import Embeddings


def test_texts_of_like_meaning_are_near_and_every_vector_has_unit_length() -> None:
    handlers = list(logging.getLogger().handlers)
    embedder = Embeddings()
    texts = ["the invoice is overdue", "payment for the bill is late", "the cat sleeps", "", "\ud800 \x00", "word " * 50_000]
    vectors = embedder.embed(texts)
    assert (vectors.shape, vectors.dtype) == ((6, 256), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert logging.getLogger().handlers == handlers, "importing wordllama must not set up our logging"


def test_a_vector_does_not_depend_on_what_is_embedded_beside_it() -> None:
    embedder = Embeddings()
    alone = embedder.embed(["some text"])
    beside = embedder.embed(["another and much longer text than that", "some text", "x"])
    assert np.allclose(alone[0], beside[1])
    assert embedder.embed([]).shape == (0, 256)
