"""Which pull request a CI job is about, by the variables that its system sets.

GitHub's are set by Gitea and Forgejo as well. Only names and ids are read, and no token.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from schemaops.forge.base import Change

__all__ = ["change_of"]


def change_of(environ: Mapping[str, str]) -> Change | None:
    """Return the pull request of this job, None where it is about none or the system is unknown."""
    for read in (_github, _gitlab, _bitbucket):
        found = read(environ)
        if found is not None:
            return found
    return None


def _github(environ: Mapping[str, str]) -> Change | None:
    target = environ.get("GITHUB_BASE_REF")
    if not target:
        return None
    # What is checked out there is a merge that nobody made; the event says what was proposed.
    proposed, number = _event(environ.get("GITHUB_EVENT_PATH"))
    branch = environ.get("GITHUB_HEAD_REF") or "HEAD"
    return Change(_remote(target), _known(proposed, f"origin/{branch}", "HEAD"), branch, number)


def _gitlab(environ: Mapping[str, str]) -> Change | None:
    target = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    if not target:
        return None
    proposed = environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
    branch = environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or "HEAD"
    head = _known(proposed, environ.get("CI_COMMIT_SHA"), "HEAD")
    return Change(_remote(target), head, branch, environ.get("CI_MERGE_REQUEST_IID"))


def _bitbucket(environ: Mapping[str, str]) -> Change | None:
    target = environ.get("BITBUCKET_PR_DESTINATION_BRANCH")
    if not target:
        return None
    branch = environ.get("BITBUCKET_BRANCH") or "HEAD"
    head = _known(environ.get("BITBUCKET_COMMIT"), "HEAD")
    return Change(_remote(target), head, branch, environ.get("BITBUCKET_PR_ID"))


def _remote(branch: str) -> tuple[str, ...]:
    return (f"origin/{branch}", branch)


def _known(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name)


def _event(path: str | None) -> tuple[str | None, str | None]:
    """Return the commit that a pull request proposes, and its number."""
    if path is None:
        return None, None
    try:
        request = json.loads(Path(path).read_bytes())["pull_request"]
        return str(request["head"]["sha"]), str(request["number"])
    except (OSError, ValueError, KeyError, TypeError):
        # The variables say enough without it.
        return None, None
