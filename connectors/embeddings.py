"""The embedder that comes with the product: static word embeddings out of wordllama's wheel, 256 dimensions, nothing to download.

An embedding is a function of the text alone.
"""

import logging
from collections.abc import Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 256
BATCH = 64
LONGEST = 20_000


class Embeddings:
    """Implements the Embedder of context_api.context.passages. The model is read when first used, in a tenth of a second or so."""

    name = "wordllama-l2_supercat_256"

    @cached_property
    def _model(self) -> Any:
        root = logging.getLogger()
        handlers, level = list(root.handlers), root.level
        from wordllama import WordLlamaInference

        root.handlers[:], root.level = handlers, level  # wordllama sets up the whole process's logging when it is imported

        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        package = files("wordllama")
        weights = load_file(str(package / "weights" / "l2_supercat_256.safetensors"))
        tokenizer = Tokenizer.from_file(str(package / "tokenizers" / "l2_supercat_tokenizer_config.json"))
        return WordLlamaInference(weights["embedding.weight"], tokenizer)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [len(texts), 256], each of unit length; a text without any word is given the first axis."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        cut = [text[:LONGEST].encode("utf-8", "replace").decode() or " " for text in texts]
        # Texts of like length share a batch: it is padded to its longest.
        order = sorted(range(len(cut)), key=lambda place: len(cut[place]))
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            vectors[places] = self._model.embed([cut[place] for place in places], norm=False, batch_size=BATCH)
        vectors = np.nan_to_num(vectors)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[lengths[:, 0] < 1e-9, 0] = 1.0
        return (vectors / np.where(lengths < 1e-9, 1.0, lengths)).astype(np.float32)
