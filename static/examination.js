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

  // An answer replaces the row, but never under the hand: not while a button of the mouse is down, since a click whose
  // press and release fall on different elements is none, not while somebody writes in the row, and not when more was
  // typed or chosen since the question was sent. Then the row stays as it is and is sent again as soon as hands are off.
  const sent = new WeakMap();
  const behind = new Set();
  let pressed = false;
  const said = (form) => new URLSearchParams(new FormData(form)).toString();
  const written = (form) => {
    const row = form.closest("[data-row]");
    return row !== null && row.contains(document.activeElement) && document.activeElement.matches("input:not([type=radio])");
  };
  const catchUp = () => window.setTimeout(() => behind.forEach((form) => {
    if (pressed || written(form)) return;
    behind.delete(form);
    if (form.isConnected) window.htmx.trigger(form, "submit");
  }));

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.requestConfig.elt;
    if (!form.matches("[data-row] form")) return;
    sent.set(form, said(form));
    behind.delete(form);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt: form, triggeringEvent: cause } = event.detail.requestConfig;
    if (!sent.has(form) || !event.detail.shouldSwap) return;
    const writing = written(form) && !(cause && cause.type === "submit");
    if (!pressed && !writing && sent.get(form) === said(form)) return;
    event.detail.shouldSwap = false;
    behind.add(form);
  });
  // What the server did not take is said beside the decision; what was chosen and typed stays in the page.
  document.addEventListener("htmx:afterRequest", (event) => {
    const say = document.getElementById("unkept");
    if (say && event.detail.requestConfig.verb === "post") say.hidden = Boolean(event.detail.successful);
  });
  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  ["pointerup", "pointercancel", "dragend"].forEach((name) => document.addEventListener(name, () => {
    pressed = false;
    catchUp();
  }, true));
  document.addEventListener("focusout", catchUp);

  // What had the focus in a row that was replaced gets it again, or the next open row does; who went elsewhere stays there.
  document.addEventListener("htmx:afterSettle", (event) => {
    const row = event.target instanceof Element && event.target.closest("[data-row]");
    if (!row) return;
    const goOn = byKey, active = document.activeElement;
    byKey = false;
    if (active && active !== document.body && !row.contains(active)) return;
    const wrong = row.querySelector("[aria-invalid]");
    if (wrong) wrong.focus();
    else enter(goOn && !row.classList.contains("open") ? firstOpen() || row : row);
  });
})();
