"""The sandbox as a whole: built once into a folder, then changed in memory as a living company changes its records.

`build` is idempotent: a folder that already holds this seed, size and generator is read, not written. Its manifest is written last, so
a folder left half-written is built anew. Changes to CRM and ERP live in memory only; the next `build` starts from the beginning again.
"""

import hashlib
import json
import shutil
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from threading import RLock
from typing import Any

from crosswalk.sandbox.correspondence import Correspondence
from crosswalk.sandbox.crm import Crm, make_crm, written
from crosswalk.sandbox.documents import make_documents, write_documents
from crosswalk.sandbox.erp import Erp, make_erp
from crosswalk.sandbox.maildir import write_maildir
from crosswalk.sandbox.questions import Examiner
from crosswalk.sandbox.trade import make_trade
from crosswalk.sandbox.truth import Question, Truth
from crosswalk.sandbox.vocabulary import BUILDINGS, TITLES
from crosswalk.sandbox.world import TODAY, make_world

MARK = ".crosswalk-sandbox"
ERP_STREAMS = {"customers": "res.partner", "orders": "sale.order", "invoices": "account.move", "payments": "account.payment"}


class SandboxError(Exception):
    """The sandbox cannot do what was asked of it."""


@dataclass(slots=True)
class Sandbox:
    """A made company. `truth` maps a record's reference to its true party; references are explained in `truth`.

    `revision` counts changes; what is derived from the records (orders of ids) is kept as long as it stands still.
    """

    folder: Path
    seed: int
    size: int
    today: date
    crm: Crm
    erp: Erp
    truth: dict[str, str]
    questions: list[Question]
    hardness: dict[str, int]
    revision: int = 0
    lock: RLock = field(default_factory=RLock)
    _derived: "OrderedDict[str, tuple[int, Any]]" = field(default_factory=OrderedDict)

    @property
    def maildir(self) -> Path:
        """The Maildir of mails."""
        return self.folder / "maildir"

    @property
    def documents(self) -> Path:
        """The folder of documents."""
        return self.folder / "documents"

    def now(self) -> datetime:
        """The vendors' clock: eight o'clock of the sandbox's day, and a second more for each change."""
        return datetime(self.today.year, self.today.month, self.today.day, 8) + timedelta(seconds=self.revision)  # noqa: DTZ001

    def derived(self, key: str, make: Any) -> Any:
        """`make()`, or what it gave when last asked for the key since the last change; the 64 latest are kept."""
        with self.lock:
            held = self._derived.get(key)
            if held is None or held[0] != self.revision:
                held = (self.revision, make())
                self._derived[key] = held
            self._derived.move_to_end(key)
            while len(self._derived) > 64:
                self._derived.popitem(last=False)
            return held[1]

    def change(self, n: int, seed: int = 0) -> list[str]:
        """Changes n party records of CRM and ERP in place (a title, a telephone, a street), and returns their references."""
        rng = Random(f"{self.seed}/{seed}/change")
        with self.lock:
            living = [f"crm/companies/{key}" for key, one in self.crm.companies.items() if not one["archived"]]
            living += [f"crm/contacts/{key}" for key, one in self.crm.contacts.items() if not one["archived"]]
            living += [f"erp/customers/{key}" for key, one in self.erp.models["res.partner"].items() if one["active"]]
            if n > len(living):
                raise SandboxError(f"cannot change {n} records: there are {len(living)}")
            chosen = rng.sample(living, n)
            for reference in chosen:
                self._alter(reference, rng)
        return chosen

    def archive(self, reference: str) -> None:
        """Archives a CRM or ERP record. The CRM does not count that as a change, the ERP does."""
        with self.lock:
            record = self._record(reference)
            self.revision += 1
            if reference.startswith("crm/"):
                record |= {"archived": True, "archivedAt": written(self.now())}
            else:
                record |= {"active": False, "write_date": f"{self.now():%Y-%m-%d %H:%M:%S}"}

    def delete(self, reference: str) -> None:
        """Deletes a record for good: from the CRM, the ERP, or the folder of documents. Its true party is forgotten."""
        source, stream, key = reference.split("/", 2)
        with self.lock:
            if source == "documents" and stream == "files":
                (self.documents / key).unlink()
                for party in [one for one in self.truth if one.startswith(f"documents/parties/{key}#")]:
                    del self.truth[party]
            else:
                self._record(reference)
                if source == "crm":
                    del self._crm(stream)[key]
                    self._forget_associations(stream, key)
                else:
                    del self.erp.models[ERP_STREAMS[stream]][int(key)]
            self.truth.pop(reference, None)
            self.revision += 1

    def _crm(self, kind: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = getattr(self.crm, kind)
        return found

    def _record(self, reference: str) -> dict[str, Any]:
        source, stream, key = (*reference.split("/", 2), "", "")[:3]
        if source == "crm" and stream in ("companies", "contacts", "deals", "tickets") and key in self._crm(stream):
            return self._crm(stream)[key]
        if source == "erp" and stream in ERP_STREAMS and key.isdigit() and int(key) in self.erp.models[ERP_STREAMS[stream]]:
            return self.erp.models[ERP_STREAMS[stream]][int(key)]
        raise SandboxError(f"no CRM or ERP record {reference!r}: a reference is crm/<type>/<id> or erp/<stream>/<id>")

    def _alter(self, reference: str, rng: Random) -> None:
        record = self._record(reference)
        self.revision += 1
        if reference.startswith("erp/"):
            field, choices = ("street2", BUILDINGS) if record["is_company"] else ("function", TITLES)
            record[field] = rng.choice([one for one in choices if one != record[field]])
            record["write_date"] = f"{self.now():%Y-%m-%d %H:%M:%S}"
            return
        properties, contact = record["properties"], reference.startswith("crm/contacts/")
        if contact:
            properties["jobtitle"] = rng.choice([one for one in TITLES if one != properties.get("jobtitle")])
        else:
            properties["numberofemployees"] = str(int(properties.get("numberofemployees", "40")) + rng.randrange(1, 20))
        record["updatedAt"] = properties["lastmodifieddate" if contact else "hs_lastmodifieddate"] = written(self.now())

    def _forget_associations(self, kind: str, key: str) -> None:
        for pair, known in self.crm.associations.items():
            one, other = pair.split("/")
            if one == kind:
                for far in known.pop(key, []):
                    back = self.crm.associations[f"{other}/{one}"].get(far, [])
                    if key in back:
                        back.remove(key)


def build(folder: Path, *, seed: int = 7, organizations: int = 400, today: date = TODAY) -> Sandbox:
    """Writes the sandbox of a seed and size under the folder, or reads it where it is already written, and returns it.

    Raises SandboxError where the folder holds a maildir or documents that no sandbox made.
    """
    manifest = {"seed": seed, "organizations": organizations, "today": str(today), "generator": _generator()}
    folder = Path(folder)
    if _is_built(folder, manifest):
        return _read(folder, manifest)
    _clear(folder)
    world = make_world(seed, organizations, today)
    trade, truth = make_trade(world), Truth()
    crm = make_crm(world, trade, truth)
    erp = make_erp(world, trade, truth, crm)
    documents, attachments = make_documents(world, trade, truth)
    mails = Correspondence(world, trade, truth).messages
    truth.questions = Examiner(world, trade, truth).ask()
    write_documents(folder / "documents", documents)
    write_maildir(folder / "maildir", mails, attachments)
    _write(folder / "crm.json", asdict(crm))
    _write(folder / "erp.json", erp.models)
    _write(folder / "truth.json", truth.as_json() | {"hardness": dict(world.hardness)})
    _write(folder / "manifest.json", manifest | {"files": _count(folder)})
    return _read(folder, manifest)


def _generator() -> str:
    """A digest of this package's source: another generator makes another company."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _count(folder: Path) -> int:
    return sum(1 for part in ("maildir", "documents") for path in (folder / part).rglob("*") if path.is_file())


def _is_built(folder: Path, manifest: dict[str, Any]) -> bool:
    path = folder / "manifest.json"
    if not path.is_file():
        return False
    found = json.loads(path.read_text())
    return bool(found == manifest | {"files": _count(folder)})


def _clear(folder: Path) -> None:
    for part in ("maildir", "documents"):
        if (folder / part).exists():
            if not (folder / MARK).exists():
                raise SandboxError(f"{folder / part} was not made by a sandbox: choose an empty folder")
            shutil.rmtree(folder / part)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    (folder / "manifest.json").unlink(missing_ok=True)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _read(folder: Path, manifest: dict[str, Any]) -> Sandbox:
    """Always from the files, so that a sandbox just built and one built before are the same."""
    crm, erp, truth = (json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("crm", "erp", "truth"))
    models = {model: {int(key): record for key, record in records.items()} for model, records in erp.items()}
    return Sandbox(
        folder=folder, seed=manifest["seed"], size=manifest["organizations"], today=date.fromisoformat(manifest["today"]),
        crm=Crm(**crm), erp=Erp(models), truth=truth["parties"], questions=[Question(**one) for one in truth["questions"]],
        hardness=truth["hardness"],
    )  # fmt: skip
