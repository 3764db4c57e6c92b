"""Secrets in plain text: what is reported, and what only looks like one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipegen import Foundation, Parameter
from pipegen.checks.values.plaintext import secrets_in
from pipegen.fields.model import walk
from pipegen.loading.definition import read
from pipegen.values.expression import Expression
from tests.strategies import seed_data
from tests.support.command import run
from tests.support.rejects import bases
from tests.support.validation import validated

INNOCENT = {
    "TOKEN_URL": "https://auth.example.com/token",
    "TOKEN_TTL": "3600",
    "SECRET_NAME": "orders/db",
    "SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x-a1B2c3",
    "PASSWORD_FILE": "/run/secrets/db",
    "DB_PASSWORD_FILE": "/run/secrets/db",
    "POSTGRES_PASSWORD_FILE": "/run/x",
    "PASSWORD_MIN_LENGTH": "12",
    "PASSWORD_HASHER": "argon2",
    "PUBLIC_KEY": "ssh-rsa AAAAB3NzaC1yc2E",
    "NEXT_PUBLIC_MAP_TOKEN": "not-a-secret-value",
    "VITE_API_KEY": "not-a-secret-value",
    "PRIMARY_KEY": "id",
    "CACHE_KEY": "orders-v2",
    "PARTITION_KEY": "customer",
    "SORT_KEY": "date",
    "S3_KEY": "build/app.zip",
    "KEY": "value",
    "MAX_TOKENS": "4096",
    "TOKEN_TYPE": "bearer",
    "TOKEN_HEADER": "X-Auth-Token",
    "CSRF_TOKEN_NAME": "csrf",
    "AUTH_TOKEN_ENDPOINT": "https://x/y",
    "SECRETS_PREFIX": "orders/",
    "SECRET_MANAGER_REGION": "eu-west-1",
    "SECRETS_PROVIDER": "aws",
    "CREDENTIALS_PROVIDER": "ecs",
    "AWS_CREDENTIALS_EXPIRATION": "900",
    "GOOGLE_APPLICATION_CREDENTIALS": "/etc/gcp.json",
    "CORS_ALLOW_CREDENTIALS": "true",
    "USE_CREDENTIALS": "false",
    "ENABLE_TOKEN": "true",
    "REQUIRE_PASSWORD": "yes",
    "SKIP_SECRET": "1",
    "KMS_KEY_ID": "alias/orders",
    "ENCRYPTION_KEY_ID": "1234",
    "ENCRYPTION_KEY": "alias/orders",
    "SIGNING_KEY": "arn:aws:kms:eu-west-1:123456789012:key/1",
    "KEYCLOAK_REALM": "shop",
    "KEY_PREFIX": "a",
    "API_KEY_HEADER": "x-api-key",
    "API_URL": "https://api.example.com",
    "DATABASE_URL": "postgres://db.internal/orders",
    "BYPASS": "x",
    "COMPASS_URL": "mongodb://x",
    "PASSENGER_APP_ENV": "production",
    "PASS_THROUGH": "headers",
    "PWD": "/app",
    "OLDPWD": "/",
    "TOKENIZER": "bert-base-uncased",
    "TOKENIZERS_PARALLELISM": "false",
    "SECRETARY": "jane",
    "NPM_TOKEN": "${NPM_TOKEN}",
    "A_TOKEN": "#{Build.TOKEN}",
    "B_TOKEN": "{{resolve:ssm:/x}}",
    "DB_PASSWORD": "$PASS",
    "SESSION_TOKEN_DURATION": "3600s",
    "JWT_SECRET_NAME": "x/y",
    "DB_SECRET": "orders/db",
    "DB_SECRET2": "orders/db:password",
    "REFRESH_TOKEN": "3600",
    "ACCESS_TOKEN": "1h",
    "TOKEN_VERSION": "2",
    "PASSWORD_POLICY": "strict",
    "MONKEY": "banana",
    "TURKEY": "x",
    "ROUTING_KEY": "orders.created",
    "KEYSTORE": "/etc/k.jks",
    "FOREIGN_KEY": "customer_id",
    "FEATURE_KEY": "new-checkout",
    "HOTKEY": "ctrl",
    "TLS_PRIVATE_KEY": "/etc/tls/key.pem",
    "SSH_KEY": "~/.ssh/id_rsa",
    "PRIVATE_KEY": "certs/server.key",
    "AUTH_KEY": "file:/x",
}
"""Names that have words of secrets in them, and values that refer to secrets or say something about them."""

INNOCENT_COMMANDS = (
    "npm ci && npm test",
    "docker login -u AWS -p $(aws ecr get-login-password) x",
    "aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin 1.dkr.ecr.io",
    "aws secretsmanager get-secret-value --secret-id orders/db --query SecretString --output text",
    "export TOKEN=$(aws ssm get-parameter --name /x --with-decryption --query Parameter.Value --output text)",
    'export DB_PASSWORD="$PW"',
    "docker build --secret id=npm,env=NPM_TOKEN -t x .",
    'curl -u "$USER:$PASS" https://x',
    'curl -H "Authorization: Bearer $TOKEN" https://x',
    "npm config set //registry.npmjs.org/:_authToken=${NPM_TOKEN}",
    "npm config set //registry.npmjs.org/:_authToken ${NPM_TOKEN}",
    "git config --global credential.helper store",
    'git config --global credential.helper "!aws codecommit credential-helper \\$@"',
    "docker run -p 8080:80 x",
    "mkdir -p build/x",
    'mysql -h db -p"$PW" orders',
    "mysql -uroot -p$PW x",
    "psql postgres://$USER:$PASS@db/x",
    'grep -q "password=" file',
    'sed -i "s/PASSWORD=.*/PASSWORD=$PW/" .env',
    'echo "token: $X"',
    "aws ecs update-service --cluster a --service b --force-new-deployment",
    "jq '.token = \"x\"' f",
    "sort --key 2 f",
    "helm upgrade --install x . --set image.tag=1",
    "git clone https://x-access-token:${GITHUB_TOKEN}@github.com/a/b",
    "git clone https://github.com/a/b",
    "ssh-keyscan -t rsa github.com",
    "pytest --token-file x",
    "terraform apply -var password=$PW",
    "openssl rand -hex 32",
    "aws sts get-session-token --duration-seconds 900",
    "sonar-scanner -Dsonar.login=$SONAR_TOKEN",
    'test -n "$SECRET"',
    "unset DB_PASSWORD",
    "read -s PASSWORD",
    'printf "%s" "$TOKEN" | docker login -u me --password-stdin',
    "docker compose run -e DB_PASSWORD web",
    "sam deploy --parameter-overrides Token=$T",
    "python manage.py createsuperuser --noinput",
    "curl -fsS http://localhost:8080/health?token=ok || exit 1",
    'poetry config pypi-token.pypi "$T"',
    'if [ -z "$API_KEY" ]; then exit 1; fi',
    "git describe --tags",
    "gradle -Psecret=$S build",
    "cypress run --key $CYPRESS_KEY",
    "aws codeartifact login --tool npm --repository r --domain d",
    "keytool -list -storepass $P",
    "export AWS_PAGER=",
)

SECRETS = {
    "DB_PASSWORD": "hunter2",
    "DB_PASSWORD_PROD": "hunter2",
    "DB_PASSWORD2": "12345678",
    "PGPASSWORD": "hunter2",
    "SmtpPass": "hunter2",
    "JWT_SECRET": "s3cr3t-value",
    "API_TOKEN": "abc123def456",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "SECRET_KEY_BASE": "9f8e7d6c5b4a3f2e1d",
    "APIKEY": "abc123def456",
    "ACCESS": "AKIAIOSFODNN7EXAMPLE",
    "ALMOST": "AKIA1234567890ABCDEF",
    "GITHUB": "github_pat_" + "a1B2c3D4e5" * 8 + "f6",
    "GITLAB": "glpat-a1B2c3D4e5F6a7B8c9D0",
    "PAYMENTS": "sk_live_51H8abcdefghijklmnopqrst",
    "HOOK": "https://hooks.slack.com/services/T00000000/B00000000/a1B2c3D4e5F6a7B8c9D0e1F2",
    "JWT": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_Xg",
    "REDIS_URL": "redis://:hunter2@cache:6379",
    "CONNECTION": "Server=db;User=sa;Password=hunter2;",
    "SPRING": '{"spring.datasource.password":"hunter2"}',
}

SECRET_COMMANDS = (
    "PGPASSWORD=hunter2 psql -h db",
    "npm ci --token abcdef123456",
    "docker build --build-arg NPM_TOKEN=abcdef123456 .",
    "docker run -e DB_PASSWORD=hunter2 test",
    "curl -u orders:hunter2 https://example.com",
    'curl -H "Authorization: Bearer abcdef123456" https://example.com',
    'curl -H "PRIVATE-TOKEN: abcdef123456" https://example.com',
    "echo hunter2 | docker login --username orders --password-stdin",
    "git clone https://orders:hunter2@github.com/acme/orders",
    "mysql -uroot -phunter2 orders",
    "sshpass -p hunter2 ssh host",
    "redis-cli -h cache -a hunter2 ping",
    "aws configure set aws_secret_access_key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
)


def test_what_only_looks_like_a_secret_is_not_reported(tmp_path: Path) -> None:
    assert "secret-" not in validated(tmp_path, environment=INNOCENT, commands=INNOCENT_COMMANDS)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_in_a_variable_is_reported_and_not_shown(name: str, tmp_path: Path) -> None:
    found = validated(tmp_path, environment={name: SECRETS[name]})
    assert "secret-plaintext" in found
    assert name in found
    for part in SECRETS[name].replace("@", " ").split():
        assert part not in found


@pytest.mark.parametrize("command", SECRET_COMMANDS)
def test_a_secret_in_a_command_is_reported_and_not_shown(command: str, tmp_path: Path) -> None:
    found = validated(tmp_path, commands=["make", command])
    assert "commands[1] of the action Test" in found
    assert "[secret-plaintext]" in found
    assert not any(secret in found for secret in ("hunter2", "abcdef123456", "wJalr"))


def test_a_secret_in_a_value_of_an_environment_is_reported_in_the_file_of_the_fleet(tmp_path: Path) -> None:
    environment = 'account: "123456789012", region: eu-west-1, parameters: {DbPassword: hunter2, Level: info}'
    (tmp_path / "pipegen.yaml").write_text(f"definitions: ['*.yaml']\nenvironments:\n  production: {{{environment}}}\n")
    fields = "parameters: {DbPassword: {}, Level: {}}\ntags: {Level: !Ref Level, Database: !Ref DbPassword}\n"
    (tmp_path / "orders.yaml").write_text(bases()["tested"] + fields)
    result = run("validate", tmp_path)
    assert "pipegen.yaml:3:" in result.stdout + result.stderr
    assert "DbPassword of production is a secret" in result.stdout + result.stderr
    assert "hunter2" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "value",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "AKIAXXXXXXXXXXXXXXXX",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_YOURTOKENHERE000000000000000000000000",
        "npm_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE...\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_a_token_of_the_documentation_is_a_warning(value: str, tmp_path: Path) -> None:
    found = validated(tmp_path, environment={"VALUE": value})
    assert ": warning: " in found
    assert "[secret-plaintext]" in found


def test_a_token_that_is_none_of_the_documentation_is_an_error(tmp_path: Path) -> None:
    found = validated(tmp_path, environment={"VALUE": "ghp_a1B2c3D4e5F6a7B8c9D0e1F2a3B4c5D6e7F8"})
    assert "secret-plaintext" in found
    assert "warning" not in found


TOKEN = "ghp_a1B2c3D4e5F6a7B8c9D0e1F2a3B4c5D6e7F8"
FOUNDATION = Foundation(
    emails=["delivery@example.com"],
    tags={"team": "delivery"},
    parameters={
        "Stage": Parameter("Stage", default="test", description="Of the account", allowed_values=["test", "production"])
    },
    mappings={"Teams": {"delivery": {"size": "4"}}},
    permissions_boundary="arn:aws:iam::123456789012:policy/boundary",
)


@pytest.mark.parametrize("model", [FOUNDATION, *map(read, seed_data())], ids=lambda each: each.name)
def test_a_token_is_reported_in_every_text(model: Any) -> None:
    leaves = [(path, TOKEN) for path, leaf in walk(model) if isinstance(leaf, str | Expression)]
    assert {problem.path for problem in secrets_in(model, leaves)} == {path for path, _ in leaves}


def test_prose_may_look_as_if_it_had_a_secret(tmp_path: Path) -> None:
    definition = yaml.safe_load(bases()["tested"])
    definition["description"] = "Logs in with password=hunter2, or npm_xxxxxxxxxxxxxxxxxxxx"
    (tmp_path / "orders.yaml").write_text(yaml.safe_dump(definition))
    result = run("validate", tmp_path / "orders.yaml")
    assert (result.exit_code, result.stderr) == (0, "checked 1 definition: no problems\n")
