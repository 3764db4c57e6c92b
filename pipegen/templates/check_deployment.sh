# check_deployment TASKDEF NAME APPSPEC NAME PLACEHOLDER...: check that the two files match, so that problems are
# reported before the deployment; NAME is the name of a file in messages
check_deployment() {
  python3 - "$@" <<'CHECK'
import json, re, sys, yaml

taskdef_file, taskdef_name, appspec_file, appspec_name, *placeholders = sys.argv[1:]
problems = []

def read(file, name, parse):
    try:
        data = parse(open(file, encoding="utf-8"))
    except Exception as error:
        sys.exit(f"{name}: cannot be read: {error}")
    if not isinstance(data, dict):
        sys.exit(f"{name}: expected a mapping")
    return data

def check(taskdef, appspec):
    containers = {c.get("name"): c for c in taskdef.get("containerDefinitions") or []}
    images = [str(c.get("image")) for c in containers.values()]
    for placeholder in placeholders:
        if f"<{placeholder}>" not in images:
            used = ", ".join(images)
            problems.append(f"{taskdef_name}: no container has the image <{placeholder}>; its images are {used}")
    for image in images:
        if re.fullmatch("<.*>", image) and image[1:-1] not in placeholders:
            problems.append(f"{taskdef_name}: unknown placeholder {image}; use one of {', '.join(placeholders)}")
    services = [r for each in appspec.get("Resources") or [] for r in each.values() if r["Type"] == "AWS::ECS::Service"]
    if len(services) != 1:
        problems.append(f"{appspec_name}: expected one resource of type AWS::ECS::Service, got {len(services)}")
    for service in services:
        check_target(service["Properties"], containers)

def check_target(target, containers):
    if target.get("TaskDefinition") != "<TASK_DEFINITION>":
        problems.append(f"{appspec_name}: TaskDefinition must be <TASK_DEFINITION>, got {target.get('TaskDefinition')}")
    balanced = target.get("LoadBalancerInfo") or {}
    name, port = balanced.get("ContainerName"), balanced.get("ContainerPort")
    ports = [m.get("containerPort") for m in containers.get(name, {}).get("portMappings") or []]
    if name not in containers:
        existing = ", ".join(map(str, containers))
        problems.append(f"{appspec_name}: {taskdef_name} has no container {name}; it has {existing}")
    elif port not in ports:
        problems.append(f"{appspec_name}: {taskdef_name} does not map port {port} of {name}; it maps {ports}")

files = read(taskdef_file, taskdef_name, json.load), read(appspec_file, appspec_name, yaml.safe_load)
try:
    check(*files)
except (AttributeError, KeyError, TypeError) as error:
    problems.append(f"{taskdef_name}, {appspec_name}: not in the form that ECS and CodeDeploy require: {error!r}")
sys.exit("\n".join(problems) or 0)
CHECK
}
