"""The sources that `crosswalk.toml` declares.

A declaration holds a reference to a secret, never a secret; what is said at the top of the file (own_domains, own_names) holds for each.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from croniter import croniter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from connectors import secrets
from connectors.errors import ConfigurationError
from connectors.http.oauth import OAuthSettings
from connectors.mapping import locales
from connectors.registry import KINDS, connector_class, options_of

NAME = r"[a-z][a-z0-9_]*"
MEND = "Mend that, then run `crosswalk check`."
Fraction = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """One `[[source]]`.

    options:  what only this kind of source has (url, path, ...), checked by the connector's own model.
    mapping:  the user's own fields: stream -> {our attribute: path, or [path, transform]}, added to the connector's table.
    oauth:    where a token is got for it instead of a key: http.oauth.OAuthSettings, in which secrets are references.
    streams:  which of the connector's streams to sync; empty for all.
    believe_deletions: tombstone what a source no longer lists even where that is most of it.
    locale:   how values are written in it (de, en-GB): for the dates, amounts and phones of its own fields.
    most_changed: the part of a stream that a run may change or delete; one that does more waits until somebody has looked (1: never).
    """

    name: str
    kind: str
    authority: float = 0.5
    attribute_authority: Mapping[str, float] = field(default_factory=dict)
    schedule: str | None = None
    secret: str | None = None
    oauth: Mapping[str, Any] | None = None
    webhook_secret: str | None = None
    streams: tuple[str, ...] = ()
    believe_deletions: bool = False
    most_changed: float = 0.5
    locale: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    own_domains: tuple[str, ...] = ()
    own_names: tuple[str, ...] = ()

    def settings(self) -> dict[str, Any]:
        """What `landing.source` shows of it: no secret, not even its reference."""
        return {
            "schedule": self.schedule,
            "streams": list(self.streams),
            **{key: str(value) for key, value in sorted(self.options.items())},
        }


def _cron(said: str) -> str:
    """When a source is synced, as the scheduler takes it: one that it does not take would take down all of Dagster's definitions."""
    told = said.strip()
    try:
        if not told.startswith("@") and len(told.split()) != 5:
            raise ValueError("it has five fields: minute, hour, day of month, month, day of week")
        croniter.expand(told, strict=True)
    except ValueError as error:
        example = '"0 6 * * *" is every day at six, "*/15 * * * *" every 15 minutes'
        raise ValueError(f"{said!r} is no cron expression: {error}. {example}.") from error
    return told


class _Source(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
    kind: str
    authority: Fraction = 0.5
    attribute_authority: dict[str, Fraction] = {}
    schedule: Annotated[str, AfterValidator(_cron)] | None = None
    secret: str | None = None
    oauth: dict[str, Any] | None = None
    webhook_secret: str | None = None
    streams: tuple[str, ...] = ()
    believe_deletions: bool = False
    most_changed: Fraction = 0.5
    locale: str | None = None
    mapping: dict[str, dict[str, Any]] = {}


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    own_domains: tuple[str, ...] = ()
    own_names: tuple[str, ...] = ()
    source: list[dict[str, Any]] = []


def load(path: Path) -> list[SourceDeclaration]:
    """The declared sources, relative paths taken from the file's folder. ConfigurationError names the file, line and key that is wrong."""
    try:
        content = path.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigurationError(f"there is no {path}", action="Run `crosswalk init` to write one, or name yours with --config.") from error
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}", action="Give a file that this user may read.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8: {error.reason} at byte {error.start}", action=MEND) from error
    try:
        return parse(content, path.parent)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}", action=MEND) from error
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}{error}", action=MEND) from error


def parse(content: str, folder: Path = Path()) -> list[SourceDeclaration]:
    """The declarations in the text; relative paths start in `folder`. ConfigurationError's message begins with the place."""
    try:
        file = _File.model_validate(tomllib.loads(content))
    except ValidationError as error:
        raise ConfigurationError(_say(error, content, None)) from error
    found: list[SourceDeclaration] = []
    for number, raw in enumerate(file.source):
        found.append(_declaration(raw, number, content, file, folder))
        if found[-1].name in [one.name for one in found[:-1]]:
            raise ConfigurationError(f"{_place(content, number, 'name')}: two sources are named {found[-1].name!r}")
    return found


