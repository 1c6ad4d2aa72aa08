// What the portal's pages use of PKI.js: requests, certificates, and PKCS#12. README.md says how the bundle is built.
export {
  Attribute, AttributeTypeAndValue, AuthenticatedSafe, CertBag, Certificate, CertificationRequest, PFX,
  PKCS8ShroudedKeyBag, PrivateKeyInfo, SafeBag, SafeContents,
} from "pkijs";
export { BmpString, OctetString, Utf8String } from "asn1js";
