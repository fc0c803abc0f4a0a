"""What verifying came to as JUnit's XML, which CI systems show test by test."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from schemaops.reports.verify import Verified, VerifyReport

__all__ = ["junit"]


def junit(report: VerifyReport) -> str:
    """Return a report as a document with one test case a migration.

    A migration that differs fails; one whose statements nobody can interpret, or that has no way
    back, is a passed case that says so.
    """
    wrong = sum(one.differs for one in report.migrations)
    suite = ET.Element(
        "testsuite",
        name="schemaops verify",
        tests=str(len(report.migrations)),
        failures=str(wrong),
        errors="0",
        skipped="0",
        time=f"{report.seconds:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(
        properties, "property", name="scratch", value=report.scratch or "nothing to verify"
    )
    for one in report.migrations:
        _case(suite, one)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, "unicode")}\n'


def _case(suite: ET.Element, one: Verified) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname="schemaops.verify",
        name=_plain(f"{one.revision[:7]} {one.title}".strip()),
        time=f"{one.seconds:.3f}",
    )
    if one.differs:
        failure = ET.SubElement(
            case,
            "failure",
            type="interpreted" if one.interpreted == "differs" else "reversal",
            message=_plain(next(iter(one.differences), f"the reversal {one.reversal}")),
        )
        failure.text = _plain("\n".join(one.differences))
    said = [f"interpreted: {one.interpreted}", f"reversal: {one.reversal}", f"rows: {one.rows}"]
    said += one.notes
    if one.written is not None:
        said += (f"shortfall: {short.said}" for short in one.written.shortfalls)
    ET.SubElement(case, "system-out").text = _plain("\n".join(said))


def _plain(text: str) -> str:
    """Return text without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "￾￿"))
