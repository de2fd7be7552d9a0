// Wakes when the phone is called: shows that there is something to answer, and opens the page for it.
"use strict";
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // Shown without words rather than not at all.
  }
  event.waitUntil(registration.showNotification(told.title ?? location.host, {
    body: told.text ?? "", lang: told.lang ?? "", tag: "prompt", icon: "/static/icon-192.png",
  }));
});
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const open = await clients.matchAll({ type: "window" });
    const page = open.find((client) => new URL(client.url).pathname === "/authenticator");
    return page ? page.focus() : clients.openWindow("/authenticator");
  })());
});
