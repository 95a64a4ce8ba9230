"""What the connectors of files rest on: the signatures of requests."""

from datetime import UTC, datetime

import httpx
import pytest

from connectors.errors import ConfigurationError
from connectors.http.sigv4 import Signature

AT = datetime(2013, 5, 24, tzinfo=UTC)
#: The key of the examples that Amazon publishes with the algorithm.
EXAMPLE = "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.fixture
def signature(monkeypatch: pytest.MonkeyPatch) -> Signature:
    monkeypatch.setenv("FILES_SECRET", EXAMPLE)
    return Signature("files", "env:FILES_SECRET", now=lambda: AT)


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/test.txt", {"Range": "bytes=0-9"}, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("/?lifecycle", {}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/?max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ],
)
def test_requests_are_signed_as_in_the_published_examples(signature: Signature, path: str, headers: dict[str, str], expected: str) -> None:
    request = httpx.Request("GET", f"https://examplebucket.s3.amazonaws.com{path}", headers=headers)
    assert signature.sign(request)["Authorization"].endswith(f"Signature={expected}")


def test_a_session_s_token_is_signed_and_sent_and_the_secret_is_not(signature: Signature, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_SECRET", f"{EXAMPLE}:session")
    headers = signature.sign(httpx.Request("GET", "https://examplebucket.s3.amazonaws.com/a b+c"))
    assert headers["x-amz-security-token"] == "session"
    assert "x-amz-security-token" in headers["Authorization"]
    assert "bPxRfiCY" not in str(headers)


def test_half_a_secret_is_refused(signature: Signature, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_SECRET", "only-a-key")
    with pytest.raises(ConfigurationError, match="KEY:SECRET"):
        signature.sign(httpx.Request("GET", "https://examplebucket.s3.amazonaws.com/"))
