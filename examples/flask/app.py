"""A small shop: it checks passwords itself, and lets Tessera check the second factor."""

import os
import secrets
import time

from authlib.integrations.flask_client import OAuthError
from flask import Flask, redirect, render_template, request, session, url_for
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.security import check_password_hash, generate_password_hash

import second_factor

app = Flask(__name__)
app.config.update(
    CLIENT_ID=os.environ["CLIENT_ID"],
    CLIENT_SECRET=os.environ["CLIENT_SECRET"],
    TESSERA_URL=os.environ.get("TESSERA_URL", "http://localhost:8080"),
    SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_hex(),
    SESSION_COOKIE_SAMESITE="Lax",
    # Add SESSION_COOKIE_SECURE=True where there is https.
)
second_factor.init_app(app)


def account(name):
    password = generate_password_hash("correct horse battery staple")
    return {"id": f"shop|{name}", "email": f"{name}@example.com", "password": password}


USERS = {name: account(name) for name in ("ada", "grace")}
# What is compared with a password for nobody, so that it takes as long.
NOBODY = account("nobody")
# So long after the password, in seconds, may the second step be taken.
PATIENCE = 600

# Why a login came back without a code (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6).
REASONS = {
    "access_denied": "You cancelled the second step.",
    "login_required": "Please confirm that it is you.",
    "interaction_required": "Please confirm that it is you.",
}
NO_FACTOR = "unmet_authentication_requirements"


@app.get("/")
def home():
    return render_template("home.html", name=session.get("name"), amr=session.get("amr"))


@app.post("/login")
def login():
    name = request.form.get("name", "")
    user = USERS.get(name, NOBODY)
    is_right = check_password_hash(user["password"], request.form.get("password", ""))
    if not is_right or user is NOBODY:
        return render_template("home.html", error="That is not right."), 401
    session.clear()
    # The password was right. Nobody is logged in yet: no other page looks at this.
    session["halfway"] = [name, time.time()]
    # A real application does this once, when somebody signs up.
    second_factor.add_user(user["id"], user["email"])
    return second_step(user)


@app.post("/second-step")
def again():
    user = halfway()
    if not user:
        return redirect(url_for("home"), code=303)
    # What the former try left in the session is of no use any more.
    password = session["halfway"]
    session.clear()
    session["halfway"] = password
    return second_step(user, enroll="enroll" in request.form)


def halfway():
    """Whose password was right, not long ago."""
    name, at = session.get("halfway", [None, 0])
    return USERS.get(name) if time.time() - at < PATIENCE else None


def second_step(user, enroll=False):
    callback = url_for("callback", _external=True)
    return redirect(second_factor.begin(user["id"], callback, enroll), code=303)


@app.get("/callback")
def callback():
    user = halfway()
    if not user:
        return redirect(url_for("home"))
    claims = second_factor.finish(user["id"])
    name, _ = session["halfway"]
    session.clear()
    session["name"] = name
    session["amr"] = claims["amr"]
    return redirect(url_for("home"))


@app.post("/logout")
def logout():
    # All that is to be ended is here: Tessera keeps nobody logged in.
    session.clear()
    return redirect(url_for("home"))


@app.errorhandler(OAuthError)
def refused(error):
    if error.error == NO_FACTOR:
        return render_template("halfway.html", enroll=True)
    app.logger.warning("no second factor: %s", error)
    reason = REASONS.get(error.error, "The second step did not work.")
    return render_template("halfway.html", reason=reason)


@app.errorhandler(JoseError)
@app.errorhandler(RequestException)
def failed(error):
    app.logger.error("no second factor: %s", error)
    return render_template("halfway.html", reason="The second step did not work."), 502
