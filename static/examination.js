// Keys of the examination page: rows, results, evidence and marks. Everything they do can be done without this file.
"use strict";

(() => {
  const rows = () => Array.from(document.querySelectorAll("[data-row]")).filter((row) => row.querySelector(".verdict input"));
  const here = () => (document.activeElement instanceof Element ? document.activeElement.closest("[data-row]") : null);
  const firstOpen = () => rows().find((row) => row.classList.contains("open"));
  const enter = (row) => {
    const radio = row && (row.querySelector(".verdict input:checked") || row.querySelector(".verdict input"));
    if (!radio) return;
    radio.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const all = rows();
    const at = all.indexOf(here());
    enter(at < 0 ? firstOpen() || all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  };

  // What was done with a key goes on to the next open row; a click stays where it is.
  let byKey = false;
  const choose = (number) => {
    const row = here() || firstOpen();
    const radio = row && row.querySelectorAll(".verdict input")[number - 1];
    if (!radio) return;
    byKey = true;
    radio.focus({ preventScroll: true });
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const write = () => {
    const row = here() || firstOpen();
    const words = row && row.querySelector("details");
    if (!words) return;
    words.open = true;
    const field = words.querySelector("input:not([type=hidden])");
    if (field) field.focus();
  };

  const mark = () => {
    const row = here() || firstOpen();
    const link = row && row.querySelector("[data-row-mark]");
    if (link) link.click();
  };

  const acts = { j: () => step(1), k: () => step(-1), 1: () => choose(1), 2: () => choose(2), 3: () => choose(3), e: write, m: mark };
  document.addEventListener("portal:key", (event) => {
    const act = acts[event.detail];
    if (act) act();
  });

  // A row that was kept is replaced: what had the focus gets it again, or the next open row does.
  let kept = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target instanceof Element && event.target.closest("[data-row]");
    kept = row ? row.id : "";
  });
  document.addEventListener("htmx:afterSettle", () => {
    const row = kept && document.getElementById(kept);
    if (!row) return;
    const goOn = byKey;
    kept = "";
    byKey = false;
    const wrong = row.querySelector("[aria-invalid]");
    if (wrong) wrong.focus();
    else enter(goOn && !row.classList.contains("open") ? firstOpen() || row : row);
  });
})();
