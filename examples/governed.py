"""What starts a pipeline, and what keeps it from production: triggers, a variable, conditions, retry and rollback."""

from troposphere import Ref

from pipegen import (
    AlarmRule,
    Approval,
    BeforeEntry,
    Definition,
    DeploymentWindowRule,
    DockerBuild,
    EcsDeploy,
    GitHub,
    Image,
    OnFailure,
    OnSuccess,
    Parameter,
    Patterns,
    Pipeline,
    PullRequest,
    Push,
    Repository,
    Stage,
    Trigger,
    Variable,
    VariableRule,
)

ROLES = ["parcels-task", "parcels-execution"]
FILES = "services/parcels/**"
ALARM = "parcels-production-errors"

source = GitHub(name="App", repository="acme/parcels", branch="main", connection=Ref("ConnectionArn"))

trigger = Trigger(
    source=source.name,
    push=[
        Push(
            branches=Patterns(includes=["main", "release/*"]),
            file_paths=Patterns(includes=[FILES], excludes=["**/*.md"]),
        ),
        Push(tags=Patterns(includes=["v*"])),
    ],
    pull_request=[PullRequest(branches=Patterns(includes=["main"]), file_paths=Patterns(includes=[FILES]))],
)

image = DockerBuild(
    name="Image",
    images=[Image(container="parcels", repository=Repository(name="parcels", create=True), context="services/parcels")],
    before=['services/parcels/run-tests "$SUITE"'],
    action_environment={"SUITE": "#{variables.SUITE}"},
)

# A variable is inserted into JSON without escaping, so it has to be checked before.
known_suite = BeforeEntry(
    result="FAIL",
    rules=[VariableRule(name="Suite", variable="#{variables.SUITE}", operator="MATCHES", value="^(quick|all)$")],
)

merged = BeforeEntry(
    result="SKIP",
    rules=[
        VariableRule(
            name="Merged", variable="#{App.BranchName}", operator="MATCHES", value="^(main|release/.+|v[0-9].*)$"
        )
    ],
)

released = OnSuccess(
    result="FAIL",
    rules=[
        DeploymentWindowRule(name="Hours", cron="* * 9-15 ? * MON-FRI *", time_zone="Europe/Berlin"),
        AlarmRule(name="Healthy", alarm=ALARM),
    ],
)

healthy = OnSuccess(result="ROLLBACK", rules=[AlarmRule(name="StaysHealthy", alarm=ALARM, wait_minutes=15)])

parcels = Definition(
    name="parcels",
    description="Delivery of the parcels service, with its rules",
    parameters={"ConnectionArn": Parameter(Description="The CodeConnections connection to GitHub")},
    pipeline=Pipeline(
        triggers=[trigger],
        variables={"SUITE": Variable(default="quick", description="Which tests are run: quick, or all")},
        stages=[
            Stage(name="Source", actions=[source], on_failure=OnFailure(result="RETRY")),
            Stage(
                name="Build",
                before_entry=known_suite,
                actions=[image],
                on_failure=OnFailure(result="RETRY", retry_mode="FAILED_ACTIONS"),
            ),
            Stage(
                name="Staging",
                before_entry=merged,
                actions=[EcsDeploy(name="Deploy", cluster="staging", service="parcels", roles=ROLES)],
                on_failure=OnFailure(result="ROLLBACK"),
            ),
            Stage(
                name="Release",
                before_entry=merged,
                actions=[Approval(name="Approve")],
                on_success=released,
            ),
            Stage(
                name="Production",
                before_entry=merged,
                actions=[EcsDeploy(name="Deploy", cluster="production", service="parcels", roles=ROLES)],
                on_success=healthy,
                on_failure=OnFailure(result="ROLLBACK"),
            ),
        ],
    ),
)
