"""Definitions that, together, use every kind and nearly every field: where tests of everything start from."""

from __future__ import annotations

CONNECTIONS = """\
name: connections
description: Every host behind a connection
parameters:
  ConnectionArn: {Type: String, Description: The connection, AllowedPattern: "arn:.*", ConstraintDescription: an ARN}
  Bucket: {Type: String, MinLength: 3, MaxLength: 63}
  Retries: {Type: Number, Default: "3", MinValue: 1, MaxValue: 5}
  Stage: {AllowedValues: [staging, production], Default: staging, NoEcho: false}
tags: {team: shop, stage: !Ref Stage}
permissions_boundary: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/boundary"
role_path: /delivery/
artifacts: {bucket: !Ref Bucket, key_arn: !ImportValue artifact-key, expire_days: 7}
overrides:
  PipelineRole: {Description: {"Fn::Sub": "the role of ${Pipeline}"}, MaxSessionDuration: 3600}
pipeline:
  name: connections.v2
  execution_mode: SUPERSEDED
  restart_on_update: true
  stages:
    - name: Source
      actions:
        - {kind: github, name: Hub, repository: acme/app, branch: main, connection: !Ref ConnectionArn, clone: full}
        - {kind: github-enterprise, name: Ghe, repository: acme/app, branch: main, connection: !Ref ConnectionArn}
        - {kind: gitlab, name: Lab, repository: acme/shop/app, branch: main, connection: !Ref ConnectionArn}
        - {kind: gitlab-self-managed, name: Own, repository: a/b/c, branch: !Ref Stage, connection: !Ref ConnectionArn}
        - kind: bitbucket
          name: Bucket
          repository: !Join ["/", [acme, !Ref Stage]]
          branch: !Select [0, !Split [",", "main,develop"]]
          connection: arn:aws:codestar-connections:eu-west-1:123456789012:connection/aa
          detect_changes: false
          namespace: Bit
    - name: Test
      actions:
        - kind: codebuild
          name: Unit
          category: Test
          input: Hub
          extra_inputs: [Ghe, Lab.source]
          buildspec: ci/buildspec.yml
          docker: true
          platform: arm64
          compute: BUILD_GENERAL1_LARGE
          timeout_minutes: 30
          queued_timeout_minutes: 60
          log_retention_days: 7
          concurrent_builds: 2
          cache: {local: [docker-layer, source]}
        - kind: codebuild
          name: Package
          input: Own
          run_order: 2
          commands: [make package, make report]
          runtime_versions: {python: "3.13"}
          outputs:
            - {name: Dist, files: ["dist/**/*"], base_directory: out}
            - {name: Definitions, files: ["*.json"]}
          reports:
            unit: {files: ["*.xml"], format: JUNITXML, base_directory: reports}
          exported_variables: [VERSION]
          environment: {PLAIN: value, STORED: {parameter_store: /app/url}, SECRET: {secrets_manager: "app/db:password"}}
          action_environment: {COMMIT: "#{Hub.CommitId}", WHO: !Ref Stage, WORD: {secrets_manager: app/word}}
          image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/build/image:1
          grants:
            - actions: ["s3:GetObject"]
              resources: ["arn:aws:s3:::acme/*", !Sub "arn:${AWS::Partition}:s3:::${Bucket}/*"]
              conditions:
                StringEquals: {"aws:SourceAccount": !Ref "AWS::AccountId"}
                Bool: {"aws:SecureTransport": ["true"]}
            - {actions: ["sts:GetCallerIdentity"], resources: ["*"], because: it takes no resource}
          decrypt_keys: [!ImportValue secrets-key]
    - name: Deploy
      actions:
        - {kind: ecs-deploy, name: Deploy, input: Package.Definitions, cluster: !ImportValue cluster, service: app}
"""

