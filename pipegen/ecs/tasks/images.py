"""References to container images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from pipegen.errors import Problem
from pipegen.fields.constraints import Matches
from pipegen.fields.gaps import GAP, is_known
from pipegen.frozen import frozen
from pipegen.model.repository import HOST
from pipegen.values.shape import shown
from pipegen.values.value import Value

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_REGISTRY = rf"(?:{_LABEL}(?:\.{_LABEL})+(?::[0-9]+)?|{_LABEL}:[0-9]+|localhost|\[[0-9A-Fa-f:]+\](?::[0-9]+)?)/"
_NAME = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = (
    rf"(?:{_REGISTRY})?{_NAME}(?:/{_NAME})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9A-Fa-f]{{64}})?"
)

_LIKELY = ("a", "", "a.b/a", "1.2", f"sha256:{'0' * 64}", f"a@sha256:{'0' * 64}", "/a:1")
"""Texts that complete a reference of which a part is only known at deployment."""
_MOST_GAPS = 3


@frozen
class ImageForm(Matches):
    """An image reference. A text with gaps is accepted if some likely values in the gaps make it valid."""

    def admits(self, value: Any) -> bool:
        if not isinstance(value, str):
            return True
        pieces = re.split(GAP, value)
        gaps = len(pieces) - 1
        return gaps > _MOST_GAPS or any(self._completed(pieces, likely) for likely in product(_LIKELY, repeat=gaps))

    def _completed(self, pieces: list[str], gaps: tuple[str, ...]) -> bool:
        return self.matches("".join(text for pair in zip(pieces, (*gaps, ""), strict=True) for text in pair))


IMAGE = ImageForm(
    _REFERENCE,
    "an image such as public.ecr.aws/nginx/nginx:1.27 or NAME@sha256:DIGEST: the name in lower case, without https://",
    "https://pkg.go.dev/github.com/distribution/reference",
)
"""ECS accepts only SHA-256 digests.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (image)"""

_ECR = re.compile(r"[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.[a-z]{2,4}(?:-[a-z]+)+-[0-9]+\.[a-z.]+")
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html"""
_OF_AWS = re.compile(r".*\becr\b.*\.(?:amazonaws\.com(?:\.cn)?|on\.aws)")


def registry_problems(image: Value | None) -> Iterator[Problem]:
    """Check the registry of an image in ECR. Paths start at the image."""
    if not is_known(image):
        return
    host, slash, _ = image.partition("/")
    form = "ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG"
    if not slash and HOST.search(host):
        yield Problem("task-image", (), f"{shown(image)} is a registry without a repository", f"write {form}")
    elif slash and _OF_AWS.fullmatch(host) and not _ECR.fullmatch(host):
        text = f"{shown(host)} is not a registry of ECR"
        yield Problem("task-image", (), text, f"write {form} with an account ID of 12 digits")
