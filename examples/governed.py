"""What starts a pipeline, and what keeps it from production: triggers, a schedule, conditions, retry and rollback."""

from pipegen import (
    Approval,
    Definition,
    DockerBuild,
    EcsDeploy,
    GitHub,
    Image,
    Parameter,
    Patterns,
    Pipeline,
    PipelineSchedule,
    PullRequest,
    Push,
    Repository,
    Stage,
    Trigger,
    Variable,
)
from pipegen.conditions import AlarmRule, BeforeEntry, DeploymentWindowRule, OnFailure, OnSuccess, VariableRule

connection = Parameter("ConnectionArn", description="The CodeConnections connection to GitHub")

ROLES = ["parcels-task", "parcels-execution"]
FILES = "services/parcels/**"
ALARM = "parcels-production-errors"

source = GitHub("App", repository="acme/parcels", branch="main", connection=connection)

# Once a week everything is built anew, with the base images of that day.
weekly = PipelineSchedule("Weekly", schedule="cron(0 4 ? * MON *)")

suite = Variable("SUITE", default="quick", description="Which tests are run: quick, or all")

trigger = Trigger(
    source,
    push=[
        Push(
            branches=Patterns(["main", "release/*"]),
            file_paths=Patterns([FILES], excludes=["**/*.md"]),
        ),
        Push(tags=Patterns(["v*"])),
    ],
    pull_request=[PullRequest(branches=Patterns(["main"]), file_paths=Patterns([FILES]))],
)

image = DockerBuild(
    "Image",
    Image("parcels", Repository("parcels", create=True), context="services/parcels"),
    before=['services/parcels/run-tests "$SUITE"'],
    action_environment={"SUITE": str(suite)},
)

# A variable is inserted into JSON without escaping, so it has to be checked before.
known_suite = BeforeEntry("FAIL", VariableRule("Suite", variable=str(suite), operator="MATCHES", value="^(quick|all)$"))

merged = BeforeEntry(
    "SKIP",
    VariableRule(
        "Merged", variable=source.variable("BranchName"), operator="MATCHES", value="^(main|release/.+|v[0-9].*)$"
    ),
)

released = OnSuccess(
    "FAIL",
    DeploymentWindowRule("Hours", cron="* * 9-15 ? * MON-FRI *", time_zone="Europe/Berlin"),
    AlarmRule("Healthy", alarm=ALARM),
)

healthy = OnSuccess("ROLLBACK", AlarmRule("StaysHealthy", alarm=ALARM, wait_minutes=15))

parcels = Definition(
    "parcels",
    description="Delivery of the parcels service, with its rules",
    pipeline=Pipeline(
        Stage("Source", source, on_failure=OnFailure("RETRY")),
        Stage("Build", image, before_entry=known_suite, on_failure=OnFailure("RETRY", retry_mode="FAILED_ACTIONS")),
        Stage(
            "Staging",
            EcsDeploy("Deploy", cluster="staging", service="parcels", roles=ROLES),
            before_entry=merged,
            on_failure=OnFailure("ROLLBACK"),
        ),
        Stage("Release", Approval("Approve"), before_entry=merged, on_success=released),
        Stage(
            "Production",
            EcsDeploy("Deploy", cluster="production", service="parcels", roles=ROLES),
            before_entry=merged,
            on_success=healthy,
            on_failure=OnFailure("ROLLBACK"),
        ),
        triggers=[trigger],
        schedules=[weekly],
        variables=[suite],
    ),
)
