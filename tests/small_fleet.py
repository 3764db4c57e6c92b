"""A small fleet for tests: one blueprint of its own with every sort of parameter, a service, two environments."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "pipegen.yaml": """\
blueprints: [platform]
defaults:
  with: {cluster: main, port: 3000}
  tags: {team: platform}
tags: {cost-centre: retail}
environments:
  staging: {account: "111111111111", region: eu-west-1, parameters: {ConnectionArn: x}}
  production: {}
locked: {permissions_boundary: security says so}
""",
    "platform/web/blueprint.yaml": """\
summary: A web service with an approval before production
parameters:
  service: {pattern: "[a-z-]{1,20}", description: The service's name}
  cluster: {description: The cluster that it runs in}
  port: {type: integer, default: 8080, minimum: 1, maximum: 65535, description: Where it listens}
  approve: {type: boolean, default: true, description: Whether production waits for somebody}
  size: {default: small, allowed_values: [small, large], description: How large its build is}
  commands: {type: list, default: [], description: What tests it}
  labels: {type: mapping, required: false, description: Variables of the build}
  topic: {type: value, required: false, description: Who hears of approvals}
  offered: {type: boolean, default: false, description: Whether a Dockerfile is offered}
definition:
  name: "{{ service }}"
  parameters:
    ConnectionArn: {Type: String, Description: Reads the repository}
    TopicArn: {Type: String, Default: "arn:aws:sns:eu-west-1:123456789012:all", Description: Who hears of releases}
  pipeline:
    stages:
      - name: Source
        actions:
          - {kind: github, name: App, repository: "acme/{{ service }}", branch: main, connection: !Ref ConnectionArn}
      - name: Build
        actions:
          - kind: docker-build
            name: Image
            images: [{container: app, repository: "{{ service }}"}]
            environment: {PORT: "{{ port | string }}", NOTIFY: "{{ file('notify.sh') }}", TOPIC: !Sub "${TopicArn}"}
            before: "{{ ['make'] + commands }}"
      - name: "{{ item }}"
        loop: [Staging, Production]
        on_failure: {result: ROLLBACK}
        actions:
          - {kind: approval, name: Release, topic: "{{ topic | default(omit) }}",
             when: "{{ approve and item == 'Production' }}"}
          - {kind: ecs-deploy, name: Deploy, cluster: "{{ cluster }}", service: "{{ service }}-{{ item | lower }}",
             roles: ["{{ service }}-task"], run_order: 2}
files:
  - {path: Dockerfile, template: Dockerfile.j2, when: "{{ offered }}"}
""",
    "platform/web/files/Dockerfile.j2": "FROM scratch\nEXPOSE {{ port }}\n",
    "platform/web/files/notify.sh": "echo {{ service }}\necho done\n",
    "services/orders.yaml": """\
blueprint: web
with: {service: orders, port: 4000, commands: [make test]}
tags: {team: checkout}
pipeline: {execution_mode: SUPERSEDED}
environments: [staging]
""",
}


def write_fleet(root: Path) -> Path:
    """The fleet in a directory."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root
