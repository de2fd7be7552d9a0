"""A back end that uses Auth0's own SDK, unmodified: create a ticket, then read what the person enrolled.

Arguments: the server's address and a management token; or, over https, its domain and a client's id and secret.
Prints one JSON object.
"""

import json
import sys

from auth0.management import ManagementClient
from auth0.management.client import Auth0
from auth0.management.core.api_error import ApiError

match sys.argv[1:]:
    case [address, token]:
        auth0 = Auth0(base_url=f"{address}/api/v2", token=token)
    case [domain, client_id, client_secret]:
        auth0 = ManagementClient(domain=domain, client_id=client_id, client_secret=client_secret)


def refused(call):
    try:
        call()
    except ApiError as error:
        return {"status": error.status_code, "body": error.body}


ada = auth0.users.create(connection="Username-Password-Authentication", user_id="ada", email="ada@example.com")
ticket = auth0.guardian.enrollments.create_ticket(
    user_id=ada.user_id, send_mail=True, email_locale="de", factor="otp", allow_multiple_enrollments=False
)

# An app of elsewhere is brought along, looked at, renamed and taken away.
methods = auth0.users.authentication_methods
app = methods.create(ada.user_id, type="totp", name="Old app", totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
code = auth0.users.regenerate_recovery_code(ada.user_id).recovery_code
listed = [method.type for method in methods.list(ada.user_id)]
renamed = methods.update(ada.user_id, app.id, name="Work phone").name
shown = methods.get(ada.user_id, app.id)
second = refused(lambda: methods.create(ada.user_id, type="totp"))
methods.delete(ada.user_id, app.id)
replaced = methods.set(ada.user_id, request=[{"type": "totp", "name": "New app"}])
auth0.users.authenticators.delete_all(ada.user_id)
brought = {
    "id": app.id,
    "totp_secret": app.totp_secret,
    "recovery_code": code,
    "listed": listed,
    "renamed": [renamed, shown.name, shown.confirmed],
    "second": second["status"],
    "replaced": [method.name for method in replaced],
    "left": [method.type for method in methods.list(ada.user_id)],
}

# An application is registered, moved and taken away.
shop = auth0.clients.create(name="Shop", callbacks=["https://shop.example.com/a"])
moved = auth0.clients.update(shop.client_id, callbacks=["https://shop.example.com/b"])
registered = {
    "secret": shop.client_secret[:4],
    "method": shop.token_endpoint_auth_method,
    "listed": "Shop" in [client.name for client in auth0.clients.list()],
    "callbacks": [shop.callbacks, moved.callbacks, auth0.clients.get(shop.client_id).callbacks],
    "alg": [
        shop.jwt_configuration.alg,
        auth0.clients.update(shop.client_id, jwt_configuration={"alg": "ES256"}).jwt_configuration.alg,
    ],
}
auth0.clients.delete(shop.client_id)
registered["gone"] = refused(lambda: auth0.clients.get(shop.client_id))["status"]

# Page and mail of the admin's own: stored, read back, changed and switched off.
settings, mails = auth0.tenants.settings, auth0.email_templates
page = '{% extends "builtin/mfa.html" %}{% block footer %}<p>Acme</p>{% endblock footer %}'
kept = settings.update(guardian_mfa_page={"enabled": True, "html": page}).guardian_mfa_page
mail = {"template": "enrollment_email", "body": "<a href='{{ link }}'>Go</a>", "from_": None, "enabled": True}
mail |= {"subject": "Hello", "syntax": "tera", "url_lifetime_in_seconds": 432000, "include_email_in_redirect": False}
absent = refused(lambda: mails.get("enrollment_email"))
made = mails.create(**mail)
stored = {
    "kept": [kept.enabled, kept.html == page, settings.get().guardian_mfa_page.enabled],
    "only": settings.get(fields="friendly_name", include_fields=True).guardian_mfa_page,
    "off": settings.update(guardian_mfa_page={"enabled": False}).guardian_mfa_page.enabled,
    "broken": refused(lambda: settings.update(guardian_mfa_page={"enabled": True, "html": "{{ x }}"}))["status"],
    "absent": [absent["status"], absent["body"]["errorCode"]],
    "made": [made.template, made.subject, made.syntax, made.from_],
    "again": refused(lambda: mails.create(**mail))["status"],
    "set": mails.set("enrollment_email", **mail | {"subject": "Salut"}).subject,
    "changed": mails.update("enrollment_email", enabled=False).enabled,
    "shown": [mails.get("enrollment_email").subject, mails.get("enrollment_email").enabled],
    "liquid": refused(lambda: mails.update("enrollment_email", syntax="liquid"))["status"],
}
print(
    json.dumps(
        {
            "brought": brought,
            "registered": registered,
            "stored": stored,
            "user_id": ada.user_id,
            "ticket_id": ticket.ticket_id,
            "ticket_url": ticket.ticket_url,
            "enrollments": auth0.users.enrollments.get(ada.user_id),
            "factors": [factor.name for factor in auth0.guardian.factors.list() if factor.enabled],
            "switched": auth0.guardian.factors.set("otp", enabled=True).enabled,
            "nobody": refused(lambda: auth0.guardian.enrollments.create_ticket(user_id="auth0|nobody")),
            "nothing": refused(lambda: auth0.guardian.enrollments.get("totp|dev_" + "0" * 32)),
            "misspelt": refused(lambda: auth0.guardian.enrollments.create_ticket(user_id="", factor="otp")),
        }
    )
)
