"""Formats of reports: text for people, and for GitHub, JSON and SARIF what other programs read."""

from __future__ import annotations

from enum import StrEnum


class ReportFormat(StrEnum):
    """How problems are reported."""

    text = "text"
    github = "github"
    json = "json"
    sarif = "sarif"
