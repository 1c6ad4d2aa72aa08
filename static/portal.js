// Small conveniences. Every page works without this file: it moves focus, listens to keys on staff
// pages, shows which file was chosen, and keeps live regions from moving under the hand.
"use strict";

(() => {
  const CHOICES = ["radio", "checkbox", "button", "submit", "image", "file"];
  const typing = (node) =>
    node instanceof HTMLElement && (node.isContentEditable || /^(TEXTAREA|SELECT)$/.test(node.tagName)
      || (node.tagName === "INPUT" && !CHOICES.includes(node.type)));

  // ---- errors: the summary takes the focus, a link in it goes to the field
  const focusSummary = (root) => {
    const summary = root.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  };

  // ---- files: the name of what was chosen stands beside the button
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    const say = document.querySelector(`[data-file-of="${input.id}"]`);
    if (say) say.textContent = Array.from(input.files, (file) => file.name).join(", ");
  });

  document.addEventListener("click", (event) => {
    const print = event.target instanceof Element && event.target.closest("[data-print]");
    if (print) window.print();
  });

  // ---- live regions: no refresh while something in them has focus or unsaved input
  const busy = (region) => {
    if (region.contains(document.activeElement) && document.activeElement !== document.body) return true;
    return Array.from(region.querySelectorAll("input, textarea, select")).some((control) => {
      if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
      if (control.tagName === "SELECT") return Array.from(control.options).some((o) => o.selected !== o.defaultSelected);
      return control.type !== "hidden" && control.value !== control.defaultValue;
    });
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const region = event.target instanceof Element && event.target.closest("[data-live]");
    if (region && (busy(region) || document.hidden)) event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));

  // ---- certificate preview: the letters beside the field, as they are typed
  document.addEventListener("input", (event) => {
    const place = event.target instanceof HTMLElement && document.querySelector(`[data-preview-of="${event.target.id}"]`);
    if (place) place.textContent = event.target.value || "—";
  });

  // ---- keys of staff pages: single letters, outside fields, can be switched off
  const store = "lra-keys";
  const keysOn = () => window.localStorage.getItem(store) !== "off";
  const toggle = document.querySelector("[data-keys-toggle]");
  const showToggle = () => {
    toggle.hidden = false;
    toggle.textContent = keysOn() ? toggle.dataset.on : toggle.dataset.off;
    toggle.setAttribute("aria-pressed", String(keysOn()));
  };
  const words = (node) => (node.dataset.keyLabel || node.getAttribute("aria-label") || node.textContent)
    .replace(/\s+/g, " ").trim();

  const listKeys = () => {
    const box = document.querySelector("[data-keys-list]");
    if (!box || box.open) return;
    const list = document.createElement("dl");
    const say = (keys, text) => {
      const key = document.createElement("dt");
      keys.forEach((name) => key.append(Object.assign(document.createElement("kbd"), { textContent: name }), " "));
      list.append(key, Object.assign(document.createElement("dd"), { textContent: text }));
    };
    const rows = document.querySelector("[data-rows]");
    if (rows && rows.dataset.moveLabel) {
      say(["J", "K"], rows.dataset.moveLabel);
      say(["Enter"], rows.dataset.openLabel);
    }
    const ofRows = new Map();
    document.querySelectorAll("[data-row-key]").forEach((node) => {
      const key = node.dataset.rowKey.toUpperCase();
      const copy = node.cloneNode(true);
      copy.querySelectorAll(".visually-hidden").forEach((number) => number.remove());
      ofRows.set(key, (ofRows.get(key) || new Set()).add(words(copy)));
    });
    ofRows.forEach((said, key) => say([key], [...said].join(" / ")));
    document.querySelectorAll("[data-key]").forEach((node) => {
      const copy = node.cloneNode(true);
      copy.querySelectorAll("kbd").forEach((kbd) => kbd.remove());
      say([node.dataset.key.toUpperCase()], words(copy));
    });
    const title = Object.assign(document.createElement("h2"), { textContent: box.dataset.title });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-outline-primary", textContent: box.dataset.close });
    close.addEventListener("click", () => box.close());
    box.replaceChildren(title, list, close);
    box.showModal();
  };

  const moveRow = (step) => {
    const links = Array.from(document.querySelectorAll("[data-rows] a.row-link"));
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
  };

  // What a key works: an act of the row that has the focus, else of the page.
  const worked = (key) => {
    const row = document.activeElement && document.activeElement.closest("[data-rows] tr");
    return (row && row.querySelector(`[data-row-key="${CSS.escape(key)}"]`))
      || document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  };

  const press = (key) => {
    if (key === "?") return listKeys();
    if (key === "j" || key === "k") return moveRow(key === "j" ? 1 : -1);
    const target = worked(key);
    if (!target) return undefined;
    if (typing(target)) target.focus();
    else target.click();
    return undefined;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]") || !toggle || !keysOn()) return;
    const key = event.key.toLowerCase();
    if (key.length !== 1) return;
    if ("?jk".includes(key) || worked(key)) event.preventDefault();
    press(key);
    document.dispatchEvent(new CustomEvent("portal:key", { detail: key }));
  });

  if (toggle) {
    showToggle();
    toggle.addEventListener("click", () => {
      window.localStorage.setItem(store, keysOn() ? "off" : "on");
      showToggle();
    });
  }
  focusSummary(document);
  // Back on a list: the row that was worked on has the focus again.
  const there = document.getElementById(window.location.hash.slice(1));
  if (there && there.matches("a.row-link")) there.focus();
})();
