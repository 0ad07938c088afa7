"""Names of people replaced by pseudonyms: in label sets, in queries and in what servers say (`Pseudonyms`).

A person has one pseudonym however a label spells the name. JupyterHub's name, its escaped spelling before kubespawner 7
(every other character as a hyphen and the hex digits of its UTF-8) and the one since (a slug, `---` and 8 digits of the
name's SHA-256; kubespawner/slugs.py) all lead to the last. Pods and claims carry it behind `jupyter-` and `claim-`.
"""

from __future__ import annotations

import hmac
import re
import threading
from dataclasses import dataclass, replace
from hashlib import sha256

from lib.core.result import CLUSTER, NAME, QUERY, Result

_DIGITS = 6  # of 16 each: 5,000 people have the same by chance in about half of all cases, and then get longer ones
_PERSON = re.compile(r"(?:^|_)(?:user|username|user_name|email|login|owner|directory)(?:_safe|_escaped|_slug|_id)?$")
_PREFIXED = re.compile(r"(?:jupyter|claim)-(?=[^.*+?\[(\\|])")
_SHARED = re.compile(r"[._].*|shared|shared-\w+|lost\+found")  # directories that belong to nobody
_MATCHER = re.compile(
    r"""(?P<label>[a-zA-Z_]\w*|"(?:\\.|[^"\\])*")(?P<operator>\s*(?:=~|!~|!=|=)\s*)"""
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)"""
)
_WORD = re.compile(r"[\w@+.-]*\w")
_OPEN = re.compile(r"[.*+?^$|()]*")  # a regular expression that names nobody
_UNQUOTED = re.compile(r"\\+(.)|\[(.)\]")
_ESCAPE = re.compile(r"(?:-[0-9a-f]{2})+")
_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_HASHED = re.compile(r".*---([0-9a-f]{8})")


def names_people(label: str) -> bool:
    """Whether the values of a label are names of people, in any spelling: user names, home directories."""
    return _PERSON.search(label.lower()) is not None


@dataclass
class Pseudonyms:
    """Gives people pseudonyms such as `person-7f3a9c`, from a secret `key`: the same key, the same pseudonyms.

    It remembers whom it has met, so that nobody gets the pseudonym of another, and so that their names are found in
    texts as well. May be used by several threads.
    """

    key: bytes

    def __post_init__(self) -> None:
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()
        self._met: dict[str, str] = {}
        self._lock = threading.Lock()

    def of(self, name: str) -> str:
        """The pseudonym of a person, by any spelling of the name; "" for "", a shared directory as it is."""
        if not name or _SHARED.fullmatch(name):
            return name
        with self._lock:
            if name not in self._met:
                self._met[name] = self._pseudonym(_person(name))
            return self._met[name]

    def in_result(self, result: Result) -> Result:
        """The same result about pseudonyms. Numbers, clusters and the order of the series stay."""
        series = result.series.copy(deep=False)
        columns = [str(label) for label in series.columns if label not in (CLUSTER, QUERY, NAME)]
        # Labels of people first: whom they name is then found in the others, too.
        for label in sorted(columns, key=lambda label: not names_people(label)):
            told = self.of if names_people(label) else self._in_words
            new = {value: told(value) for value in series[label].unique().tolist()}
            series[label] = series[label].map(new).astype(series[label].dtype)
        return replace(result, series=series)

    def in_text(self, text: str) -> str:
        """A query, or a sentence of a server: without whoever is chosen in a matcher, or was met in a result."""
        return self._in_words(_MATCHER.sub(self._in_matcher, text))

    def _in_matcher(self, found: re.Match[str]) -> str:
        label, text = found["label"].strip('"'), found["text"]
        if not names_people(label):
            return found[0]
        parts = text[1:-1].split("|")
        told = [part if _OPEN.fullmatch(part) else self.of(_UNQUOTED.sub(r"\1\2", part)) for part in parts]
        return f"{found['label']}{found['operator']}{text[0]}{'|'.join(told)}{text[-1]}"

    def _in_words(self, text: str) -> str:
        return _WORD.sub(lambda found: self._in_word(found[0]), text)

    def _in_word(self, word: str) -> str:
        if prefix := _PREFIXED.match(word):
            return prefix[0] + self.of(word[prefix.end() :])
        return self._met.get(word, word)

    def _pseudonym(self, person: str) -> str:
        if person not in self._given:
            digest = hmac.new(self.key, person.encode("utf-8", "surrogatepass"), sha256).hexdigest()
            lengths = range(_DIGITS, len(digest) + 1)
            self._given[person] = next(p for n in lengths if (p := f"person-{digest[:n]}") not in self._taken)
            self._taken.add(self._given[person])
        return self._given[person]


def _person(name: str) -> str:
    """What all spellings of a name have in common: the plain name itself, of others 8 digits of its SHA-256."""
    name = _PREFIXED.sub("", name, count=1)
    if hashed := _HASHED.fullmatch(name):
        return f"---{hashed[1]}"
    name = _ESCAPE.sub(_unescaped, name)
    if _PLAIN.fullmatch(name) and len(name) <= 48:
        return name
    return f"---{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _unescaped(found: re.Match[str]) -> str:
    """The characters of an escape; the text itself where none of those that are escaped would come out."""
    try:
        text = bytes.fromhex(found[0].replace("-", "")).decode()
    except UnicodeDecodeError:
        return found[0]
    return text if all(one.isprintable() and not (one.isascii() and one.isalnum()) for one in text) else found[0]
