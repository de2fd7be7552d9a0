// The authenticator: a key for each account that never leaves this browser, and what it signs.
"use strict";
(() => {
  const page = document.querySelector("[data-authenticator]");
  const find = (what) => page.querySelector(`[data-${what}]`);
  const parts = [...page.querySelectorAll("[data-show]")];
  const part = (name) => parts.find((part) => part.dataset.show === name);
  const words = find("words").dataset;
  const encoder = new TextEncoder();
  let accounts = [];
  let prompt;
  let pairing = false;
  let skew = 0;
  let drawn;

  const say = (text) => {
    const line = find("say");
    line.textContent = text ?? "";
    line.hidden = !text;
  };
  const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

  // One table of IndexedDB, which keeps keys that no script can read.
  const store = (mode, act) => new Promise((done, fail) => {
    const opening = indexedDB.open("authenticator", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("accounts", { keyPath: "id" });
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const asked = act(opening.result.transaction("accounts", mode).objectStore("accounts"));
      asked.onsuccess = () => { opening.result.close(); done(asked.result); };
      asked.onerror = () => fail(asked.error);
    };
  });

  const post = async (path, body) => {
    const answer = await fetch(`/authenticator/${path}`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), credentials: "omit",
    });
    return { status: answer.status, told: await answer.json().catch(() => ({})) };
  };
  const sign = async (account, lines) => base64url(await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-256" }, account.key, encoder.encode(lines.join("\n"))));

  const show = () => {
    const asks = Boolean(prompt);
    const pairs = !asks && (pairing || accounts.length === 0);
    part("prompt").hidden = !asks;
    part("pair").hidden = !pairs;
    part("accounts").hidden = accounts.length === 0 || asks || pairs;
    if (asks) find("of").textContent = prompt.account.name;
    const state = JSON.stringify(accounts.map(({ id, status }) => [id, status]));
    if (state === drawn) return;
    drawn = state;
    find("accounts").replaceChildren(...accounts.map((account) => {
      const item = find("account").content.cloneNode(true);
      item.querySelector("span").textContent = account.name;
      item.querySelector("li").classList.toggle("gone", account.status === "gone");
      item.querySelector("em").textContent = { pending: words.pending, gone: words.gone }[account.status] ?? "";
      const button = item.querySelector("button");
      button.setAttribute("aria-label", `${button.textContent} ${account.name}`);
      button.addEventListener("click", () => remove(account));
      return item;
    }));
  };

  const subscribe = async () => {
    const key = page.dataset.pushKey;
    if (!key || !("Notification" in self) || !("PushManager" in self)) return undefined;
    try {
      if (await Notification.requestPermission() !== "granted") return undefined;
      const registration = await navigator.serviceWorker.ready;
      const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
      const { endpoint, keys } = made.toJSON();
      return { endpoint, p256dh: keys.p256dh, auth: keys.auth };
    } catch {
      // No push service: prompts are seen while this page is open.
      return undefined;
    }
  };
  const phoneName = () => {
    const agent = navigator.userAgent;
    return /iPhone|iPad|Android|Macintosh|Windows|Linux/.exec(agent)?.[0].replace("Macintosh", "Mac") ?? "";
  };

  const pair = async (code) => {
    const key = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const asked = {
      code, public_key: base64url(await crypto.subtle.exportKey("raw", key.publicKey)), name: phoneName(),
    };
    const subscription = await subscribe();
    let answer = await post("pair", subscription ? { ...asked, subscription } : asked);
    // A push service that this server does not call.
    if (answer.status === 400 && subscription) answer = await post("pair", asked);
    const { status, told } = answer;
    if (status !== 200) {
      return say({ 404: words.unknown, 409: words.taken, 429: words.throttled }[status] ?? words.away);
    }
    skew = told.time - Date.now();
    const account = { id: told.enrollment_id, name: told.account, key: key.privateKey, status: "pending" };
    await store("readwrite", (table) => table.put(account));
    navigator.storage?.persist?.();
    accounts.push(account);
    pairing = false;
    say(words.connected);
    return look();
  };

  const forget = async (account) => {
    await store("readwrite", (table) => table.delete(account.id));
    accounts = accounts.filter((other) => other !== account);
  };
  const remove = async (account) => {
    if (!confirm(words.sure)) return;
    await forget(account);
    if (accounts.length === 0) {
      const registration = await navigator.serviceWorker?.getRegistration("/authenticator");
      const subscription = await registration?.pushManager?.getSubscription();
      await subscription?.unsubscribe();
    }
    show();
  };

  const look = async () => {
    if (accounts.length === 0) return;
    const time = Math.round(Date.now() + skew);
    const asked = accounts.slice(0, 16).map(async (account) => ({
      enrollment_id: account.id, time,
      signature: await sign(account, ["tessera-push-list-v1", location.origin, account.id, time]),
    }));
    const { status, told } = await post("pending", { accounts: await Promise.all(asked) });
    if (status !== 200) return;
    skew = told.time - Date.now();
    let next;
    for (const { enrollment_id, status, prompts } of told.accounts) {
      const account = accounts.find((account) => account.id === enrollment_id);
      if (!account) continue;
      // A pairing that came to nothing leaves nothing behind; a phone that was taken off says so.
      if (status === "gone" && account.status === "pending") await forget(account);
      else if (status !== "refused") account.status = status;
      if (prompts.length > 0) next ??= { account, id: prompts.at(-1).challenge_id };
    }
    if (next?.id !== prompt?.id) {
      prompt = next;
      if (prompt) document.querySelector("#number").value = "";
    }
    show();
  };

  const answer = async (decision) => {
    const { account, id } = prompt;
    const field = document.querySelector("#number");
    const number = decision === "approve" ? field.value : "";
    const signature = await sign(account, ["tessera-push-answer-v1", location.origin, id, account.id, decision, number]);
    const { told } = await post("answer", { challenge_id: id, enrollment_id: account.id, decision, number, signature });
    say({ approved: words.approved, denied: words.denied, "wrong-number": words.wrongNumber }[told.result] ?? words.over);
    if (told.result === "wrong-number") {
      field.select();
      field.focus();
    } else {
      prompt = undefined;
      await look();
    }
    show();
  };

  const guarded = (act) => async (event) => {
    event.preventDefault();
    const buttons = [...page.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    try {
      await act(event);
    } catch {
      say(words.away);
    }
    for (const button of buttons) button.disabled = false;
  };

  const watch = async () => {
    if (!document.hidden) await look().catch(() => {});
    setTimeout(watch, 2000);
  };

  const start = async () => {
    if (!isSecureContext || !crypto.subtle || !self.indexedDB) throw new Error("unable");
    accounts = await store("readonly", (table) => table.getAll());
    navigator.serviceWorker?.register("/authenticator/sw.js", { scope: "/authenticator" }).catch(() => {});
    const field = document.querySelector("#pairing");
    const takeCode = () => {
      const code = decodeURIComponent(location.hash.slice(1));
      if (!code) return;
      // A code does not stay in the address or in the history.
      history.replaceState(null, "", location.pathname + location.search);
      field.value = code;
      pairing = true;
      show();
    };
    const installs = /iPhone|iPad/.test(navigator.userAgent) && !matchMedia("(display-mode: standalone)").matches;
    find("install").hidden = !installs;
    part("pair").addEventListener("submit", guarded(() => pair(field.value)));
    part("prompt").addEventListener("submit", guarded(() => answer("approve")));
    for (const button of page.querySelectorAll("[data-decision]")) {
      button.addEventListener("click", guarded(() => answer(button.dataset.decision)));
    }
    find("another").addEventListener("click", () => { pairing = true; field.value = ""; show(); field.focus(); });
    addEventListener("hashchange", takeCode);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look().catch(() => {}); });
    takeCode();
    show();
    watch();
  };
  start().catch(() => { part("unable").hidden = false; });
})();
