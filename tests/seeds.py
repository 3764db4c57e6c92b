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
encryption_key: arn:aws:kms:eu-west-1:123456789012:key/0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f
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
          compute_type: BUILD_GENERAL1_LARGE
          timeout_minutes: 30
          queued_timeout_minutes: 60
          log_retention_days: 7
          encryption_key: !ImportValue logs-key
          concurrent_build_limit: 2
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
              secrets: {token: {from_environment: TOKEN}}
              tags: ["1.0", {from_environment: VERSION}]
            - container: side-car
              repository: arn:aws:ecr:us-east-1:210987654321:repository/side
            - container: 1st
              repository: {name: !Ref Name, account: "210987654321", region: us-east-1, immutable: true}
          before: ['export VERSION="1.$CODEBUILD_BUILD_NUMBER"']
          cache_repository: {name: layers, create: true, encryption_key: !ImportValue images-key}
          pull_repositories: [base/image]
          cache: {s3: acme-cache/app, paths: [/root/.cache/**/*]}
          vpc: {vpc_id: !Ref VpcId, subnets: [subnet-1, subnet-2], security_groups: [sg-1]}
          runtime_versions: {nodejs: "22"}
          environment: {TOKEN: {secrets_manager: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:t-AbCdEf:key::"}}
          action_environment: {LEVEL: "#{Code.CommitId}"}
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
          run_order: 3
          topic: !Ref Topic
          encryption_key: !ImportValue topic-key
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
            commands: ["test -s index.html", "echo #{App.CommitId}"]
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
            environment: {LEVEL: "#{App.CommitId}", SECRET: {secrets_manager: verify/word}}
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

DEPLOYMENTS = """\
name: deployments
parameters:
  Listener: {Type: String}
  TestListener: {Type: String}
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: app, branch: main}
    - name: Build
      actions:
        - kind: docker-build
          name: Images
          images:
            - {container: app, repository: app}
            - {container: proxy, repository: proxy, context: proxy}
        - {kind: docker-build, name: Single, images: [{container: batch, repository: batch}]}
    - name: Typed
      actions:
        - kind: codedeploy-ecs
          name: Deploy
          application: {name: app, create: true}
          bundle: Images.deployment
          images:
            - {container: app, placeholder: APP_IMAGE, input: Images.detail_app}
            - {container: proxy}
          task_definition:
            family: app
            task_role: teams/app-task
            execution_role: !ImportValue execution-role
            network_mode: awsvpc
            requires_compatibilities: [FARGATE]
            cpu: 1024
            memory: 4096
            ephemeral_storage: 30
            runtime_platform: {cpu_architecture: X86_64, operating_system_family: LINUX}
            tags: {team: app, stage: !Ref "AWS::StackName"}
            volumes:
              - name: data
                efs_volume_configuration: {file_system_id: !ImportValue files, transit_encryption: ENABLED}
              - {name: scratch}
            containers:
              - name: app
                ports: [8080, {container_port: 9090, name: metrics, app_protocol: http}]
                cpu: 256
                memory: 1024
                memory_reservation: 512
                environment: {LEVEL: info, TABLE: !ImportValue table, ODD: 'a "b" $c `d` \\e'}
                secrets: {TOKEN: !Sub "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/app/token"}
                command: [serve, --fast]
                working_directory: /srv
                user: "1000"
                health_check: {command: [CMD, /check], interval: 10, timeout: 5, retries: 2, start_period: 60}
                log_configuration:
                  driver: awslogs
                  options: {awslogs-group: /ecs/app, awslogs-region: !Ref "AWS::Region", awslogs-stream-prefix: app}
                depends_on: [{container: proxy, condition: HEALTHY}]
                start_timeout: 60
                stop_timeout: 30
                ulimits: [{name: nofile, soft_limit: 1024, hard_limit: 2048}]
                mount_points: [{source_volume: data, container_path: /data, read_only: true}]
                linux_parameters: {init_process_enabled: true, capabilities: {drop: [ALL]}}
                readonly_root_filesystem: true
                docker_labels: {owner: app}
              - name: proxy
                essential: false
                health_check: {command: [CMD-SHELL, "true"]}
              - {name: agent, image: "public.ecr.aws/agent/agent:1", essential: false}
          appspec:
            container: app
            port: 8080
            platform_version: LATEST
            network: {subnets: [subnet-1], security_groups: [sg-1], assign_public_ip: DISABLED}
            capacity_providers: [{provider: FARGATE, base: 1, weight: 1}, {provider: FARGATE_SPOT, weight: 3}]
            hooks:
              before_install: migrate
              after_install: !ImportValue hook
              after_allow_test_traffic:
                host: app.example.com
                scheme: https
                port: 8443
                path: /health?deep=1
                statuses: [200, 204]
                body: ok
                retries: 3
                retry_seconds: 2
                timeout_seconds: 4
                deadline_seconds: 60
                verify_certificate: false
                log_retention_days: 30
                encryption_key: !ImportValue logs-key
                vpc: {vpc_id: vpc-1, subnets: [subnet-1], security_groups: [sg-1]}
          deployment_group:
            name: app-main
            cluster: main
            service: app
            target_groups: [app-blue, !ImportValue green]
            production_listener: !Ref Listener
            test_listener: !Ref TestListener
            configuration: {canary_percentage: 10, interval_minutes: 15}
            hold_minutes: 30
            termination_wait_minutes: 120
            alarms: [app-5xx, !ImportValue alarm]
            rollback_on: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM]
            revision_bucket: revisions
        - kind: codedeploy-ecs
          name: Linear
          images: [{container: batch, input: Single}]
          bundle: Single
          task_definition: {file: deploy/taskdef.json}
          appspec: {file: deploy/appspec.yaml}
          roles: [batch-task]
          deployment_group:
            cluster: main
            service: batch
            target_groups: [batch-blue, batch-green]
            production_listener: !Ref Listener
            configuration: {linear_percentage: 25, interval_minutes: 3}
            alarms: []
    - name: Existing
      actions:
        - kind: codedeploy-ecs
          name: There
          application: !ImportValue application
          deployment_group: !ImportValue group
          bundle: Single
          images: [{container: batch}]
          task_definition:
            family: batch
            cpu: 256
            memory: 512
            execution_role: batch
            containers: [{name: batch, ports: [80]}]
        - kind: codedeploy-ecs
          name: Instances
          application: app
          deployment_group: instances
          bundle: Images.deployment
          images: [{container: app, input: Images.detail_app}]
          appspec: {container: app, port: 80}
          task_definition:
            family: instances
            network_mode: bridge
            requires_compatibilities: [EC2]
            execution_role: app
            pid_mode: host
            ipc_mode: none
            enable_fault_injection: false
            placement_constraints: [{expression: "attribute:ecs.instance-type =~ t3.*"}]
            proxy_configuration: {container_name: envoy, properties: {ProxyIngressPort: "15000"}}
            volumes:
              - {name: host, host: {source_path: /var/data}}
              - name: docker
                docker_volume_configuration:
                  scope: shared
                  autoprovision: true
                  driver: local
                  driver_opts: {type: tmpfs}
                  labels: {owner: app}
              - name: efs
                efs_volume_configuration:
                  file_system_id: fs-1
                  root_directory: /
                  transit_encryption: ENABLED
                  transit_encryption_port: 2999
                  authorization_config: {access_point_id: fsap-1, iam: ENABLED}
              - name: fsx
                fsx_windows_file_server_volume_configuration:
                  file_system_id: fs-2
                  root_directory: share
                  authorization_config: {credentials_parameter: !ImportValue fsx, domain: example.com}
              - name: s3
                s3files_volume_configuration:
                  file_system_arn: "arn:aws:s3files:eu-west-1:123456789012:file-system/fs-3"
                  root_directory: /
                  transit_encryption_port: 3000
                  access_point_arn: "arn:aws:s3files:eu-west-1:123456789012:file-system/fs-3/access-point/fsap-2"
            containers:
              - name: app
                memory_reservation: 256
                ports: [{container_port: 80, host_port: 0, protocol: tcp}]
                entry_point: [/entry]
                environment_files: ["arn:aws:s3:::settings/app.env"]
                repository_credentials: {credentials_parameter: !ImportValue hub}
                restart_policy: {enabled: true, ignored_exit_codes: [0], restart_attempt_period: 120}
                links: [envoy]
                hostname: app
                dns_servers: [10.0.0.2]
                dns_search_domains: [example.com]
                extra_hosts: [{hostname: db, ip_address: 10.0.0.9}]
                docker_security_options: [no-new-privileges]
                interactive: false
                pseudo_terminal: false
                privileged: false
                disable_networking: false
                version_consistency: enabled
                system_controls: [{namespace: net.core.somaxconn, value: "1024"}]
                resource_requirements:
                  - {type: GPU, value: "1", sharing_strategy: {nvidia_mps: {memory: 1024, max_compute_percent: 50}}}
                volumes_from: [{source_container: envoy, read_only: true}]
                firelens_configuration: {type: fluentbit, options: {enable-ecs-log-metadata: "true"}}
                linux_parameters:
                  capabilities: {add: [SYS_PTRACE]}
                  devices: [{host_path: /dev/fuse, container_path: /dev/fuse, permissions: [read]}]
                  shared_memory_size: 64
                  tmpfs: [{container_path: /tmp, size: 64, mount_options: [noexec]}]
                  max_swap: 128
                  swappiness: 10
                log_configuration:
                  driver: splunk
                  options: {splunk-url: "https://splunk.example.com"}
                  secret_options: {splunk-token: "arn:aws:ssm:eu-west-1:123456789012:parameter/splunk"}
              - {name: envoy, image: envoy, memory: 128}
    - name: Native
      actions:
        - kind: ecs-deploy
          name: Rolling
          cluster: native
          service: rolling
          input: Images
          roles: [app]
          strategy: {kind: rolling, minimum_healthy_percent: 50, maximum_percent: 150, rollback: false, alarms: [a]}
        - kind: ecs-deploy
          name: BlueGreen
          cluster: native
          service: blue-green
          input: Images
          containers: [app]
          file_name: blue-green.json
          roles: [app]
          strategy:
            kind: blue-green
            bake_minutes: 10
            alarms: [a]
            hooks:
              - function: {host: app.example.com, path: /health}
                stages: [POST_TEST_TRAFFIC_SHIFT]
                timeout_minutes: 5
                on_timeout: CONTINUE
              - {function: !ImportValue function, stages: [POST_SCALE_UP], role: !ImportValue role, details: {a: [1]}}
              - {pause_at: [PRE_PRODUCTION_TRAFFIC_SHIFT], timeout_minutes: 20, on_timeout: ROLLBACK}
        - kind: ecs-deploy
          name: Canary
          cluster: native
          service: canary
          input: Images
          roles: [app]
          strategy: {kind: canary, canary_percent: 7.5, canary_bake_minutes: 10}
        - kind: ecs-rollout
          name: Rollout
          run_order: 7
          input: Images
          cluster: native
          service: linear
          containers: [proxy]
          file_name: deploy/linear.json
          roles: [app]
          family: app
          poll_seconds: 30
          environment: {LEVEL: info}
          action_environment: {COMMIT: "#{App.CommitId}"}
          strategy: {kind: linear, step_percent: 20, step_bake_minutes: 30, bake_minutes: 60}
    - name: Record
      actions:
        - kind: record-images
          name: Rolled
          parameters: {proxy: !Sub "/${AWS::StackName}/proxy"}
          input: Images.definitions
          file_name: deploy/linear.json
        - kind: record-images
          name: Shifted
          run_order: 2
          source: image-details
          parameters: {app: /app/image, batch: !ImportValue batch-image}
          inputs: {app: Images.detail_app, batch: Single.deployment}
"""

STACKS = """\
name: stacks
parameters: {Stage: {}}
mappings: {Sizes: {production: {memory: "1024"}}}
foundation:
  {name: delivery, referenced_by: name, has_key: true, key_arn: !ImportValue delivery-key, role_path: /delivery/}
pipeline:
  role: "arn:aws:iam::123456789012:role/delivery"
  event_role: "arn:aws:iam::123456789012:role/events"
  variables: {SIZE: {default: small}}
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: app, branch: main}
    - name: Build
      actions:
        - kind: codebuild
          name: Build
          commands: [make templates]
          outputs: [{name: Templates, files: ["*.yaml", config/*.json]}, {name: Values, files: ["**/*"]}]
          role: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/builds"
        - {kind: codebuild, name: Scan, project: company-scan, input: App, action_environment: {LEVEL: high}}
    - name: Deploy
      actions:
        - kind: cloudformation
          name: Data
          stack_name: !Sub "data-${Stage}"
          mode: REPLACE_ON_FAILURE
          template: {path: data.yaml, artifact: App}
          role: teams/cloudformation
          output_file: outputs.json
          stack_outputs: [TableName, TableArn]
        - kind: cloudformation
          name: Service
          run_order: 2
          namespace: Stack
          stack_name: service
          template: {artifact: Build.Templates, path: service.yaml}
          template_configuration: {artifact: Build.Templates, path: config/production.json}
          role: !ImportValue role
          capabilities: [CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]
          parameter_overrides:
            Size: small
            Commit: "#{App.CommitId}"
            Table: {key: TableName, path: outputs.json, artifact: Data}
            Stage: !Ref Stage
            TableArn: {key: TableArn, path: outputs.json, artifact: Data}
            Code: {attribute: ObjectKey, artifact: Build.Values}
          stack_outputs: [ServiceUrl]
        - kind: cloudformation
          name: Prepare
          run_order: 3
          mode: CHANGE_SET_REPLACE
          stack_name: edge
          change_set_name: release
          template: {path: edge.yaml, artifact: Build.Templates}
          role: arn:aws:iam::123456789012:role/cloudformation
          parameter_overrides: {Origin: "#{App.CommitId}"}
        - kind: cloudformation
          name: Execute
          run_order: 4
          mode: CHANGE_SET_EXECUTE
          stack_name: edge
          change_set_name: release
          output_file: edge.json
        - {kind: cloudformation, name: Clear, run_order: 5, mode: DELETE_ONLY, stack_name: old, role: cloudformation}
"""

SERVICES = """\
name: services
parameters:
  VpcId: {Type: "AWS::EC2::VPC::Id"}
  Subnet: {Type: "AWS::EC2::Subnet::Id"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  ListenerArn: {}
  TestListenerArn: {}
  Group: {Type: "AWS::EC2::SecurityGroup::Id"}
conditions: {IsMain: !Equals [!Ref "AWS::Region", eu-west-1]}
registry:
  stack_name: shop-images
  resources: {Releases: {Type: "AWS::SNS::Topic"}}
  outputs: {Releases: {Value: !Ref Releases}}
tags: {team: shop}
services:
  web:
    name: shop-web
    cluster:
      name: shop
      create: true
      container_insights: enhanced
      capacity_providers: [FARGATE, FARGATE_SPOT]
      default_strategy: [{provider: FARGATE, base: 1, weight: 1}]
    network: {vpc_id: !Ref VpcId, subnets: [!Ref Subnet], security_groups: [!Ref Group], assign_public_ip: true}
    task_definition:
      cpu: 512
      memory: 1024
      containers:
        - name: app
          ports: [{container_port: 8080, name: http, app_protocol: http}]
          secrets: {KEY: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-a1b2c3:key::", LEVEL: /shop/level}
          environment_files: ["arn:aws:s3:::shop-settings/web.env"]
    load_balancer:
      scheme: internal
      name: shop-web
      subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]
      certificate: arn:aws:acm:eu-west-1:123456789012:certificate/8e3b7a54
      ssl_policy: ELBSecurityPolicy-TLS13-1-2-2021-06
      access_logs: {bucket: shop-logs, prefix: web}
      idle_timeout_seconds: 120
      deletion_protection: true
      drop_invalid_headers: false
      ip_address_type: dualstack
      ingress: [10.0.0.0/8]
      ipv6_ingress: ["2001:db8::/32"]
      target_group:
        protocol: HTTP
        protocol_version: HTTP2
        health_check:
          {path: /health, port: 8080, protocol: HTTP, interval_seconds: 20, timeout_seconds: 10, healthy_count: 2,
           unhealthy_count: 3, matcher: "200-299"}
        deregistration_delay_seconds: 30
        stickiness: {duration_seconds: 600, cookie: SESSION}
        algorithm: least_outstanding_requests
      container: app
      port: 8080
    dns: {name: shop.example.com., zone_name: example.com., evaluate_target_health: true, ipv6: true}
    alarms: {target_5xx: {percent: 2.5, period_seconds: 120}}
    deployment: {minimum_healthy_percent: 50, maximum_percent: 150, alarms: [shop-5xx]}
    capacity_providers: [{provider: FARGATE, base: 1, weight: 1}, {provider: FARGATE_SPOT, weight: 4}]
    platform_version: 1.4.0
    autoscaling:
      minimum: 2
      maximum: 20
      cpu_percent: 55.5
      memory_percent: 70
      requests_per_target: 800
      scale_in_cooldown_seconds: 600
      scale_out_cooldown_seconds: 30
      scale_in: false
      schedules:
        - {schedule: "cron(0 7 ? * MON-FRI *)", minimum: 4, maximum: 20, time_zone: Europe/Rome}
    health_check_grace_seconds: 45
    execute_command: true
    service_connect:
      namespace: shop.internal
      services:
        - port_name: http
          discovery_name: web
          aliases: [{port: 80, dns_name: web, test_header: {name: X-Test, value: "1"}}]
      log_configuration:
        driver: awslogs
        options: {awslogs-group: /shop/connect, awslogs-region: eu-west-1, awslogs-stream-prefix: web}
    service_discovery:
      {namespace: ns-0a1b2c3d4e5f, name: web, record_type: SRV, ttl_seconds: 10, container: app, port: 8080}
    availability_zone_rebalancing: true
    propagate_tags: TASK_DEFINITION
    grants: [{actions: ["sqs:SendMessage"], resources: ["arn:aws:sqs:eu-west-1:123456789012:shop"]}]
    managed_policies: ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"]
    execution_grants: [{actions: ["kms:Decrypt"], resources: ["arn:aws:kms:eu-west-1:123456789012:key/1"]}]
    repositories: [shop/base]
    log_retention_days: 14
    encryption_key: !ImportValue logs-key
    first_images: {app: shop/base:1}
    overrides:
      Service: {EnableECSManagedTags: false}
    stack_name: shop-web
    resources:
      Orders:
        Type: AWS::DynamoDB::Table
        DeletionPolicy: Retain
        UpdateReplacePolicy: Retain
        Metadata: {Owner: shop}
        Properties:
          BillingMode: PAY_PER_REQUEST
          AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
          KeySchema: [{AttributeName: id, KeyType: HASH}]
          PointInTimeRecoverySpecification: !If [IsMain, {PointInTimeRecoveryEnabled: true}, !Ref "AWS::NoValue"]
      Busy:
        Type: AWS::CloudWatch::Alarm
        Condition: IsMain
        DependsOn: [Service]
        Properties:
          Namespace: AWS/ECS
          MetricName: CPUUtilization
          Dimensions: [{Name: ServiceName, Value: !GetAtt Service.Name}, {Name: ClusterName, Value: shop}]
          ComparisonOperator: GreaterThanThreshold
          Statistic: Average
          Threshold: 80
          EvaluationPeriods: 3
          Period: 60
      Workers:
        Type: AWS::AutoScaling::AutoScalingGroup
        CreationPolicy: {ResourceSignal: {Count: 1, Timeout: PT5M}}
        UpdatePolicy: {AutoScalingRollingUpdate: {MinInstancesInService: 1}}
        Properties: {MinSize: "1", MaxSize: "1", VPCZoneIdentifier: !Ref Subnets, InstanceId: i-0a1b2c3d}
    outputs:
      OrdersTable: {Value: !Ref Orders, Description: The table, Condition: IsMain, Export: {Name: shop-orders}}
  shared:
    cluster: instances
    network: {vpc_id: !Ref VpcId, subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}
    task_definition:
      requires_compatibilities: [EC2]
      network_mode: bridge
      containers:
        - {name: shared, memory_reservation: 128, ports: [{container_port: 9000, host_port: 0}]}
    load_balancer:
      listener: !Ref ListenerArn
      security_group: !Ref Group
      priority: 20
      path_patterns: [/shared/*]
      host_headers: ["*.example.com"]
      methods: [GET]
      source_ips: ["192.0.2.0/24"]
      test: {priority: 10, listener: !Ref TestListenerArn, headers: {X-Test: ["yes"]}}
      target_group: {slow_start_seconds: 60}
    dns:
      name: shared.example.com
      hosted_zone_id: !ImportValue zone
      target: {dns_name: shared-1.eu-west-1.elb.amazonaws.com, hosted_zone_id: Z32O12XQLNTSW2}
    alarms:
      target_5xx: {count: 10, evaluation_periods: 2}
      unhealthy_hosts: {count: 2, period_seconds: 120, evaluation_periods: 4}
      latency: {seconds: 0.5, statistic: p99.9, period_seconds: 120, evaluation_periods: 4}
      topic: !ImportValue alarms
    deployment:
      kind: codedeploy
      application: shop
      deployment_group: shop-shared
      configuration: {linear_percentage: 20, interval_minutes: 2}
      hold_minutes: 30
      termination_wait_minutes: 10
      alarms: [shop-5xx]
      rollback_on: [DEPLOYMENT_FAILURE]
      revision_bucket: shop-revisions
      hooks: {after_allow_test_traffic: shop-check, before_allow_traffic: {host: test.shop.example.com, path: /health}}
    launch_type: EC2
    desired_count: 2
    placement_strategies: [{type: spread, field: host}, {type: random}]
    placement_constraints: [{type: memberOf, expression: "attribute:ecs.os-type == linux"}, {type: distinctInstance}]
  agent:
    cluster: instances
    scheduling_strategy: DAEMON
    task_definition:
      requires_compatibilities: [EC2]
      network_mode: host
      containers:
        - {name: agent, image: acme/agent:1, memory: 64}
    deployment: {minimum_healthy_percent: 0}
  moved:
    cluster: shop
    network: {vpc_id: !Ref VpcId, subnets: !Ref Subnets, client_security_groups: [!Ref Group]}
    task_definition: {cpu: 256, memory: 512, containers: [{name: moved, ports: [8080]}]}
    load_balancer: {test_port: 8443, test_ingress: [10.0.0.0/8]}
    deployment:
      kind: blue-green
      bake_minutes: 5
      hooks: [{pause_at: [PRE_PRODUCTION_TRAFFIC_SHIFT], timeout_minutes: 30}]
  stacked:
    cluster: shop
    network: {vpc_id: !Ref VpcId, subnets: !Ref Subnets}
    task_definition: {cpu: 256, memory: 512, containers: [{name: stacked, ports: [8080]}]}
    load_balancer:
      listener: !Ref ListenerArn
      security_group: !Ref Group
      priority: 30
      headers: {X-Stacked: ["yes"]}
      query: {beta: "1"}
    deployed_by: cloudformation
pipeline:
  stack_name: shop-delivery
  resources: {Deliveries: {Type: "AWS::SNS::Topic"}}
  outputs: {Deliveries: {Value: !Ref Deliveries}}
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: Shop, repository: shop, branch: main}
    - name: Build
      actions:
        - kind: docker-build
          name: Images
          images:
            - {container: app, repository: {name: shop/app, create: true}}
            - {container: shared, repository: shop/shared}
            - {container: moved, repository: shop/moved}
            - {container: stacked, repository: shop/stacked}
    - name: Deploy
      actions:
        - {kind: ecs-deploy, name: Web, service: web, deployment_timeout: 30}
        - {kind: ecs-deploy, name: Shared, service: shared}
        - {kind: ecs-deploy, name: Moved, service: moved}
        - kind: cloudformation
          name: Stacked
          stack_name: services-stacked
          template: {path: templates/services-stacked.yaml}
          role: deploys-services
          capabilities: [CAPABILITY_IAM]
          parameter_overrides: {StackedImage: "#{Images.IMAGE_URI_STACKED}"}
        - {kind: record-images, name: Record, run_order: 9, source: image-details, parameters: {shared: /shop/shared}}
"""

ACCOUNTS = """\
name: promoted
environments:
  tools: {account: "111111111111", region: eu-west-1, parameters: {Branch: main}}
  staging: {account: "222222222222", region: eu-west-1}
  abroad: {account: "111111111111", region: us-east-1}
  far: {account: "333333333333", region: us-east-1, parameters: {Subnets: [subnet-0a1b2c3d, subnet-0a1b2c3e]}}
pipelines: tools
parameters:
  Branch: {Type: String}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
artifacts: {create_key: true}
services:
  staging:
    environment: staging
    cluster: main
    network: {vpc_id: vpc-0a1b2c3d, subnets: !Ref Subnets}
    task_definition: {cpu: 256, memory: 512, containers: [{name: web, ports: [8080]}]}
  far:
    environment: far
    cluster: main
    network: {vpc_id: vpc-0a1b2c3e, subnets: !Ref Subnets}
    task_definition: {cpu: 256, memory: 512, containers: [{name: web, ports: [8080]}]}
    load_balancer: {subnets: !Ref Subnets}
    deployment: {kind: codedeploy, alarms: [far-5xx]}
pipeline:
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: promoted, branch: !Ref Branch}
    - name: Build
      actions:
        - {kind: docker-build, name: Image, images: [{container: web, repository: {name: promoted, create: true}}]}
    - name: Staging
      actions:
        - {kind: ecs-deploy, name: Deploy, service: staging}
        - {kind: codebuild, name: Smoke, runs_in: staging, category: Test, commands: [make smoke]}
    - name: Abroad
      actions:
        - kind: cloudformation
          name: Tables
          runs_in: abroad
          stack_name: promoted-tables
          template: {path: tables.yaml}
          role: arn:aws:iam::111111111111:role/tables
    - name: Far
      actions:
        - {kind: approval, name: Release}
        - {kind: ecs-deploy, name: Deploy, service: far}
"""

NOTIFIED = """\
name: notified
parameters: {Topic: {}, Key: {}, Bus: {}}
tags: {team: shop}
foundation: {name: delivery, referenced_by: parameter, has_key: true, has_topic: true}
pipeline:
  schedules:
    - {name: Nightly, schedule: "cron(0 2 * * ? *)", enabled: false}
    - {name: Often, schedule: rate(12 hours)}
  notifications:
    - kind: email
      name: Team
      addresses: [team@example.com, !Sub "${AWS::StackName}@example.com"]
      encryption_key: !Ref Key
      events: [pipeline-execution-started, pipeline-execution-succeeded, manual-approval-failed]
      detail: BASIC
      enabled: false
    - {kind: topic, name: Shared}
    - {kind: topic, name: Own, topic: !Ref Topic, events: [stage-execution-failed, action-execution-failed]}
    - {kind: slack, name: Channel, workspace: T0123456789, channel: C0123456789, detail: FULL}
    - kind: slack
      name: Known
      events: [pipeline-execution-resumed, stage-execution-canceled]
      configuration: arn:aws:chatbot::123456789012:chat-configuration/slack-channel/known
    - kind: teams
      name: Office
      tenant: 0c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f
      team: 1c6b8b6e-4f63-4c6b-b0d2-0a1b2c3d4e5f
      channel: 19%3Aab-cd%40thread.tacv2
    - kind: teams
      name: Support
      events: [pipeline-execution-superseded]
      configuration: arn:aws:chatbot::123456789012:chat-configuration/microsoft-teams-channel/support
    - {kind: lambda, name: Tickets, function: tickets, events: [manual-approval-needed, manual-approval-succeeded]}
    - {kind: event-bus, name: Audit, event_bus: !Ref Bus, enabled: false, events: [action-execution-started]}
  stages:
    - name: Source
      actions:
        - {kind: s3, name: Data, bucket: acme-data, key: data.zip}
    - name: Release
      actions:
        - {kind: approval, name: Approve}
"""

ACTIONS = """\
name: actions
parameters: {Function: {}, Device: {}, Bucket: {}}
environments:
  tools: {account: "111111111111", region: eu-west-1}
  web: {account: "222222222222", region: us-east-1}
pipelines: tools
artifacts: {create_key: true}
pipeline:
  variables: {SUITE: {default: full}}
  stages:
    - name: Source
      actions:
        - {kind: codecommit, name: App, repository: app, branch: main}
        - kind: action
          name: Perforce
          category: Source
          provider: Perforce
          owner: Custom
          version: 2
          outputs: [{name: depot}]
          output_variables: [Changelist]
    - name: Test
      actions:
        - kind: lambda
          name: Prepare
          function: !Ref Function
          user_parameters: "change=#{Perforce.Changelist}"
          inputs: [App, Perforce.depot]
          outputs: [{name: data, files: [data.json]}, {name: rest}]
          output_variables: [Environment]
        - kind: commands
          name: Checksum
          input: App
          extra_inputs: [Perforce.depot]
          commands:
            - test "$SUITE" != none
            - export SUM=$(cat $CODEBUILD_SRC_DIR_Perforce_depot/* | sha256sum | cut -c1-64)
            - echo "$SUM" > sum.txt
          output_files: [sum.txt, "docs/**/*"]
          output_variables: [SUM]
          environment: {SUITE: "#{variables.SUITE}", TOKEN: {secrets_manager: "actions/token:key"}, NAME: !Ref Function}
          compute_type: BUILD_GENERAL1_MEDIUM
          grants: [{actions: [sqs:SendMessage], resources: ["arn:aws:sqs:eu-west-1:111111111111:sums"]}]
        - kind: commands
          name: Windows
          runs_in: web
          input: Checksum
          commands: ["Get-Content sum.txt"]
          environment_type: WINDOWS_SERVER_2022_CONTAINER
          compute_type: BUILD_GENERAL1_LARGE
        - kind: action
          name: Devices
          category: Test
          provider: DeviceFarm
          inputs: [App]
          configuration: {ProjectId: !Ref Device, AppType: Web, RecordVideo: true, Timeout: 30}
          grants:
            - actions: [devicefarm:ListProjects, devicefarm:ListDevicePools, devicefarm:GetRun]
              resources: ["*"]
              because: Device Farm lists projects and pools
        - kind: step-functions
          name: Migrate
          state_machine: migrate
          input: '{"data": "#{codepipeline.PipelineExecutionId}"}'
          execution_name_prefix: release
        - kind: step-functions
          name: Fill
          runs_in: web
          state_machine: arn:aws:states:us-east-1:222222222222:stateMachine:fill
          input_file: {path: data.json, artifact: Prepare.data}
    - name: Deploy
      actions:
        - kind: s3-deploy
          name: Site
          bucket: !Ref Bucket
          input: App
          key: "site/#{App.CommitId}/"
          cache_control: "public, max-age=300"
          canned_acl: bucket-owner-full-control
          encryption_key: arn:aws:kms:eu-west-1:111111111111:key/0a1b2c3d-0000-1111-2222-333344445555
        - {kind: s3-deploy, name: Archive, runs_in: web, bucket: archive, input: Fill, extract: false, key: fill.zip}
        - kind: start-pipeline
          name: Next
          pipeline: next
          pipeline_variables: {SUITE: "#{App.CommitId}", FUNCTION: !Ref Function}
          source_revisions: [{source: App, type: COMMIT_ID, value: "#{App.CommitId}"}]
        - {kind: lambda, name: Invalidate, runs_in: web, function: invalidate, inputs: [Prepare.data]}
"""

SEEDS = (CONNECTIONS, IMAGES, GOVERNED, DEPLOYMENTS, STACKS, SERVICES, ACCOUNTS, NOTIFIED, ACTIONS)
