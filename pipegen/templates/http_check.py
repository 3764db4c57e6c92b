"""Asks a URL, and tells CodeDeploy or ECS whether the deployment may go on.

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

REPORT_SECONDS = 10  # kept for telling the result
BODY_BYTES = 65536  # of an answer; the rest is not read


def handler(event, context):
    if is_first_deployment(event):
        print("the service's first deployment: there is nothing that it could harm, so nothing is asked")
        return {"hookStatus": "SUCCEEDED"}
    passed = False
    try:
        reserved = REPORT_SECONDS if "DeploymentId" in event else 1  # ECS waits for the result, CodeDeploy is sent it
        passed = check(context.get_remaining_time_in_millis() / 1000 - reserved)
    except Exception as error:  # whatever it is, the deployment must hear of it
        print(f"failed: {describe(error)}")
    if "DeploymentId" in event:
        tell_codedeploy(event, "Succeeded" if passed else "Failed")
    return {"hookStatus": "SUCCEEDED" if passed else "FAILED"}  # for ECS


def is_first_deployment(event):
    """Whether ECS creates the service, and its stack waits. Where that cannot be found out, the URL is asked."""
    deployment = event.get("resourceArn", "")
    if ":service-deployment/" not in deployment:
        return False
    config = Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 2})
    try:
        client = boto3.client("ecs", config=config)
        found = client.describe_service_deployments(serviceDeploymentArns=[deployment])["serviceDeployments"]
        return bool(found) and not found[0].get("sourceServiceRevisions")
    except Exception as error:
        print(f"whether this is the first deployment is not known: {describe(error)}")
        return False


def tell_codedeploy(event, status):
    config = Config(connect_timeout=3, read_timeout=3, retries={"total_max_attempts": 2})
    boto3.client("codedeploy", config=config).put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status=status,
    )


def check(seconds):
    """Whether a try succeeds. An alarm ends all in time, even a regular expression."""
    signal.signal(signal.SIGALRM, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        return any(succeeds(number) for number in range(int(os.environ["RETRIES"]) + 1))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def out_of_time(*_):
    raise TimeoutError("the function's time is nearly over")


def succeeds(number):
    """One try and its line in the log, after a pause unless it is the first."""
    if number:
        time.sleep(float(os.environ["RETRY_SECONDS"]))
    url = urlsplit(os.environ["URL"])
    started = time.monotonic()
    reason = wrong(ask(url, float(os.environ["TIMEOUT_SECONDS"])))
    place = f"{url.scheme}://{url.hostname}:{url.port}{url.path}"  # no credentials, no query
    print(f"try {number + 1}: {place}: {reason or 'as expected'} ({time.monotonic() - started:.1f} s)")
    return not reason


def ask(url, timeout):
    """Status and body, or an error. In a thread: name resolution and slow answers have no end of their own."""
    found = []

    def get():
        try:
            found.append(answer(url, timeout))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=get, daemon=True)
    thread.start()
    thread.join(timeout)
    return found[0] if found else TimeoutError(f"no whole answer in {timeout:g} s")


def answer(url, timeout):
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


def wrong(found):
    if isinstance(found, Exception):
        return describe(found)
    status, body = found
    if str(status) not in os.environ["STATUSES"].split(","):
        return f"status {status}: {body[:200]!r}"
    if not re.search(os.environ.get("BODY", ""), body):
        return f"status {status}, but not the body: {body[:200]!r}"
    return None


def describe(error):
    return f"{type(error).__name__} {str(error)[:200]!r}"
