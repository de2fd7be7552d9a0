// Marks what this device can do; the choice works without it.
"use strict";
(async () => {
  const can = "PublicKeyCredential" in window && isSecureContext;
  const probes = {
    browser: async () => can,
    platform: async () => can && PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable(),
  };
  for (const mark of document.querySelectorAll("[data-device]")) {
    const able = await probes[mark.dataset.device]().catch(() => false);
    const words = able ? mark.dataset.yes : mark.dataset.no;
    if (!words) continue;
    mark.textContent = words;
    mark.classList.add(able ? "can" : "cannot");
    mark.hidden = false;
  }
})();
