"""What a question asks for by its words: kinds of items, a state, the latest one, an attribute, a signal.

The tables are all there is to it; a word that is in none of them is left to search. A question about a state ("which invoices are
overdue?") is answered from the records' own fields, since no text says that a date has passed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from context_api.context import glossary
from context_api.context.terms import folded_words

#: Kind of item -> words that ask for it.
KINDS: Mapping[str, frozenset[str]] = {
    "invoice": frozenset({"invoice", "invoices", "bill", "bills", "invoiced", "billed"}),
    "order": frozenset({"order", "orders", "purchase", "purchases", "ordered", "bought"}),
    "payment": frozenset({"payment", "payments"}),
    "ticket": frozenset({"ticket", "tickets", "complaint", "complaints", "issue", "issues", "incident", "incidents", "case", "cases"}),
    "deal": frozenset({"deal", "deals", "opportunity", "opportunities", "pipeline"}),
    "email": frozenset({"email", "emails", "mail", "mails", "message", "messages", "wrote", "write", "written"}),
    "meeting": frozenset({"meeting", "meetings"}),
    "note": frozenset({"note", "notes", "call", "calls", "called", "meeting"}),
    "contract": frozenset({"contract", "contracts", "agreement", "agreements", "clause", "renew", "renewal", "terminate", "termination"}),
    "price_list": frozenset({"price", "prices", "pricelist"}),
    "attachment": frozenset({"attachment", "attachments", "attached"}),
}
#: State -> words that ask for it; the first that is found counts.
STATES: Mapping[str, frozenset[str]] = {
    "overdue": frozenset({"overdue", "late", "due", "arrears"}),
    "open": frozenset({"open", "unpaid", "outstanding", "unresolved", "pending", "unsettled", "owe", "owes", "owed"}),
    "closed": frozenset({"closed", "resolved", "settled", "solved"}),
}
#: Kinds that are in a state; of others it says nothing.
STATEFUL = frozenset({"invoice", "ticket", "deal", "order"})
#: Words of one meaning that have not one stem.
REWORDED: Mapping[str, str] = {
    **dict.fromkeys(("complain", "complains", "complained", "complaining", "unhappy", "dissatisfied", "unsatisfied"), "complaint"),
    **dict.fromkeys(("cancel", "cancelled", "canceled", "cancellation"), "terminate"),
    **dict.fromkeys(("extend", "extended", "extends", "extension", "prolonged"), "renewal"),
    **dict.fromkeys(("rival", "rivals", "competing", "competition"), "competitor"),
}
#: States that are an invoice's where nothing else is named that has one.
BILLED = frozenset({"overdue", "unpaid", "arrears"})
LISTING = frozenset({"which", "list", "show", "all", "any", "every", "many", "are", "is", "there"})
CODE = 5  # characters of a document's number at the least
LAST = frozenset({"last", "latest", "newest", "recent"})
#: Fact -> words that ask for it (all the words of one alternative).
FACTS: Mapping[str, tuple[str, ...]] = {
    "phone": ("phone", "telephone", "phone number"),
    "email": ("email address", "mail address", "e mail address"),
    "address": ("postal address", "the address", "their address", "street address", "located", "which city", "which country"),
    "vat": ("vat", "vat number"),
    "tax_id": ("tax", "tax id"),
    "website": ("website", "web site", "homepage", "domain"),
    "industry": ("industry", "line of business"),
    "title": ("job title", "role"),
    "employer": ("employer", "work for", "works for", "works at"),
    "language": ("language do they speak", "which language do", "what language do", "speak"),
    "open_invoices": ("open invoices", "unpaid invoices", "owe", "owes", "outstanding", "balance"),
    "overdue_invoices": ("overdue",),
    "open_tickets": ("open tickets",),
    "last_contact": ("last contact", "last contacted", "last spoke", "last heard", "last talk"),
    "last_order": ("last order", "latest order"),
    "revenue": ("revenue", "turnover", "spend", "spent", "how much business"),
    "next_renewal": ("next renewal", "renewal date"),
}
#: Kind of relation -> words that ask for the people or companies around the party.
RELATIONS: Mapping[str, frozenset[str]] = {
    "employment": frozenset({"contacts", "employees", "people", "colleagues", "work", "works", "worked", "employer", "employs"}),
    "parent": frozenset({"parent", "belong", "belongs", "subsidiary", "subsidiaries", "group", "owned", "owns"}),
    "branch": frozenset({"branch", "branches", "belong", "belongs", "headquarters"}),
}
#: Words that ask, and tell nothing of what about.
ASKING = frozenset(
    {"a", "about", "all", "an", "and", "any", "are", "as", "at", "be", "been", "by", "can", "currently", "customer", "did"}
    | {"do", "does", "every", "for", "from", "give", "had", "has", "have", "how", "i", "in", "is", "it", "its", "list", "many"}
    | {"me", "much", "now", "of", "on", "or", "our", "please", "made", "make", "makes", "get", "got", "say", "says", "said"}
    | {"show", "still", "such", "tell", "that", "the", "their", "them", "there", "they", "this", "to", "today", "us", "was"}
    | {"we", "were", "what", "when", "where", "which", "who", "whom", "whose", "why", "will", "with", "would", "you", "your"}
    | {"yet", "s", "past", "most", "anybody", "anyone", "anything", "ever", "everybody", "everyone", "everything", "may", "might", "must"}
    | {"nobody", "shall", "should", "could", "somebody", "someone", "something"}
)
#: Purpose -> kinds that serve it, a little ahead of the others.
PURPOSES: Mapping[str, frozenset[str]] = {
    "support": frozenset({"ticket", "email", "note"}),
    "sales": frozenset({"deal", "meeting", "email", "note", "order", "price_list"}),
    "billing": frozenset({"invoice", "payment", "order"}),
    "legal": frozenset({"contract", "attachment"}),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart. `words` are what is searched for: neither asking words nor the party's own name; English where known.

    structured: the items are told by kind and state alone, nothing else is asked.
    """

    text: str
    words: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    state: str = "any"
    last: bool = False
    listing: bool = False
    facts: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()

    @property
    def forms(self) -> list[str]:
        """For each word the other forms that a passage may hold, as a tsquery of beginnings: "reklam:* | beschwer:*", or ""."""
        return [" | ".join(f"{beginning}:*" for beginning in glossary.german(word)) for word in self.words]

    @property
    def codes(self) -> list[str]:
        """The words that look like a number of a document: NI-2024-0001."""
        return [word for word in self.words if len(word) >= CODE and sum(sign.isdigit() for sign in word) >= 3]

    @property
    def structured(self) -> bool:
        if self.state != "any" and self.kinds & STATEFUL:
            return True
        known = frozenset().union(*(KINDS[kind] for kind in self.kinds)) | LAST | BILLED
        return bool(self.kinds) and (self.last or self.listing) and all(word in known for word in self.words)


