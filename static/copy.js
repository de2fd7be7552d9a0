// Copy and print: the page works without them, so their buttons stay hidden until this script runs.
"use strict";
(() => {
  const status = document.querySelector("[data-said]");

  const select = (id) => {
    const range = document.createRange();
    range.selectNodeContents(document.getElementById(id));
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  const say = (button, words) => {
    const label = button.dataset.label ?? (button.dataset.label = button.textContent);
    button.textContent = words;
    if (status) status.textContent = words;
    clearTimeout(Number(button.dataset.timer));
    button.dataset.timer = setTimeout(() => {
      button.textContent = label;
      if (status) status.textContent = "";
    }, 2500);
  };

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        say(button, button.dataset.copied);
      } catch {
        // No clipboard without https, or not permitted: leave the text selected for the keyboard.
        select(button.dataset.select);
        say(button, button.dataset.failed);
      }
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();
