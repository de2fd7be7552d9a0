// Waits for the phone: asks how things stand, and goes on when it approved. Without it the button does.
"use strict";
(() => {
  const form = document.querySelector("form[data-state-url]");
  if (!form) return;
  for (const hint of form.querySelectorAll("[data-waits]")) hint.hidden = false;
  const look = async () => {
    let state;
    try {
      const answer = await fetch(form.dataset.stateUrl, { headers: { accept: "application/json" } });
      if (!answer.ok && answer.status < 500 && answer.status !== 429) return location.reload();
      state = (await answer.json()).state;
    } catch {
      // Out of reach for a moment.
    }
    if (state === "approved") return form.requestSubmit();
    if (state && state !== form.dataset.state) return location.reload();
    setTimeout(look, document.hidden ? 5000 : 1500);
  };
  setTimeout(look, 1000);
})();
