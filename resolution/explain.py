"""Why two records match or do not: field by field, in bits and in words. It is the same sum as in `score`, spelled out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from resolution.compare import ORDER_LEVELS, Levels, level_words
from resolution.compare.few import levels_of
from resolution.normalize.addresses import SEPARATOR
from resolution.normalize.kinds import KIND_NAMES, ORGANIZATION, PERSON, UNKNOWN
from resolution.normalize.profile import Profile
from resolution.rules import RULES, Shared, decide_few
from resolution.score import bits_of, ordered, score_levels
from resolution.score.model import Model

_LABELS = {
    "given": "given name", "family": "family name", "order": "order of names", "middle": "middle name", "birth_date": "date of birth",
    "workplace": "workplace", "identifier": "identifier", "domain": "web domain",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """One comparison: the two values as normalised, the level in words, its bits (log2 m/u) and those of term frequency."""

    field: str
    left: str
    right: str
    level: str
    bits: float
    term_frequency_bits: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole of a pair's weight in bits: prior + fields + related = weight, to a millionth for each.

    related: a correction, never positive, for what related parties share too; relation: which, where that costs a bit or more. verdict
    and rule: what the deterministic rules say (+1, -1, 0), which outweighs the bits; identifier: the one that decided.
    """

    kind: str
    prior: float
    fields: tuple[FieldEvidence, ...]
    related: float
    relation: str
    weight: float
    probability: float
    verdict: int
    rule: str
    identifier: str

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(orjson.dumps(self))
        return found


def pair(one: Profile, two: Profile, model: Model) -> Evidence:
    """The evidence on two records, `one` the left; identifiers that too many records share have to be out of them."""
    return pairs([(one, two)], model)[0]


def pairs(both: Sequence[tuple[Profile, Profile]], model: Model) -> list[Evidence]:
    """The evidence on each pair."""
    seen = levels_of(both)
    scores = score_levels(seen, model)
    decided = decide_few(both, seen, Shared())
    fields = _fields(both, seen, model)
    return [
        Evidence(
            KIND_NAMES[kind],
            model.parts[kind if kind != UNKNOWN else PERSON].prior,
            tuple(fields[row]),
            round(related, 6),
            scores.relation(row) if related <= -1 else "",
            float(scores.weight[row]),
            float(scores.probability[row]),
            int(decided.verdict[row]),
            RULES[decided.rule[row]],
            decided.term[row],
        )
        for row, (kind, related) in enumerate(zip(seen.kind.tolist(), scores.related.tolist(), strict=True))
    ]


def _fields(both: Sequence[tuple[Profile, Profile]], seen: Levels, model: Model) -> list[list[FieldEvidence]]:
    """For each pair the comparisons in which both records have a value, in the order in which bits are summed."""
    fields: list[list[FieldEvidence]] = [[] for _ in both]
    for kind in (PERSON, ORGANIZATION):
        rows, part = np.flatnonzero(seen.kind == kind), model.parts[kind]
        for name in ordered(seen):
            parameters = part.comparing(name)
            if parameters is None or not len(rows):
                continue
            compared, label, words = seen.comparisons[name].take(rows), _label(name), level_words(name)
            told = (bits.tolist() for bits in bits_of(part, name, parameters, compared))
            for row, level, base, rarity in zip(rows.tolist(), compared.level.tolist(), *told, strict=True):
                if level >= 0:
                    left, right = (_shown(profile, name) for profile in both[row])
                    fields[row].append(FieldEvidence(label, left, right, words[level], round(base, 6), round(rarity, 6)))
    return fields


def _label(name: str) -> str:
    return _LABELS.get(name, name.partition(":")[2] or name)


def _shown(profile: Profile, name: str) -> str:
    """A record's values of a comparison as a person would read them."""
    none: Sequence[str] = ()
    if name == "order":
        return " ".join(value for column in ("given", "family") for value in profile.terms.get(column, none))
    show: Callable[[str], str] = str
    if name == "address":
        show = _address
    elif name == "birth_date":
        show = _date
    return " or ".join(show(value) for value in profile.terms.get(name, none))


def _address(term: str) -> str:
    number, street, city, region, postcode, country = term.split(SEPARATOR)
    return ", ".join(part for part in (f"{number} {street}".strip(), f"{postcode} {city}".strip(), region, country) if part)


def _date(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else digits


def sentence(evidence: Evidence) -> str:
    """The evidence in words for a data steward: the verdict first, then what speaks for and what against, strongest first."""
    told = [_verdict(evidence)]
    if evidence.rule == RULES[3]:
        told.append("They share one identifier and differ in another, so no rule decides.")
    speaking = sorted(
        ((each.bits + each.term_frequency_bits, each) for each in evidence.fields if each.level != ORDER_LEVELS[1]),
        key=lambda item: -abs(item[0]),
    )
    for heading, fitting in (
        ("For it", [item for item in speaking if item[0] >= 0.5]),
        ("Against it", [item for item in speaking if item[0] <= -0.5]),
    ):
        if fitting:
            told.append(f"{heading}: " + "; ".join(_told(bits, each) for bits, each in fitting) + ".")
    if evidence.relation:
        told.append(f"What they share would fit {evidence.relation} too, which takes back {-evidence.related:.1f} bits.")
    if evidence.kind != KIND_NAMES[UNKNOWN]:
        told.append(f"Two records taken at random start at {evidence.prior:.1f} bits; with all of it they stand at {evidence.weight:+.1f}.")
    return " ".join(told)


def _verdict(evidence: Evidence) -> str:
    if evidence.rule == "different kinds":
        return "Never the same: one is a person and the other an organisation."
    if evidence.verdict > 0:
        return f"The same by rule, {evidence.rule}: both carry {evidence.identifier.replace(':', ' ', 1)}."
    if evidence.verdict < 0:
        return f"Never the same by rule, {evidence.rule}: theirs contradict each other."
    chance = (
        f"{evidence.probability:.2%}"
        if 0.0001 < evidence.probability < 0.9999
        else "over 99.99%"
        if evidence.probability > 0.5
        else "under 0.01%"
    )
    return f"{'Probably the same' if evidence.weight >= 0 else 'Probably not the same'}: a chance of {chance}."


def _told(bits: float, each: FieldEvidence) -> str:
    values = each.left if each.left == each.right else f"{each.left or 'none'} / {each.right or 'none'}"
    rarity = ""
    if abs(each.term_frequency_bits) >= 0.5:
        rarity = f", {each.term_frequency_bits:+.1f} of them since the value is {'rare' if each.term_frequency_bits > 0 else 'common'}"
    return f"{each.field} {each.level} ({values}; {bits:+.1f} bits{rarity})"