def _declaration(raw: Mapping[str, Any], number: int, content: str, file: _File, folder: Path) -> SourceDeclaration:
    try:
        source = _Source.model_validate(raw)
        if source.kind not in KINDS:
            raise ConfigurationError(f"{_place(content, number, 'kind')}: there is no kind {source.kind!r}; there are {', '.join(KINDS)}")
        options = options_of(source.kind).model_validate(source.model_extra or {})
    except ValidationError as error:
        raise ConfigurationError(_say(error, content, number)) from error
    for key, reference in (("secret", source.secret), ("webhook_secret", source.webhook_secret)):
        try:
            if reference is not None:
                secrets.check_reference(reference)
        except ConfigurationError as error:
            raise ConfigurationError(f"{_place(content, number, key)}: {error}") from error
    if source.oauth is not None:
        _check_oauth(source, number, content)
    values = {key: _from(folder, value) for key, value in options.model_dump().items()}
    return SourceDeclaration(
        **source.model_dump(exclude={"mapping", *(source.model_extra or {})}),
        mapping=_own_fields(source, number, content),
        options=values,
        own_domains=_lower(file.own_domains),
        own_names=file.own_names,
    )


def _check_oauth(source: _Source, number: int, content: str) -> None:
    try:
        OAuthSettings.model_validate({**connector_class(source.kind).oauth_defaults, **(source.oauth or {})})
    except ValidationError as error:
        first = error.errors()[0]
        what = "is not a key that this has" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        key = ".".join(["oauth", *map(str, first["loc"])])
        raise ConfigurationError(f"{_place(content, number, str((*first['loc'], 'oauth')[0]))}: {key}: {what}") from None


def _own_fields(source: _Source, number: int, content: str) -> dict[str, dict[str, Any]]:
    """The user's own fields, checked, with the source's locale where a transform needs one and says none."""
    try:
        locale = locales.check(source.locale) if source.locale else None
    except ValueError as error:
        raise ConfigurationError(f"{_place(content, number, 'locale')}: {error}") from error
    found: dict[str, dict[str, Any]] = {}
    for stream, fields in source.mapping.items():
        for name, said in fields.items():
            said = _localised(said, locale) if locale else said
            try:
                connector_class(source.kind).check_field(name, said)
            except ConfigurationError as error:
                raise ConfigurationError(f"{_place(content, number, 'mapping', stream, name)}: {error}") from error
            found.setdefault(stream, {})[name] = said
    return found


def _localised(said: Any, locale: str) -> Any:
    match said:
        case [str(path), str(transform)]:
            return [path, locales.localised(transform, locale)]
        case dict():
            return {name: _localised(one, locale) for name, one in said.items()}
        case [*several]:
            return [_localised(one, locale) for one in several]
    return said


def _from(folder: Path, value: Any) -> Any:
    return folder / value.expanduser() if isinstance(value, Path) else value


def _lower(domains: Sequence[str]) -> tuple[str, ...]:
    return tuple(domain.lower().lstrip("@") for domain in domains)


def _say(error: ValidationError, content: str, number: int | None) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    what = {"extra_forbidden": "is not a key that this has", "missing": "is missing"}.get(first["type"], first["msg"])
    return f"{_place(content, number, *first['loc'])}: {key}: {what.removeprefix('Value error, ')}"


def _place(content: str, number: int | None, *path: str | int) -> str:
    """`:12 (source 2)`: the line of the key in the numbered source, as deep in its tables as the key can be found; else of the source."""
    lines = content.splitlines()
    begin, end = _nth(lines, (1, len(lines) + 1), "source", number) if number is not None else (1, len(lines) + 1)
    where, name = begin, "source"
    for part, following in zip(path, (*path[1:], None), strict=True):
        if isinstance(part, int):
            continue
        name = f"{name}.{part}"
        if isinstance(following, int):
            begin, end = _nth(lines, (begin, end), re.escape(name), following)
            where = begin
            continue
        key = re.escape(part)
        table = _line(lines, (begin, end), rf"\s*\[{re.escape(name)}\]")
        where = table or _line(lines, (begin, end), rf"\s*\"?{key}\"?\s*[.=]|.*[{{,]\s*{key}\s*=") or where
        begin = table or begin
    return f":{where}" + (f" (source {number + 1})" if number is not None else "")


def _line(lines: Sequence[str], within: tuple[int, int], pattern: str) -> int | None:
    return next((line for line in range(*within) if re.match(pattern, lines[line - 1])), None)


def _nth(lines: Sequence[str], within: tuple[int, int], name: str, number: int) -> tuple[int, int]:
    """The lines from the numbered `[[name]]` to the next; all of them where there is none."""
    begin, end = within
    starts = [line for line in range(begin, end) if re.match(rf"\s*\[\[\s*{name}\s*\]\]", lines[line - 1])]
    if number >= len(starts):
        return within
    return starts[number], starts[number + 1] if number + 1 < len(starts) else end


def example() -> str:
    """A commented crosswalk.toml for `crosswalk init`."""
    return (Path(__file__).parent / "example.toml").read_text("utf-8")
