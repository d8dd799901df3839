"""What the Frictionless data package beside a CSV file says of its columns, where a profile asks for it.

The profile's pattern is matched against the description of each field. Its group ``response`` tells how categories
stand to their total: ``single``, ``multiple`` (one unit may stand in several), ``partial`` (some units are only in the
total) or ``open`` (nothing must hold: both, or no number of units); its group ``classification`` is the code list.
"""

import json
import re
from pathlib import Path
from typing import Any

from thassist.codes import classification
from thassist.errors import InvalidDefinition
from thassist.verify.profile import Profile

#: Response → what is left of it where codes of two levels stand side by side.
_RESPONSES = {"single": "multiple", "multiple": "multiple", "partial": "open", "open": "open"}


def responses(path: Path, profile: Profile) -> dict[str, str]:
    """Column → how its categories stand to their total, as far as the package says so."""
    found = {}
    for name, match in _fields(path, profile).items():
        response = match.groupdict().get("response")
        if response in _RESPONSES:
            ref = match.groupdict().get("classification") or ""
            found[name] = _RESPONSES[response] if _has_levels(ref) else response
    return found


def lists(path: Path, profile: Profile) -> dict[str, str]:
    """Column → the classification that the package names, where this house has it."""
    named = {name: match.groupdict().get("classification") or "" for name, match in _fields(path, profile).items()}
    return {name: ref for name, ref in named.items() if _known(ref)}


def _fields(path: Path, profile: Profile) -> dict[str, re.Match[str]]:
    """Column → the match of its description; empty where there is no package that describes the file."""
    if not profile.package_file:
        return {}
    try:
        content: Any = json.loads((path.parent / profile.package_file).read_text(encoding="utf-8"))
        resources = [each for each in content["resources"] if Path(each["path"]).name == path.name]
        fields = resources[0]["schema"]["fields"]
        described = {str(each["name"]): str(each.get("description", "")) for each in fields}
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    pattern = re.compile(profile.package_field)
    return {name: match for name, text in described.items() if (match := pattern.search(text))}


def _known(ref: str) -> bool:
    try:
        return bool(classification(ref))
    except InvalidDefinition:
        return False


def _has_levels(ref: str) -> bool:
    """Whether a list has codes above others: then codes of two levels may stand side by side and count twice."""
    return _known(ref) and any(code.parent for code in classification(ref).codes.values())
