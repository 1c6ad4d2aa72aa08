// A key made in this browser: the pair, the request for it, and the PKCS#12 file (RFC 7292) with its certificate.
// Nothing here talks to anybody or keeps anything; `pickup.js` does the talking.
"use strict";

const keyFile = (() => {
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
  // The passphrase has 100 random bits, so the iterations need not make up for a short one.
  const ITERATIONS = 100000;
  const MAC_ITERATIONS = 2048;
  const OIDS = {
    shroudedKey: "1.2.840.113549.1.12.10.1.2",
    certificate: "1.2.840.113549.1.12.10.1.3",
    friendlyName: "1.2.840.113549.1.9.20",
    localKeyId: "1.2.840.113549.1.9.21",
    commonName: "2.5.4.3",
  };

  const able = () => Boolean(window.isSecureContext && window.crypto && window.crypto.subtle);

  const makePair = (kind) => window.crypto.subtle.generateKey(
    { ...ALGORITHMS[kind], hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]) }, true, ["sign", "verify"],
  );

  // The request proves that the key is here; its name is of no account, for what is printed was approved before.
  const makeRequest = async (pair) => {
    const request = new pkijs.CertificationRequest();
    // RFC 2986 4.1: the set of attributes is there even when it is empty.
    request.attributes = [];
    const name = new pkijs.Utf8String({ value: "holder" });
    request.subject.typesAndValues.push(new pkijs.AttributeTypeAndValue({ type: OIDS.commonName, value: name }));
    await request.subjectPublicKeyInfo.importKey(pair.publicKey);
    await request.sign(pair.privateKey, "SHA-256");
    const der = new Uint8Array(request.toSchema(true).toBER());
    const base64 = window.btoa(String.fromCharCode(...der)).replace(/.{64}/g, "$&\n");
    return `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`;
  };

  const makePassphrase = () => {
    const random = window.crypto.getRandomValues(new Uint8Array(GROUPS * 4));
    const letters = Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join("");
    return letters.match(/.{4}/g).join("-");
  };

  // Certificates are in DER, the holder's own first.
  const fits = async (pair, certificates) => {
    const own = pkijs.Certificate.fromBER(certificates[0]).subjectPublicKeyInfo.toSchema().toBER();
    const [a, b] = [new Uint8Array(own), new Uint8Array(await window.crypto.subtle.exportKey("spki", pair.publicKey))];
    return a.length === b.length && a.every((byte, place) => byte === b[place]);
  };

  const build = async (pair, certificates, label, passphrase) => {
    const { subtle } = window.crypto;
    const keyId = await subtle.digest("SHA-256", await subtle.exportKey("spki", pair.publicKey));
    const marks = () => [
      new pkijs.Attribute({ type: OIDS.friendlyName, values: [new pkijs.BmpString({ value: label })] }),
      new pkijs.Attribute({ type: OIDS.localKeyId, values: [new pkijs.OctetString({ valueHex: keyId })] }),
    ];
    const bag = (bagId, bagValue, bagAttributes) => new pkijs.SafeBag({ bagId, bagValue, bagAttributes });
    const privateKey = pkijs.PrivateKeyInfo.fromBER(await subtle.exportKey("pkcs8", pair.privateKey));
    const keyBag = new pkijs.PKCS8ShroudedKeyBag({ parsedValue: privateKey });
    const bags = certificates.map((der, place) => bag(
      OIDS.certificate, new pkijs.CertBag({ parsedValue: pkijs.Certificate.fromBER(der) }), place ? undefined : marks(),
    ));
    // PBES2 with AES-256 and PBKDF2 with HMAC-SHA-256 (RFC 8018) for both, a MAC with SHA-256 around them.
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
      { privacyMode: 1, value: new pkijs.SafeContents({ safeBags: bags }) },
    ];
    const authenticatedSafe = new pkijs.AuthenticatedSafe({ parsedValue: { safeContents: safes } });
    await authenticatedSafe.makeInternalValues({ safeContents: [{}, lock] });
    const file = new pkijs.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
    await file.makeInternalValues({
      password, iterations: MAC_ITERATIONS, pbkdf2HashAlgorithm: "SHA-256", hmacHashAlgorithm: "SHA-256",
    });
    return new Blob([file.toSchema().toBER()], { type: "application/x-pkcs12" });
  };

  return { able, build, fits, makePair, makePassphrase, makeRequest };
})();
