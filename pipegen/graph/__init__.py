"""The actions that CodePipeline runs: in order, with deploys lowered and artifacts wired."""
