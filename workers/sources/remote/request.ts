/** One request to another's server: what is sent with it, what its failures are called. */

import { UserError } from "../../errors/user-error.ts";
import type { AccessToken } from "../spec.ts";
import { PassingFault, type Patience, retryAfter, usualPatience } from "./patience.ts";

/** What reading over the network needs. */
export interface Network {
  token?: AccessToken;
  patience?: Patience;
}

export const patienceOf = ({ patience }: Network): Patience => patience ?? usualPatience;

/** The whole of what is said where a server gives no ranges; browsers do not tell that from one that forbids reading. */
export const NO_RANGES = "this server does not allow ranges (or cross-origin reading)";

export const noRanges = (name: string): UserError =>
  new UserError(`${name}: ${NO_RANGES}. Download the file and open it from the disk.`);

/** A server's answer, and the clock that watches the connection it came over. */
export interface Answer {
  response: Response;
  /** The next piece of the body, `null` at its end. Rejects with PassingFault or AbortError. */
  next(): Promise<Uint8Array | null>;
  /** Lets go of the connection. Call it when done, whatever happened. */
  end(): void;
}

/**
 * Asks for an address. Nothing of it is kept by the browser, no cookie and no referrer go along. A redirect to another
 * origin is followed without the token: fetch takes it off. Rejects with PassingFault where there is no connection or
 * nothing comes over it, with UserError where reading is forbidden, with AbortError.
 */
export async function ask(
  name: string,
  url: string,
  headers: Record<string, string>,
  network: Network,
  signal?: AbortSignal,
): Promise<Answer> {
  signal?.throwIfAborted();
  const { stallMs } = patienceOf(network);
  const { host, origin } = new URL(url);
  const stalled = new AbortController();
  const silence = () => new PassingFault(`${name}: ${host} sent nothing for ${stallMs / 1000} seconds.`);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = async <T>(waiting: Promise<T>, broken: () => Promise<Error> | Error): Promise<T> => {
    timer = setTimeout(() => stalled.abort(), stallMs);
    try {
      return await waiting;
    } catch {
      signal?.throwIfAborted();
      throw stalled.signal.aborted ? silence() : await broken();
    } finally {
      clearTimeout(timer);
    }
  };
  const forward = () => stalled.abort();
  signal?.addEventListener("abort", forward, { once: true });
  const end = () => {
    signal?.removeEventListener("abort", forward);
    stalled.abort();
  };
  const token = network.token?.origin === origin ? { Authorization: `Bearer ${network.token.value}` } : {};
  try {
    const request = fetch(url, {
      headers: { ...headers, ...token } as Record<string, string>,
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: stalled.signal,
    });
    const response = await watch(request, () => unreachable(name, url, stalled.signal));
    const reader = response.body?.getReader();
    return {
      response,
      async next() {
        if (!reader) return null;
        const { value } = await watch(
          reader.read(),
          () => new PassingFault(`${name}: the connection to ${host} broke off.`),
        );
        return value ?? null;
      },
      end,
    };
  } catch (error) {
    end();
    throw error;
  }
}

/**
 * Browsers give one error for a server that is not there and for one that does not let other origins read. A request
 * whose answer nobody may read tells them apart.
 */
async function unreachable(name: string, url: string, signal: AbortSignal): Promise<Error> {
  const away = new PassingFault(`${name} could not be fetched: there is no connection to ${new URL(url).host}.`);
  if (typeof document === "undefined" && typeof WorkerGlobalScope === "undefined") return away;
  try {
    await fetch(url, { method: "HEAD", mode: "no-cors", cache: "no-store", credentials: "omit", signal });
    return noRanges(name);
  } catch {
    return away;
  }
}

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The error of an answer that is no success. */
export function refusal(name: string, url: string, response: Response, network: Network): Error {
  const { status } = response;
  // After a redirect it is the last server that answers.
  const { host, origin } = new URL(response.url || url);
  if (PASSING.has(status)) {
    const said = `${name} could not be fetched: ${host} answered ${status}.`;
    return new PassingFault(said, retryAfter(response.headers.get("Retry-After")));
  }
  const given = network.token?.origin === origin;
  if (status === 401) {
    return new UserError(
      given
        ? `${name}: ${host} does not accept the access token (401).`
        : `${name}: ${host} wants an access token for it, or has no such file (401).`,
    );
  }
  if (status === 403) {
    return new UserError(
      `${name}: ${host} refuses to give it (403).${given ? " The access token may lack the right to read it." : " If it is private or gated, give an access token."}`,
    );
  }
  if (status === 404 || status === 410) return new UserError(`${name}: ${host} has no such file (${status}).`);
  return new UserError(`${name} could not be fetched: ${host} answered ${status}.`);
}
