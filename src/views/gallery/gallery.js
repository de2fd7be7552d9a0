"use strict";
(() => {
  const page = document.documentElement;
  const find = document.querySelector("#find");
  const tiles = [...document.querySelectorAll("article")];
  const words = tiles.map((tile) => [...tile.querySelectorAll("h3, .files")].map((said) => said.textContent).join(" ").toLowerCase());
  // What was chosen outlives a change of language and of files.
  const keep = {
    get(name) { try { return sessionStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { sessionStorage.setItem(name, value); } catch { /* Then it does not. */ } },
  };

  const sift = () => {
    const wanted = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    tiles.forEach((tile, nth) => { tile.hidden = !wanted.every((word) => words[nth].includes(word)); });
    for (const room of document.querySelectorAll(".room")) room.hidden = !room.querySelector("article:not([hidden])");
    document.querySelector(".none").hidden = tiles.some((tile) => !tile.hidden);
  };
  find.value = keep.get("find") ?? "";
  find.addEventListener("input", () => { keep.set("find", find.value); sift(); });
  find.closest("label").hidden = false;
  sift();

  // A frame is as tall as what is in it, where a browser lets us look.
  const width = () => document.querySelector("[name=width]:checked").id;
  const named = (frame) => `tall ${width()} ${frame.getAttribute("src").replace(/^show\/[^/]*\//, "")}`;
  const fit = (frame) => {
    const tall = (height) => frame.parentElement.style.setProperty("--height", `${height}px`);
    let inside = null;
    try { inside = frame.contentDocument; } catch { /* Opened from a folder, each file is a stranger to the others. */ }
    if (!inside?.body || inside.URL === "about:blank") {
      const known = keep.get(named(frame));
      if (known) tall(known);
      return;
    }
    tall(0);
    const height = inside.documentElement.scrollHeight;
    tall(height);
    keep.set(named(frame), height);
  };
  const frames = [...document.querySelectorAll("iframe")];
  for (const frame of frames) {
    frame.addEventListener("load", () => fit(frame));
  }
  for (const choice of document.querySelectorAll("[name=scheme], [name=width]")) {
    if (keep.get(choice.name) === choice.id) choice.checked = true;
    choice.addEventListener("change", () => {
      keep.set(choice.name, choice.id);
      if (choice.name === "width") arrange();
    });
  }

  // In a narrow window a frame is smaller, not cut off.
  const shrink = () => {
    page.style.removeProperty("--fit");
    const room = document.querySelector("article:not([hidden]) .frame");
    if (!room) return;
    const style = getComputedStyle(page);
    const [inner, scale] = ["--inner", "--scale"].map((name) => parseFloat(style.getPropertyValue(name)));
    const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(room.parentElement);
    const wide = room.parentElement.clientWidth - parseFloat(paddingInlineStart) - parseFloat(paddingInlineEnd) - 2;
    page.style.setProperty("--fit", Math.min(scale, wide / inner));
  };
  addEventListener("resize", shrink);
  const arrange = () => { shrink(); frames.forEach(fit); };
  arrange();

  // On a server: another version is another page.
  const known = page.dataset.version;
  const wait = (millis) => new Promise((done) => { setTimeout(done, millis); });
  const follow = async () => {
    for (;;) {
      if (document.hidden) { await wait(250); continue; }
      try {
        const answer = await fetch(`version?than=${encodeURIComponent(known)}`, { cache: "no-store" });
        if (answer.ok && await answer.text() !== known) return location.reload();
      } catch { await wait(1000); }
    }
  };
  if (known !== undefined) follow();
})();