def understand(text: str, names: Iterable[str] = ()) -> Question:
    """The question of a text, about a party of these names."""
    own = {word for name in names for word in folded_words(name).split()}
    said = [REWORDED.get(word, word) for word in re.findall(r"\w+(?:-\w+)*", text.lower().replace("past due", "overdue"))]
    german = {word: english for word, english in glossary.translate(said).items() if not own.issuperset(folded_words(word).split())}
    spoken = [english for word in said for english in german.get(word, (word,))]
    words = tuple(dict.fromkeys(word for word in spoken if word not in ASKING and not own.issuperset(folded_words(word).split())))
    asked = set(spoken)
    kinds = frozenset(kind for kind, named in KINDS.items() if named & asked)
    if BILLED & asked and not kinds & STATEFUL:
        kinds |= {"invoice"}
    state = next((state for state, named in STATES.items() if named & asked), "any")
    return Question(
        text=" ".join(word for word in text.split() if not set(folded_words(word).split()) & own) or text,
        words=words[:24],
        kinds=kinds,
        state=state,
        last=bool(LAST & asked),
        listing=bool(LISTING & asked) or bool(german),
        facts=frozenset(fact for fact, phrases in FACTS.items() if any(_holds(spoken, phrase) for phrase in phrases)),
        relations=frozenset(kind for kind, named in RELATIONS.items() if named & asked),
    )


def _holds(words: list[str], phrase: str) -> bool:
    wanted = phrase.split()
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))
