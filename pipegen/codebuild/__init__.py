"""CodeBuild projects; the actions that run builds are in `pipegen.actions`."""

from __future__ import annotations

from pipegen.lazy import public_names

TYPE_CHECKING = False  # type checkers know this name too; importing typing takes time
if TYPE_CHECKING:
    from pipegen.codebuild.cache import Cache as Cache
    from pipegen.codebuild.environment import ParameterStore as ParameterStore, SecretsManager as SecretsManager
    from pipegen.codebuild.image import FromEnvironment as FromEnvironment
    from pipegen.codebuild.outputs import BuildOutput as BuildOutput, Report as Report
    from pipegen.model.network import Vpc as Vpc
else:
    __getattr__, __dir__, __all__ = public_names(
        __name__,
        {
            "pipegen.codebuild.cache": "Cache",
            "pipegen.codebuild.environment": "ParameterStore SecretsManager",
            "pipegen.codebuild.image": "FromEnvironment",
            "pipegen.codebuild.outputs": "BuildOutput Report",
            "pipegen.model.network": "Vpc",
        },
    )
