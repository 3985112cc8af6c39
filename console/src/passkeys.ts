/** Passkeys by the browser's own JSON forms (WebAuthn level 3). */
import type { paths } from "./api/schema";

type Body = NonNullable<paths["/api/session/passkey"]["post"]["requestBody"]>["content"]["application/json"];
type Credential = Body["credential"];

export function passkeysWork(): boolean {
  return typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

function sent(credential: globalThis.Credential | null): Credential {
  if (!(credential instanceof PublicKeyCredential)) throw new Error("no passkey was chosen");
  const { id, rawId, type, response } = credential.toJSON();
  return { id, rawId, type: type as "public-key", response: response as Credential["response"] };
}

/** A proof by a passkey that the person chooses. */
export async function passkeyCredential(options: unknown): Promise<Credential> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as PublicKeyCredentialRequestOptionsJSON,
  );
  return sent(await navigator.credentials.get({ publicKey }));
}

/** A new passkey. */
export async function newPasskey(options: unknown): Promise<Credential> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as PublicKeyCredentialCreationOptionsJSON,
  );
  return sent(await navigator.credentials.create({ publicKey }));
}
