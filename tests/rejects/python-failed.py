"""The module raises: the cluster is looked up under a name that the table does not have."""

from __future__ import annotations

from pipegen import CodeCommit, Definition, EcsDeploy, Pipeline, Stage

CLUSTERS = {"production": "shop"}

source = CodeCommit(name="App", repository="orders", branch="main")
deploy = EcsDeploy(name="Service", cluster=CLUSTERS["staging"], service="orders")
stages = (Stage(name="Source", actions=(source,)), Stage(name="Deploy", actions=(deploy,)))
orders = Definition(name="orders", pipeline=Pipeline(stages=stages))
