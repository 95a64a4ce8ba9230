"""What is known of the made company and served by no source: the true party of every record, and questions with their answers.

A record's reference is `source/stream/key`. Its key is, in the CRM and the ERP, the vendor's own id; in `mail/messages`, the
Message-ID without its angle brackets; in `documents/files`, the path under the folder, with forward slashes. A correspondent is
`mail/addresses/<address in lower case>`, a party named in a contract `documents/parties/<path>#<n>`, n from 1 in order of naming.

Decided here, because life leaves it open:
- a role or shared mailbox (info@, purchasing@) is the ORGANISATION's party, whoever writes from it; so is an ERP contact that is
  only a function ("Accounts Payable"), and a branch has no mailbox of its own: its head's domain is the head's party;
- a branch and a subsidiary are parties of their own, never their parent;
- a person is one party through all employers; two people behind one shared address stay two;
- our own company is `self:company`, wherever it is named or writes from a role mailbox; our people are `self:person:<n>`;
- an archived record keeps its true party; a deleted one has none.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

SELF = "self:company"


@dataclass(frozen=True, slots=True)
class Question:
    """What an agent may ask, and what a right answer must say.

    subject:  the reference of a record of the customer asked about, for a question that names a source's key.
    evidence: references of the records that prove the answer; each is needed.
    purpose:  what the answer is for: `support`, `sales`, `billing` or `legal`.
    """

    subject: str
    question: str
    answer: str
    evidence: list[str]
    purpose: str


@dataclass(slots=True)
class Truth:
    """Filled while the sources are written. `proofs` finds the record of a true event: ("invoice", 12) -> its reference;
    `answers` keeps what only one record says: ("rival", 12) -> the competitor named in the note on deal 12."""

    parties: dict[str, str] = field(default_factory=dict)
    proofs: dict[tuple[str, int], str] = field(default_factory=dict)
    answers: dict[tuple[str, int], str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def says(self, source: str, stream: str, key: str, party: str) -> str:
        """Notes that the record speaks of the party, and returns the record's reference."""
        reference = f"{source}/{stream}/{key}"
        self.parties[reference] = party
        return reference

    def proves(self, kind: str, number: int, reference: str) -> None:
        """Notes the record in which a true event is written down."""
        self.proofs[kind, number] = reference

    def as_json(self) -> dict[str, Any]:
        """The parties and the questions, for a file beside the served data."""
        return {"parties": self.parties, "questions": [asdict(question) for question in self.questions]}
