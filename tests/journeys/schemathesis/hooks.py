"""What schemathesis checks beyond its own checks, and a note of every status that it met."""

import atexit
import json
import os
from collections import defaultdict

import requests
import schemathesis

# The status for each wrong Authorization (contract of Auth0: what is no token at all is a bad request).
WRONG = {
    None: 401,
    "Bearer e30.e30.e30": 401,
    "Bearer token": 400,
    "Basic YTpi": 400,
}

met = defaultdict(set)
asked = set()


def is_public(operation):
    return {} in operation.definition.raw.get("security", [])


@schemathesis.check
def authentication_is_needed(ctx, response, case):
    operation = case.operation
    if operation.label in asked or is_public(operation) or response.status_code >= 300:
        return
    asked.add(operation.label)
    for authorization, status in WRONG.items():
        request = response.request.copy()
        request.headers.pop("Authorization", None)
        if authorization:
            request.headers["Authorization"] = authorization
        with requests.Session() as session:
            answer = session.send(request)
        assert answer.status_code == status, f"{authorization}: {answer.status_code}"


@schemathesis.hook
def after_call(ctx, case, response):
    described = case.operation.definition.raw["responses"]
    met[case.operation.label].update({*described} & {str(response.status_code)})
    met[f"all {case.operation.label}"].update(described)


@atexit.register
def tell():
    names = [name for name in met if not name.startswith("all ")]
    missed = {name: sorted(met[f"all {name}"] - met[name]) for name in sorted(names)}
    with open(os.environ["TESSERA_MISSED"], "w", encoding="utf-8") as file:
        json.dump({name: statuses for name, statuses in missed.items() if statuses}, file)
