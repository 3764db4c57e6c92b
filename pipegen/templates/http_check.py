"""Requests a URL, and reports to CodeDeploy or ECS whether the deployment may continue.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
https://docs.aws.amazon.com/cli/latest/reference/ecs/describe-service-deployments.html (a first deployment's
sourceServiceRevisions are empty)
"""

import http.client
import os
import re
import signal
import ssl
import threading
import time
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

REPORT_SECONDS = 10  # reserved for reporting the result
BODY_BYTES = 65536  # the part of a response that is read


def handler(event, context):
    if is_first_deployment(event):
        print("first deployment of the service: no request is sent")
        return {"hookStatus": "SUCCEEDED"}
    passed = False
    try:
        reserved = REPORT_SECONDS if "DeploymentId" in event else 1  # ECS reads the returned result
        passed = check(context.get_remaining_time_in_millis() / 1000 - reserved)
    except Exception as error:  # any error must be reported to the deployment
        print(f"failed: {describe(error)}")
    if "DeploymentId" in event:
        report_to_codedeploy(event, "Succeeded" if passed else "Failed")
    return {"hookStatus": "SUCCEEDED" if passed else "FAILED"}  # for ECS


def is_first_deployment(event):
    """Whether ECS is creating the service, for which its stack waits. False if that cannot be determined."""
    deployment = event.get("resourceArn", "")
    if ":service-deployment/" not in deployment:
        return False
    config = Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 2})
    try:
        client = boto3.client("ecs", config=config)
        deployments = client.describe_service_deployments(serviceDeploymentArns=[deployment])["serviceDeployments"]
        return bool(deployments) and not deployments[0].get("sourceServiceRevisions")
    except Exception as error:
        print(f"cannot determine whether this is the first deployment: {describe(error)}")
        return False


def report_to_codedeploy(event, status):
    config = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 2})
    boto3.client("codedeploy", config=config).put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )


def check(seconds):
    """Whether an attempt succeeds. An alarm stops everything in time, even a regular expression."""
    signal.signal(signal.SIGALRM, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        return any(succeeds(number) for number in range(int(os.environ["RETRIES"]) + 1))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def out_of_time(*_):
    raise TimeoutError("the timeout of the function is near")


def succeeds(number):
    """Make one attempt and log it, after a pause if it is not the first."""
    if number:
        time.sleep(float(os.environ["RETRY_SECONDS"]))
    url = urlsplit(os.environ["URL"])
    started = time.monotonic()
    failure = failure_of(request(url, float(os.environ["TIMEOUT_SECONDS"])))
    shown = f"{url.scheme}://{url.hostname}:{url.port}{url.path}"  # without credentials and query
    print(f"attempt {number + 1}: {shown}: {failure or 'as expected'} ({time.monotonic() - started:.1f} s)")
    return not failure


def request(url, timeout):
    """Return status and body, or an error. Uses a thread because name resolution and slow responses have no timeout."""
    results = []

    def get():
        try:
            results.append(response_of(url, timeout))
        except Exception as error:
            results.append(error)

    thread = threading.Thread(target=get, daemon=True)
    thread.start()
    thread.join(timeout)
    return results[0] if results else TimeoutError(f"no complete response in {timeout:g} s")


def response_of(url, timeout):
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=timeout)
    if url.scheme == "https":
        tls = ssl.create_default_context()
        if os.environ["VERIFY_CERTIFICATE"] == "false":
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=timeout, context=tls)
    try:
        connection.request("GET", url._replace(scheme="", netloc="").geturl())
        response = connection.getresponse()  # redirects are not followed
        return response.status, response.read(BODY_BYTES).decode(errors="replace")
    finally:
        connection.close()


def failure_of(result):
    if isinstance(result, Exception):
        return describe(result)
    status, body = result
    if str(status) not in os.environ["STATUSES"].split(","):
        return f"status {status}: {body[:200]!r}"
    if not re.search(os.environ.get("BODY", ""), body):
        return f"status {status}, unexpected body: {body[:200]!r}"
    return None


def describe(error):
    return f"{type(error).__name__} {str(error)[:200]!r}"
