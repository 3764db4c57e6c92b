"""Applications of CodeDeploy.
https://docs.aws.amazon.com/codedeploy/latest/userguide/applications.html"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY
from typing import Annotated

from troposphere import AWSObject, codedeploy

from pipegen.errors import Problem
from pipegen.fields.aws import Property
from pipegen.fields.constraints import Matches
from pipegen.fields.marks import Mapped
from pipegen.fields.model import Model
from pipegen.frozen import frozen
from pipegen.syntax import names
from pipegen.values.create import create
from pipegen.values.expression import Expression
from pipegen.values.value import Value

NAME = Matches(
    r"[A-Za-z0-9+=,.@_-]{1,100}",
    "1 to 100 letters, digits, or + = , . @ _ -",
    "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateApplication.html",
)


@frozen
class Application(Model):
    """A CodeDeploy application for ECS. A name is short for an existing application.
    https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateApplication.html"""

    name: Annotated[Value, NAME, Property("AWS::CodeDeploy::Application.ApplicationName")]
    """The name of the application; plain text if the stack creates it."""
    _: KW_ONLY
    create: bool = False
    """Whether the stack creates the application."""

    @staticmethod
    def of(reference: Value | Application) -> Application:
        return reference if isinstance(reference, Application) else Application(name=reference)

    @property
    def logical_id(self) -> str:
        return names.logical_id(str(self.name), "Application")

    def resources(self) -> tuple[AWSObject, ...]:
        if not self.create:
            return ()
        return (create(codedeploy.Application, self.logical_id, ApplicationName=self.name, ComputePlatform="ECS"),)

    def problems(self) -> Iterator[Problem]:
        if self.create and not isinstance(self.name, str):
            text = "name must be plain text for an application that the stack creates, got an expression"
            yield Problem("codedeploy-name", ("name",), text, "write the name as plain text")


ApplicationReference = Annotated[str | Expression | Application, Mapped(Application, otherwise=Annotated[Value, NAME])]
