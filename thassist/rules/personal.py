"""What points to a person directly, in any text: identity codes, e-mail addresses, account and telephone numbers.

One detector for all: the reader of files refuses such a cell, and rule S08 finds it among stored records. It is never
quoted. Shapes are looked for first, in the text as a reader sees it (dashes of word
processors, wide letters and odd blanks made plain); what has a check digit is then checked by python-stdnum. A Finnish
identity code is refused for its shape alone too: one with a slip of the pen in it is still somebody's.
"""

import re
import unicodedata

from stdnum import iban
from stdnum.fi import hetu

#: Kinds, each of which is an entry of the message catalogue.
IDENTITY_CODE, EMAIL, ACCOUNT, TELEPHONE = "identity_code", "email_address", "bank_account", "telephone_number"
KINDS = frozenset({IDENTITY_CODE, EMAIL, ACCOUNT, TELEPHONE})

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
#: Day, month, year, the sign of the century (all those of decree 128/2010 as changed by 690/2022), number, check sign.
_HETU = re.compile(
    r"(?<![0-9A-Z])(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d\d[-+A-FU-Y]\d{3}[0-9A-Y](?![0-9A-Z])", re.IGNORECASE
)
#: The same spread out by blanks, which only a right check sign tells from other numbers.
_HETU_SPREAD = re.compile(r"(?<![0-9A-Z])(\d{6}) ?([-+A-FU-Y]) ?(\d{3}) ?([0-9A-Y])(?![0-9A-Z])", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.%+-]+@[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+")
_IBAN = re.compile(r"(?<![0-9A-Z])[A-Z]{2}\d{2}(?:[ -]?[0-9A-Z]){11,30}", re.IGNORECASE)
_SHORTEST_IBAN, _LONGEST_IBAN = 15, 34  # ISO 13616
#: International numbers (ITU-T E.164), and Finnish ones with their leading zero; not within a longer number or a key.
_TELEPHONE = re.compile(
    r"(?<![0-9A-Za-z])(?:\+|00)[1-9](?:[ ()/-]*\d){7,13}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z-])\(?0[1-9]\d{0,2}\)?[ -]?\d{3,4}[ -]?\d{2,5}(?![0-9A-Za-z-])"
)

#: A quick look, as an engine can take it at millions of cells (RE2): no text in which :func:`found` finds something
#: passes it unseen. Signs beyond ASCII are always looked at. The second is for texts that people write.
_QUICK = r"[^\x00-\x7F]|@|\d{6}\s*[-+A-FU-Ya-fu-y]\s*\d{3}|(^|[^0-9A-Za-z])[A-Za-z]{2}\d{2}([\s-]*[0-9A-Za-z]){11}"
QUICK = {False: _QUICK, True: _QUICK + r"|(\d[\s()/-]*){7}"}


def found(text: str, *, written: bool = False) -> str:
    """The kind of what points to a person in a text; empty where nothing does.

    Args:
        text: a cell.
        written: whether people write the text freely. Only there a row of digits is taken for a telephone number;
            elsewhere it may be a date or a key.
    """
    if len(text) < 5 or not any(one.isdigit() or one == "@" or one == "＠" for one in text):
        return ""
    seen = " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())
    if _HETU.search(seen) or any(
        hetu.is_valid("".join(one), allow_temporary=True) for one in _HETU_SPREAD.findall(seen)
    ):
        return IDENTITY_CODE
    if any(_is_address(one.group()) for one in _EMAIL.finditer(seen)):
        return EMAIL
    if any(_holds_account(one.group()) for one in _IBAN.finditer(seen)):
        return ACCOUNT
    return TELEPHONE if written and _TELEPHONE.search(seen) else ""


def _is_address(text: str) -> bool:
    """Whether a name with an at sign is an address: a domain never ends in labels of digits only (RFC 3696, 2).

    A reference to a code list does: ``htcds_gender@2.0``.
    """
    return any(not label.isdigit() for label in text.rpartition("@")[2].split(".")[1:])


def _holds_account(text: str) -> bool:
    """Whether a text begins with an account number; the words after it may look like a part of it."""
    signs = re.sub("[ -]", "", text)
    lengths = range(_SHORTEST_IBAN, min(len(signs), _LONGEST_IBAN) + 1)
    return any(iban.is_valid(signs[:length]) for length in lengths)
