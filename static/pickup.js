// Pick-up of a certificate with a key that this browser makes (`keyfile.js`): what is posted, the wait, the file.
// The private key lives in this page alone: nothing is kept between visits, and nothing but the request and questions
// about the order go over the network.
"use strict";

(() => {
  const page = document.querySelector("[data-pickup]");
  if (!page) return;
  const ASK_EVERY = 700;
  const SLOW_AFTER = 30000;

  const part = (name) => page.querySelector(`[data-part="${name}"]`);
  const show = (name) => page.querySelectorAll("[data-part]").forEach((node) => { node.hidden = node.dataset.part !== name; });
  const status = page.querySelector("[data-status]");
  const say = (name) => { status.textContent = page.querySelector(`[data-word="${name}"]`).textContent; };
  const pause = (milliseconds) => new Promise((done) => { window.setTimeout(done, milliseconds); });
  const bytes = (base64) => Uint8Array.from(window.atob(base64), (letter) => letter.charCodeAt(0));
  let unsaved = false;

  // ---- what goes wrong, with a sentence for the reader
  class Trouble extends Error {
    constructor(message, name) {
      super(message);
      this.word = name;
    }
  }
  const fail = (error) => {
    unsaved = false;
    const known = error instanceof Trouble;
    part("trouble").querySelector("[data-message]").textContent = known && error.message
      ? error.message
      : page.querySelector(`[data-word="${known ? error.word : "broken"}"]`).textContent;
    status.textContent = "";
    show("trouble");
    part("trouble").querySelector("h2").focus();
  };

  // ---- the server: takes the request, then says how the order stands. Once a key is made nothing gives up that could
  // still come right: a network or a server that is away, a session that ended and is taken up in another window.
  const isJson = (response) => (response.headers.get("Content-Type") || "").startsWith("application/json");
  const asked = async (address, options) => {
    for (;;) {
      let response = null;
      try {
        response = await window.fetch(address, options);
      } catch (error) {
        say("slow");
      }
      // Of what means “not now”, the portal's own word (a suspension) counts; a proxy's page does not.
      const spoken = response && (response.status < 500 || (response.status === 503 && isJson(response)));
      if (spoken && !response.redirected) return response;
      if (response) say(response.redirected ? "away" : "slow");
      await pause(ASK_EVERY * 3);
    }
  };
  const answered = async (response) => {
    const answer = isJson(response) ? await response.json() : {};
    // 403: somebody signed in anew meanwhile, and what this page sends is of the session before.
    if (!response.ok) throw new Trouble(answer.message, response.status === 403 ? "broken" : "elsewhere");
    return answer;
  };
  const give = (form, request) => {
    const body = new URLSearchParams(new FormData(form));
    body.set("csr", request);
    return asked(form.action, { method: "POST", body }).then(answered);
  };
  const awaitCertificate = async () => {
    const since = Date.now();
    for (;;) {
      const answer = await asked(page.dataset.state, { cache: "no-store" }).then(answered);
      if (answer.certificate) return answer;
      if (answer.state === "failed") throw new Trouble("", "failed");
      if (answer.state !== "queued" && answer.state !== "signing") throw new Trouble("", "elsewhere");
      say(Date.now() - since > SLOW_AFTER ? "slow" : "signing");
      await pause(ASK_EVERY);
    }
  };

  // ---- passphrase, download, and the word that it was saved
  const offer = (answer, passphrase, file) => {
    const ready = part("ready");
    ready.querySelector("[data-passphrase]").textContent = passphrase;
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(file), download: `${answer.number}.p12`,
    });
    const typed = ready.querySelector("[data-typed]");
    ready.querySelector("[data-download]").addEventListener("submit", (event) => {
      event.preventDefault();
      const right = typed.value.trim().toUpperCase() === passphrase.slice(-4);
      ready.querySelector("[data-mistyped]").hidden = right;
      typed.setAttribute("aria-invalid", String(!right));
      if (!right) return typed.focus();
      link.click();
      event.target.hidden = true;
      ready.querySelector("[data-then]").hidden = false;
      return ready.querySelector("[data-then] h3").focus();
    });
    ready.querySelector("[data-again]").addEventListener("click", () => link.click());
    const done = ready.querySelector("[data-saved]");
    done.action = answer.saved;
    done.addEventListener("submit", () => { unsaved = false; });
    say("done");
    show("ready");
    ready.querySelector("h2").focus();
  };

  const run = async (form) => {
    const kind = new FormData(form).get("kind");
    show("");
    say("making");
    const pair = await keyFile.makePair(kind);
    unsaved = true;
    const request = await keyFile.makeRequest(pair);
    say("signing");
    await give(form, request);
    const answer = await awaitCertificate();
    say("building");
    const certificates = [answer.certificate, ...answer.above].map(bytes);
    if (!await keyFile.fits(pair, certificates)) throw new Trouble("", "elsewhere");
    const passphrase = keyFile.makePassphrase();
    offer(answer, passphrase, await keyFile.build(pair, certificates, page.dataset.name, passphrase));
  };

  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  // A page that the browser kept and shows again is stale: its key is gone, and its turn may be.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  const form = page.querySelector("[data-make]");
  if (!form) return;
  if (!keyFile.able()) {
    fail(new Trouble("", "unable"));
    return;
  }
  show("make");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form).catch(fail);
  });
})();
