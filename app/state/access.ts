/** Which servers the person let this page read from, and the tokens for them: in memory, for as long as the page is open. */
import type { AccessToken } from "../../workers/sources/spec.ts";

export class Access {
  private readonly origins = new Set<string>();
  private readonly tokens = new Map<string, AccessToken>();

  /** Lets the page read from an address's server, with a token where one is given. */
  allow(address: string, token: AccessToken | null = null): void {
    this.origins.add(new URL(address.trim()).origin);
    if (token) this.tokens.set(token.origin, token);
  }

  /** A link may name any address: its server learns of the reader only when the reader says so. */
  allows(address: string): boolean {
    const { origin } = new URL(address);
    return this.origins.has(origin) || origin === globalThis.location?.origin;
  }

  tokenFor(address: string): AccessToken | null {
    return this.tokens.get(new URL(address).origin) ?? null;
  }
}
