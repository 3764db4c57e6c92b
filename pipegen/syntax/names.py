"""AWS's patterns and limits of names with their sources, logical IDs, and shortening of long names."""

from __future__ import annotations

import hashlib
import re

from pipegen.fields.constraints import Matches

_CODEPIPELINE = "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"
_CODEBUILD = "https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html"
_ECR = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"
_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"
_CLOUDFORMATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"


PIPELINE = Matches(
    r"[A-Za-z0-9.@\-_]{1,100}",
    "1 to 100 letters, digits, or . @ - _",
    "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html",
)
STAGE = Matches(PIPELINE.expression, PIPELINE.words, _CODEPIPELINE)
ACTION = Matches(PIPELINE.expression, PIPELINE.words, _CODEPIPELINE)
RULE = Matches(
    PIPELINE.expression,
    PIPELINE.words,
    "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RuleDeclaration.html",
)
NOTIFICATION = Matches(
    r"[A-Za-z0-9][A-Za-z0-9_\-]{0,49}",
    "a letter or digit, then up to 49 letters, digits, _ or - (its rule is named after it)",
    "https://docs.aws.amazon.com/codestar-notifications/latest/APIReference/API_CreateNotificationRule.html",
)
VARIABLE = Matches(
    r"[A-Za-z0-9@\-_]{1,128}",
    "1 to 128 letters, digits, or @ - _",
    "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineVariableDeclaration.html",
)
NAMESPACE = Matches(
    r"[A-Za-z0-9@\-_]{1,100}",
    "1 to 100 letters, digits, or @ - _",
    "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html",
)
OUTPUT = Matches(
    r"[A-Za-z0-9_]{1,60}",
    "1 to 60 letters, digits or _ (it becomes part of an artifact's and a shell variable's name)",
    "https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_OutputArtifact.html",
)
STACK = Matches(
    r"[a-zA-Z][-a-zA-Z0-9]{0,99}",
    "a letter, then up to 99 letters, digits or - (stacks are named after it)",
    _CLOUDFORMATION,
)
STACK_NAME = Matches(
    r"[a-zA-Z][-a-zA-Z0-9]{0,127}",
    "a letter, then up to 127 letters, digits or -",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html",
)
PARAMETER = Matches(r"[A-Za-z0-9]{1,255}", "1 to 255 letters or digits", _CLOUDFORMATION)
REPOSITORY = Matches(
    r"(?=.{2,256}$)(?!.*\.dkr[.-]ecr\.|(?:ghcr\.io|docker\.io|quay\.io|gcr\.io|public\.ecr\.aws)/)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*",
    "2 to 256 lower-case letters, digits, or . _ - / between them",
    _ECR,
)
BUCKET = Matches(
    r"(?!xn--|sthree-|amzn-s3-demo-|\d+\.\d+\.\d+\.\d+$)(?!.*(?:\.\.|-s3alias$|--ol-s3$|\.mrap$|--x-s3$|--table-s3$))"
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "3 to 63 lower-case letters, digits, . or -",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
)
ROLE_PATH = Matches(
    r"(?=.{1,512}$)(?:/|/[!-~]+/)",
    "a path of at most 512 characters that begins and ends with /, such as /delivery/",
    "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
)
FOUNDATION = Matches(
    r"(?!xn--|sthree-|amzn-s3-demo-)[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?",
    "a lower-case letter, then up to 31 lower-case letters, digits or - (a bucket is named after it)",
    BUCKET.source,
)
"""The 63 characters of a bucket name also contain the account (12) and the region (at most 15)."""
ECS = Matches(
    r"[A-Za-z0-9_-]{1,255}",
    "1 to 255 letters, digits, _ or -",
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html",
)
CONTAINER = Matches(r"[A-Za-z0-9_-]{1,255}", "1 to 255 letters, digits, _ or -", _ECS)
IMAGE_TAG = Matches(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}",
    "1 to 128 letters, digits, or _ . - (not first: . -)",
    "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html",
)
ENVIRONMENT = Matches(
    r"(?!CODEBUILD_)[A-Za-z_][A-Za-z0-9_]{0,127}",
    "a letter or _, then letters, digits or _; CODEBUILD_ is reserved",
    "https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html",
)

DEPLOYMENT_ENVIRONMENT = Matches(r"[a-z][a-z0-9-]{0,62}", "1 to 63 lower-case letters, digits or -, a letter first")
EMAIL = Matches(r"[^@\s<>]+@[^@\s<>]+", "an email address, such as delivery@example.com")

PROJECT_LIMIT = 150
"""CodeBuild project names: 2 to 150 characters.
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html"""

STACK_LIMIT = 128
"""Stack names. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""

ROLE_LIMIT = 64
"""Role names. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

RULE_LIMIT = 64
"""EventBridge rule names. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""

NOTIFICATION_LIMIT = 64
"""Names of notification rules.
https://docs.aws.amazon.com/codestar-notifications/latest/APIReference/API_CreateNotificationRule.html"""

CHANNEL_LIMIT = 128
"""Names of configurations of chat channels.
https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html"""


def logical_id(*words: str) -> str:
    """A CloudFormation logical ID from the letters and digits of words, each sequence capitalised.

    >>> logical_id("my-app", "Project")
    'MyAppProject'
    """
    runs = (run for word in words for run in re.findall(r"[A-Za-z0-9]+", word))
    return "".join(run[0].upper() + run[1:] for run in runs)


def identifier(name: str) -> str:
    """A name for artifacts and shell variables: characters other than letters and digits become `_`."""
    return re.sub(r"[^A-Za-z0-9]", "_", name)


def shorten(name: str, limit: int) -> str:
    """The name if it is at most `limit` characters long, else its beginning and eight digits of its hash."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('-._')}-{digest}"


def hyphenated(name: str, also: str) -> str:
    """A name of letters, digits, hyphens and the characters in `also`; other characters become `-`."""
    return re.sub(rf"[^A-Za-z0-9{re.escape(also)}-]", "-", name)