IMAGES = """\
name: images
parameters: {Name: {}, VpcId: {Type: "AWS::EC2::VPC::Id"}, Topic: {}}
artifacts: {create_key: true}
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: Code, repository: app, branch: main, clone: full}
        - {kind: s3, name: Data, bucket: acme-data, key: data.zip, allow_key_override: true, detect_changes: false}
        - {kind: ecr, name: Base, repository: base/image, tag: stable}
    - name: Build
      actions:
        - kind: docker-build
          name: Images
          input: Code
          extra_inputs: [Data, Base]
          commit_length: 12
          images:
            - container: app
              repository: {name: app, create: true, scan_on_push: false, keep_images: 5, expire_untagged_days: 1}
              context: services/app
              dockerfile: docker/app
              target: runtime
              build_arguments: {A: text, B: {from_environment: VERSION}, C: !Ref Name}
              tags: ["1.0", {from_environment: VERSION}]
            - container: side-car
              repository: arn:aws:ecr:us-east-1:210987654321:repository/side
            - container: 1st
              repository: {name: !Ref Name, account: "210987654321", region: us-east-1, immutable: true}
          before: ['export VERSION="1.$CODEBUILD_BUILD_NUMBER"']
          cache_repository: {name: layers, create: true}
          pull_repositories: [base/image]
          cache: {s3: acme-cache/app, paths: [/root/.cache/**/*]}
          vpc: {vpc_id: !Ref VpcId, subnets: [subnet-1, subnet-2], security_groups: [sg-1]}
          runtime_versions: {nodejs: "22"}
          environment: {TOKEN: {secrets_manager: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:t-AbCdEf:key::"}}
          extra_configuration: {CombineArtifacts: "false"}
    - name: Deploy
      actions:
        - kind: ecs-deploy
          name: One
          cluster: main
          service: one
          file_name: out/one.json
          containers: [app]
          roles: [a]
        - kind: ecs-deploy
          name: Two
          cluster: main
          service: two
          roles: [path/b, !ImportValue role]
          family: two
          deployment_timeout: 60
        - kind: approval
          name: Look
          run_order: 2
          topic: !Ref Topic
          message: "deployed #{Images.IMAGE_TAG} in #{codepipeline.PipelineExecutionId}"
          review_url: https://example.com
          timeout_minutes: 5
"""

GOVERNED = """\
name: governed
parameters: {ConnectionArn: {}, Alarm: {}, Branch: {Default: main}}
pipeline:
  variables:
    LEVEL: {default: normal, description: how much is tested}
    ticket@1: {}
  triggers:
    - source: App
      push:
        - branches: {includes: [main, !Ref Branch], excludes: [tmp/*]}
          file_paths: {includes: ["services/**"], excludes: ["**/*.md"]}
        - tags: {includes: [v*], excludes: [v0.*]}
      pull_request:
        - branches: {includes: [main]}
          file_paths: {excludes: ["docs/**"]}
          events: [OPEN, UPDATED, CLOSED]
        - branches: {excludes: [main]}
    - source: Lib
      pull_request: [{branches: {includes: ["**"]}}]
  stages:
    - name: Source
      actions:
        - {kind: github, name: App, repository: acme/app, branch: main, connection: !Ref ConnectionArn}
        - kind: gitlab
          name: Lib
          repository: acme/libs/lib
          branch: main
          connection: !Ref ConnectionArn
          detect_changes: false
      on_failure: {result: RETRY, retry_mode: ALL_ACTIONS}
    - name: Build
      before_entry:
        result: SKIP
        rules:
          - {kind: variable, name: Level, variable: "#{variables.LEVEL}", value: none, operator: NE}
          - {kind: lambda, name: Decide, function: decide, user_parameters: "a=#{App.CommitId}", inputs: [App]}
      actions:
        - kind: codebuild
          name: Test
          input: App
          commands: [make]
          outputs: [{name: Site, files: ["**/*"]}, {name: Definitions, files: [imagedefinitions.json]}]
          exported_variables: [VERSION]
      on_success:
        result: FAIL
        rules:
          - kind: commands
            name: Look
            input: Test.Site
            extra_inputs: [Lib]
            commands: ["test -s index.html", "echo #{Test.VERSION}"]
            grants: [{actions: ["s3:GetObject"], resources: ["arn:aws:s3:::acme/*"]}]
          - {kind: alarm, name: Parts, alarm: !Ref Alarm, composite: true}
      on_failure: {result: RETRY}
    - name: Deploy
      before_entry:
        result: FAIL
        rules:
          - kind: deployment-window
            name: Hours
            cron: 0 0 9-17 ? * MON-FRI *
            time_zone: Europe/Berlin
            extra_configuration: {Another: key}
          - {kind: variable, name: Branch, variable: "#{App.BranchName}", value: main|v.*, operator: MATCHES}
          - kind: codebuild
            name: Verify
            project: verify
            input: App
            extra_inputs: [Test.Site]
            batch: true
            combine_artifacts: true
            environment: {LEVEL: "#{variables.LEVEL}", SECRET: {secrets_manager: verify/word}}
          - {kind: codebuild, name: Again, project: verify, input: Lib}
      actions:
        - {kind: ecs-deploy, name: Deploy, input: Test.Definitions, cluster: main, service: app, roles: [app]}
      on_success:
        result: ROLLBACK
        rules: [{kind: alarm, name: Errors, alarm: app-5xx, states: [ALARM, INSUFFICIENT_DATA], wait_minutes: 15}]
      on_failure:
        result: ROLLBACK
        rules: [{kind: alarm, name: Errors, alarm: app-5xx}]
"""

SEEDS = (CONNECTIONS, IMAGES, GOVERNED)
