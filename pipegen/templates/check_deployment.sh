# check_deployment TASKDEF NAME APPSPEC NAME PLACEHOLDER...: what is wrong between the two files, before it fails in a
# deployment; each file is called by the NAME that it has in the source
check_deployment() {
  python3 - "$@" <<'CHECK'
import json, re, sys, yaml

taskdef_file, taskdef_name, appspec_file, appspec_name, *placeholders = sys.argv[1:]
wrong = []

def read(file, name, parse):
    try:
        data = parse(open(file, encoding="utf-8"))
    except Exception as error:
        sys.exit(f"{name}: cannot be read: {error}")
    if not isinstance(data, dict):
        sys.exit(f"{name}: is no mapping")
    return data

def check(taskdef, appspec):
    containers = {c.get("name"): c for c in taskdef.get("containerDefinitions") or []}
    images = [str(c.get("image")) for c in containers.values()]
    for placeholder in placeholders:
        if f"<{placeholder}>" not in images:
            wrong.append(f"{taskdef_name}: no container has the image <{placeholder}>; images are {', '.join(images)}")
    for image in images:
        if re.fullmatch("<.*>", image) and image[1:-1] not in placeholders:
            wrong.append(f"{taskdef_name}: nothing fills in the image {image}; known are {', '.join(placeholders)}")
    services = [r for each in appspec.get("Resources") or [] for r in each.values() if r["Type"] == "AWS::ECS::Service"]
    if len(services) != 1:
        wrong.append(f"{appspec_name}: names {len(services)} resources of type AWS::ECS::Service; one is expected")
    for service in services:
        check_target(service["Properties"], containers)

def check_target(target, containers):
    if target.get("TaskDefinition") != "<TASK_DEFINITION>":
        wrong.append(f"{appspec_name}: TaskDefinition is {target.get('TaskDefinition')}; <TASK_DEFINITION> is expected")
    balanced = target.get("LoadBalancerInfo") or {}
    name, port = balanced.get("ContainerName"), balanced.get("ContainerPort")
    ports = [m.get("containerPort") for m in containers.get(name, {}).get("portMappings") or []]
    if name not in containers:
        wrong.append(f"{appspec_name}: {taskdef_name} has no container {name}; it has {', '.join(map(str, containers))}")
    elif port not in ports:
        wrong.append(f"{appspec_name}: {taskdef_name} maps no port {port} of {name}; it maps {ports}")

files = read(taskdef_file, taskdef_name, json.load), read(appspec_file, appspec_name, yaml.safe_load)
try:
    check(*files)
except (AttributeError, KeyError, TypeError) as error:
    wrong.append(f"{taskdef_name}, {appspec_name}: not in the form that ECS and CodeDeploy take: {error!r}")
sys.exit("\n".join(wrong) or 0)
CHECK
}
