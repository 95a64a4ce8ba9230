"""The language model: a judge of pairs in doubt and a writer of summaries, behind the Protocols that need them.

It is never in the way: without a key there is none; a refusal, a cut-off or malformed answer, a limit, a timeout or a spent budget is
"unsure", or no summary, and never an exception. Every call is recorded, answered or not; a question that was answered before, by the same
model and prompt, is answered from the record and costs nothing.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import anthropic
from pydantic import BaseModel, ValidationError
from sqlalchemy import insert, select

from connectors import prompts, secrets
from connectors.errors import AuthenticationError
from connectors.mapping.staged import clean, digest
from connectors.settings import Settings
from sql.database import Database
from sql.tables import governance

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: for which purpose, by which prompt, about what content, at most so many tokens of answer."""

    purpose: str
    version: str
    system: str
    content: str
    most_tokens: int


def from_settings(database: Database, settings: Settings | None = None) -> "LanguageModel | None":
    """The language model of the settings, or None where its key is not set."""
    settings = settings or Settings()
    try:
        key = secrets.resolve(settings.language_model_key)
    except AuthenticationError:
        return None
    client = anthropic.Anthropic(
        auth_token=None, api_key=key.value, base_url=settings.language_model_url, timeout=settings.language_model_timeout, max_retries=2
    )
    return LanguageModel(database, client, settings)


class LanguageModel:
    """Implements resolution's Judge and the context's Writer. One instance is one run: its budget is spent once."""

    def __init__(self, database: Database, client: anthropic.Anthropic, settings: Settings) -> None:
        self.name = settings.language_model
        self._database, self._client, self._settings = database, client, settings
        self._calls = self._tokens = 0

    def judge(self, pairs: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
        """An answer for each pair, in order: verdict, confidence, reason, by. Where there is none, unsure, with low confidence."""
        return [self._judged(pair) for pair in pairs]

    def write(self, facts: dict[str, Any]) -> dict[str, str] | None:
        """Texts card, brief and full that cite the facts' marks; None where there is no answer, or it cites what is not there."""
        question = Question("summarise", prompts.WRITER_VERSION, prompts.WRITER, prompts.enclosed("facts", facts), 1500)
        answer = self._ask(question, prompts.Summary)
        if answer is None:
            return None
        marks = {str(fact.get("mark")) for fact in facts.get("facts", []) if isinstance(fact, Mapping)}
        texts = {name: clean(text).strip() for name, text in answer.model_dump().items()}
        cited = {mark for text in texts.values() for mark in re.findall(r"\[(\d+)\]", text)}
        return texts if cited <= marks and all(re.search(r"\[\d+\]", text) for text in texts.values()) else None

    def close(self) -> None:
        self._client.close()

    def _judged(self, pair: dict[str, Any]) -> dict[str, str]:
        question = Question("adjudicate", prompts.JUDGE_VERSION, prompts.JUDGE, prompts.enclosed("records", pair), 400)
        answer = self._ask(question, prompts.Verdict)
        by = f"{self.name} {prompts.JUDGE_VERSION}"
        if answer is None:
            return {"verdict": "unsure", "confidence": "low", "reason": "The language model gave no answer.", "by": by}
        return {"verdict": answer.verdict, "confidence": answer.confidence, "reason": clean(answer.reason)[:500], "by": by}

    def _ask(self, question: Question, form: type[Answer]) -> Answer | None:
        asked = digest(question.purpose, question.system, question.content)
        known = self._remembered(question, asked, form)
        if known is not None or self._is_spent():
            return known
        self._calls += 1
        began = time.perf_counter()
        answer, record = self._call(question, form)
        self._tokens += record["input_tokens"] + record["output_tokens"]
        row = insert(governance.model_call).values(
            purpose=question.purpose,
            model=self.name,
            prompt_version=question.version,
            input_hash=asked,
            output=clean(answer.model_dump()) if answer else None,
            milliseconds=(time.perf_counter() - began) * 1000,
            **record,
        )
        with self._database.begin() as connection:
            connection.execute(row)
        return answer

    def _is_spent(self) -> bool:
        return self._calls >= self._settings.language_model_calls or self._tokens >= self._settings.language_model_tokens

    def _remembered(self, question: Question, asked: bytes, form: type[Answer]) -> Answer | None:
        table = governance.model_call
        here = (
            table.c.input_hash == asked,
            table.c.model == self.name,
            table.c.prompt_version == question.version,
            table.c.output.is_not(None),
        )
        with self._database.begin() as connection:
            output = connection.execute(select(table.c.output).where(*here).order_by(table.c.id).limit(1)).scalar_one_or_none()
        try:
            return form.model_validate(output) if output is not None else None
        except ValidationError:
            return None

    def _call(self, question: Question, form: type[Answer]) -> tuple[Answer | None, dict[str, Any]]:
        """(answer or None, what to record of the call)."""
        try:
            message = self._client.messages.parse(
                model=self.name,
                max_tokens=question.most_tokens,
                system=question.system,
                messages=[{"role": "user", "content": question.content}],
                output_format=form,
            )
        except ValidationError:
            return None, _record("the answer was cut off or malformed")
        except anthropic.APIStatusError as error:
            return None, _record(f"{type(error).__name__} {error.status_code}")
        except anthropic.AnthropicError as error:
            return None, _record(type(error).__name__)
        except Exception as error:  # noqa: BLE001  an answer that the client itself can't read is no reason to stop a run
            return None, _record(f"the answer can't be read: {type(error).__name__}")
        usage = (message.usage.input_tokens, message.usage.output_tokens)
        if message.stop_reason in ("refusal", "max_tokens") or message.parsed_output is None:
            return None, _record(f"no answer: {message.stop_reason}", *usage)
        return message.parsed_output, _record(None, *usage)


def _record(error: str | None, input_tokens: int = 0, output_tokens: int = 0) -> dict[str, Any]:
    return {"error": error, "input_tokens": input_tokens, "output_tokens": output_tokens}
