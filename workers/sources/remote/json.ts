import { UserError } from "../../errors/user-error.ts";
import { persist } from "./patience.ts";
import { ask, type Network, patienceOf, refusal } from "./request.ts";

/** Longest answer of a site's API that is read: a thousand entries of a listing take some 300 kB. */
const MAX_ANSWER = 16_000_000;

/** Asks a site's API. Gives the text and the headers. Rejects with UserError or AbortError. */
export async function askText(
  name: string,
  url: string,
  network: Network,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<{ text: string; headers: Headers }> {
  return persist(
    patienceOf(network),
    signal,
    () => 0,
    async () => {
      const answer = await ask(name, url, headers, network, signal);
      try {
        const { response } = answer;
        if (!response.ok) throw refusal(name, url, response, network);
        const decoder = new TextDecoder();
        let text = "";
        for (let piece = await answer.next(); piece; piece = await answer.next()) {
          text += decoder.decode(piece, { stream: true });
          if (text.length > MAX_ANSWER) throw new UserError(`${name}: the answer is longer than ${MAX_ANSWER} bytes.`);
        }
        return { text: text + decoder.decode(), headers: response.headers };
      } finally {
        answer.end();
      }
    },
  );
}

/** Asks a site's API for JSON. */
export async function askJson(
  name: string,
  url: string,
  network: Network,
  signal?: AbortSignal,
): Promise<{ value: unknown; headers: Headers }> {
  const { text, headers } = await askText(name, url, network, signal, { Accept: "application/json" });
  try {
    return { value: JSON.parse(text), headers };
  } catch {
    throw new UserError(`${name}: ${new URL(url).host} did not answer with JSON.`);
  }
}
