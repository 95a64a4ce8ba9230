"""A console session is what this server sealed for this key, and nothing else."""

import base64
import time

import pytest

from context_api.console.session import ForgedRequestError, Signer, SignInNeededError

KEY_ID = "0123456789abcdef"


def test_a_sealed_session_opens_again() -> None:
    signer = Signer(b"s" * 32)
    session = signer.start(KEY_ID)
    assert signer.open(signer.seal(session)) == session


def test_a_session_past_its_time_asks_to_sign_in() -> None:
    signer = Signer(b"s" * 32)
    with pytest.raises(SignInNeededError):
        signer.open(signer.seal(signer.start(KEY_ID, hours=-1)))


def test_a_session_of_another_server_asks_to_sign_in() -> None:
    with pytest.raises(SignInNeededError):
        Signer(b"s" * 32).open(Signer(b"t" * 32).seal(Signer(b"t" * 32).start(KEY_ID)))


def test_a_session_with_another_key_put_in_asks_to_sign_in() -> None:
    signer = Signer(b"s" * 32)
    signature = signer.seal(signer.start(KEY_ID)).partition(".")[2]
    forged = base64.urlsafe_b64encode(f"{int(time.time()) + 999}|nonce|ffffffffffffffff".encode()).decode()
    with pytest.raises(SignInNeededError):
        signer.open(f"{forged}.{signature}")


@pytest.mark.parametrize("cookie", [None, "", ".", "a.b", "ä.ö", "=.=", "AAAA", "." * 4000, "\x00"])
def test_what_is_no_session_asks_to_sign_in(cookie: str | None) -> None:
    with pytest.raises(SignInNeededError):
        Signer(b"s" * 32).open(cookie)


def test_a_form_of_another_session_is_refused() -> None:
    signer = Signer(b"s" * 32)
    mine, other = signer.start(KEY_ID), signer.start(KEY_ID)
    signer.check(mine, signer.token(mine))
    for token in (signer.token(other), "", None, "ü"):
        with pytest.raises(ForgedRequestError):
            signer.check(mine, token)


def test_a_forms_token_is_no_session() -> None:
    signer = Signer(b"s" * 32)
    session = signer.start(KEY_ID)
    with pytest.raises(SignInNeededError):
        signer.open(f"{signer.seal(session).partition('.')[0]}.{signer.token(session)}")
