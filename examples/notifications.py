"""Who learns what about a pipeline: the team by email, a channel in Slack that the stack configures and one in Teams
that exists, a function that opens tickets, and the event bus of another account that audits everything."""

from pipegen import Approval, CodeBuild, CodeCommit, Definition, Parameter, Pipeline, Stage
from pipegen.notifications import (
    EmailNotification,
    EventBusNotification,
    LambdaNotification,
    SlackNotification,
    TeamsNotification,
)

operations = Parameter("OperationsChannelArn", description="The Teams channel of the people on call")
tickets = Parameter("TicketsFunctionArn", description="The function that opens tickets")

definition = Definition(
    "invoices",
    pipeline=Pipeline(
        Stage("Source", CodeCommit("App", repository="invoices", branch="main")),
        Stage("Test", CodeBuild("Unit", commands=["make test"])),
        Stage("Release", Approval("Approve"), CodeBuild("Publish", commands=["make publish"])),
        notifications=[
            EmailNotification("Team", addresses=["invoices@example.com", "product@example.com"]),
            SlackNotification(
                "Releases",
                workspace="T0123456789",
                channel="C0123456789",
                events=["pipeline-execution-started", "pipeline-execution-succeeded", "pipeline-execution-failed"],
            ),
            TeamsNotification("Operations", configuration=operations, events=["pipeline-execution-failed"]),
            LambdaNotification("Tickets", function=tickets, events=["pipeline-execution-failed"]),
            EventBusNotification(
                "Audit",
                event_bus="arn:aws:events:eu-central-1:210987654321:event-bus/audit",
                events=["pipeline-execution-started", "pipeline-execution-succeeded", "manual-approval-succeeded"],
            ),
        ],
    ),
    parameters=[operations, tickets],
)
