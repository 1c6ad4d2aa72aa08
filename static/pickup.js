// Pick-up of a certificate with a key that this browser makes: key and request, the wait for the signer, the PKCS#12 file.
// The private key lives in this page alone: nothing is kept between visits, and nothing but the request and questions
// about the order go over the network.
"use strict";

(() => {
  const page = document.querySelector("[data-pickup]");
  if (!page) return;
  const ALGORITHMS = {
    p256: { name: "ECDSA", namedCurve: "P-256" },
    p384: { name: "ECDSA", namedCurve: "P-384" },
    rsa2048: { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048 },
    rsa3072: { name: "RSASSA-PKCS1-v1_5", modulusLength: 3072 },
    rsa4096: { name: "RSASSA-PKCS1-v1_5", modulusLength: 4096 },
  };
  // Without look-alikes, 32 of them, so that each takes five bits of a random byte.
  const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  const GROUPS = 5;
  // PBES2 with AES-256 (RFC 8018); the passphrase has 100 random bits, so the iterations need not make up for a short one.
  const ITERATIONS = 100000;
  const OIDS = {
    shroudedKey: "1.2.840.113549.1.12.10.1.2",
    certificate: "1.2.840.113549.1.12.10.1.3",
    friendlyName: "1.2.840.113549.1.9.20",
    localKeyId: "1.2.840.113549.1.9.21",
    commonName: "2.5.4.3",
  };
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

  // ---- key and request
  const makePair = (kind) => window.crypto.subtle.generateKey(
    { ...ALGORITHMS[kind], hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]) }, true, ["sign", "verify"],
  );
  const makeRequest = async (pair) => {
    const request = new pkijs.CertificationRequest();
    const name = new pkijs.Utf8String({ value: "holder" });
    request.subject.typesAndValues.push(new pkijs.AttributeTypeAndValue({ type: OIDS.commonName, value: name }));
    await request.subjectPublicKeyInfo.importKey(pair.publicKey);
    await request.sign(pair.privateKey, "SHA-256");
    const der = new Uint8Array(request.toSchema(true).toBER());
    const base64 = window.btoa(String.fromCharCode(...der)).replace(/.{64}/g, "$&\n");
    return `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`;
  };

  // ---- the server: takes the request, then says how the order stands
  const answered = async (response) => {
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (response.redirected || !isJson) throw new Trouble("", response.status >= 500 ? "broken" : "away");
    const answer = await response.json();
    if (!response.ok) throw new Trouble(answer.message, "broken");
    return answer;
  };
  const give = (form, request) => {
    const body = new URLSearchParams(new FormData(form));
    body.set("csr", request);
    return window.fetch(form.action, { method: "POST", body }).then(answered);
  };
  const awaitCertificate = async () => {
    const since = Date.now();
    for (;;) {
      let answer = { state: "queued" };
      try {
        answer = await window.fetch(page.dataset.state, { cache: "no-store" }).then(answered);
      } catch (error) {
        // A network that is away for a moment loses nothing: the key is here, and the order is there.
        if (error instanceof Trouble) throw error;
      }
      if (answer.certificate) return answer;
      if (answer.state === "failed") throw new Trouble("", "failed");
      if (answer.state !== "queued" && answer.state !== "signing") throw new Trouble("", "elsewhere");
      say(Date.now() - since > SLOW_AFTER ? "slow" : "signing");
      await pause(ASK_EVERY);
    }
  };

  // ---- the file: PKCS#12 (RFC 7292) with key, certificate and those above it
  const makePassphrase = () => {
    const random = window.crypto.getRandomValues(new Uint8Array(GROUPS * 4));
    const letters = Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join("");
    return letters.match(/.{4}/g).join("-");
  };
  const sameBytes = (one, other) => {
    const [a, b] = [new Uint8Array(one), new Uint8Array(other)];
    return a.length === b.length && a.every((byte, place) => byte === b[place]);
  };
  const bag = (bagId, bagValue, attributes) => new pkijs.SafeBag({ bagId, bagValue, bagAttributes: attributes });
  const build = async (pair, answer, passphrase) => {
    const { subtle } = window.crypto;
    const own = pkijs.Certificate.fromBER(bytes(answer.certificate));
    const spki = await subtle.exportKey("spki", pair.publicKey);
    if (!sameBytes(spki, own.subjectPublicKeyInfo.toSchema().toBER())) throw new Trouble("", "elsewhere");
    const pkcs8 = await subtle.exportKey("pkcs8", pair.privateKey);
    const keyId = await subtle.digest("SHA-256", spki);
    const marks = () => [
      new pkijs.Attribute({ type: OIDS.friendlyName, values: [new pkijs.BmpString({ value: page.dataset.name })] }),
      new pkijs.Attribute({ type: OIDS.localKeyId, values: [new pkijs.OctetString({ valueHex: keyId })] }),
    ];
    const keyBag = new pkijs.PKCS8ShroudedKeyBag({ parsedValue: pkijs.PrivateKeyInfo.fromBER(pkcs8) });
    const above = answer.above.map((one) => pkijs.Certificate.fromBER(bytes(one)));
    const certificates = [own, ...above].map((parsedValue, place) => bag(
      OIDS.certificate, new pkijs.CertBag({ parsedValue }), place ? undefined : marks(),
    ));
    const password = new TextEncoder().encode(passphrase).buffer;
    const lock = {
      password,
      contentEncryptionAlgorithm: { name: "AES-CBC", length: 256 },
      hmacHashAlgorithm: "SHA-256",
      iterationCount: ITERATIONS,
    };
    await keyBag.makeInternalValues(lock);
    const safes = [
      { privacyMode: 0, value: new pkijs.SafeContents({ safeBags: [bag(OIDS.shroudedKey, keyBag, marks())] }) },
      { privacyMode: 1, value: new pkijs.SafeContents({ safeBags: certificates }) },
    ];
    const authenticatedSafe = new pkijs.AuthenticatedSafe({ parsedValue: { safeContents: safes } });
    await authenticatedSafe.makeInternalValues({ safeContents: [{}, lock] });
    const file = new pkijs.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
    await file.makeInternalValues({
      password, iterations: 2048, pbkdf2HashAlgorithm: "SHA-256", hmacHashAlgorithm: "SHA-256",
    });
    return new Blob([file.toSchema().toBER()], { type: "application/x-pkcs12" });
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
      ready.querySelector("[data-then]").hidden = false;
      return ready.querySelector("[data-then] h3").focus();
    });
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
    const pair = await makePair(kind);
    unsaved = true;
    const request = await makeRequest(pair);
    say("signing");
    await give(form, request);
    const answer = await awaitCertificate();
    say("building");
    const passphrase = makePassphrase();
    offer(answer, passphrase, await build(pair, answer, passphrase));
  };

  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  // A page that the browser kept and shows again is stale: its key is gone, and its turn may be.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  const form = page.querySelector("[data-make]");
  if (!form) return;
  if (!window.isSecureContext || !window.crypto || !window.crypto.subtle) {
    fail(new Trouble("", "unable"));
    return;
  }
  show("make");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form).catch(fail);
  });
})();
