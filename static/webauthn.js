// Security keys and passkeys: asks the server what to ask, the browser for a credential, and sends that as a form.
"use strict";
(() => {
  const form = document.querySelector("[data-ceremony]");
  if (!form) return;
  const words = form.dataset;
  const alert = document.querySelector("[data-alert]");
  const status = document.querySelector("[data-status]");
  const button = form.querySelector("button");

  const say = (element, text) => {
    element.hidden = !text;
    element.textContent = text;
  };
  const stop = (text) => {
    say(status, "");
    say(alert, text);
    button.disabled = false;
    // Being disabled took the focus from it.
    if (document.activeElement === document.body) button.focus();
  };

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const written = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // What the server wants asked; nothing when it has said why not.
  const begin = async () => {
    const answer = await fetch(words.begin, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const told = await answer.json().catch(() => ({}));
    if (told.error) return stop(told.error.message);
    // The page itself says what became of the link.
    if (!told.challenge) return location.assign(form.getAttribute("action"));
    const known = (list) => list.map((one) => ({ ...one, id: bytes(one.id) }));
    if (!told.user) return { ...told, challenge: bytes(told.challenge), allowCredentials: known(told.allowCredentials) };
    return {
      ...told,
      challenge: bytes(told.challenge),
      user: { ...told.user, id: bytes(told.user.id) },
      excludeCredentials: known(told.excludeCredentials),
    };
  };

  const made = (response) => ({
    clientDataJSON: written(response.clientDataJSON),
    attestationObject: written(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  });
  const used = (response) => ({
    clientDataJSON: written(response.clientDataJSON),
    authenticatorData: written(response.authenticatorData),
    signature: written(response.signature),
    userHandle: response.userHandle ? written(response.userHandle) : null,
  });
  const answer = (credential) => ({
    id: credential.id,
    rawId: written(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    response: (credential.response.attestationObject ? made : used)(credential.response),
  });

  const missing = async () => {
    if (!isSecureContext) return words.insecure;
    if (!window.PublicKeyCredential) return words.unsupported;
    if (words.ceremony !== "webauthn-platform") return "";
    const there = await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
    return there ? "" : words.noPlatform;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    form.elements.response.value = "";
    say(alert, "");
    say(status, words.waiting);
    document.querySelector("#errors")?.remove();
    try {
      const options = await begin();
      if (!options) return;
      const ask = options.user ? "create" : "get";
      const credential = await navigator.credentials[ask]({ publicKey: options });
      form.elements.response.value = JSON.stringify(answer(credential));
      form.submit();
    } catch (error) {
      stop(words[`error${error.name}`] ?? words.errorOther);
    }
  });

  // Back from the next page, as it was left.
  addEventListener("pageshow", (event) => {
    if (event.persisted) stop("");
  });

  missing().then((why) => {
    form.hidden = Boolean(why);
    if (why) say(alert, why);
  });
})();
