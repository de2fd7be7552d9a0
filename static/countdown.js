// Counts down until another code may be asked for, and says when. Without it the words of the page are right when it comes.
"use strict";
(() => {
  const line = document.querySelector("[data-wait]");
  if (!line) return;
  const end = Date.now() + Number(line.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      const seconds = String(left % 60).padStart(2, "0");
      line.textContent = line.dataset.left.replace("0:00", `${Math.floor(left / 60)}:${seconds}`);
      return setTimeout(tick, 1000);
    }
    line.textContent = line.dataset.over;
    document.querySelector("[data-said]").textContent = line.dataset.over;
  };
  tick();
})();
