/** Queries, keys and values of a layer while text runs through the model as it is: what recipes for attention and caches work on. */
import type { Site } from "../../kernels/network/index.ts";
import { UserError } from "../errors/user-error.ts";
import { deviceOf, runnable } from "../models/runnable.ts";
import type { OriginText } from "../models/text/origin.ts";
import { tokensOf } from "../models/text/tokens.ts";
import { cutText, type WindowsSpec } from "../models/text/windows.ts";
import { type JobControl, pacer } from "../pace/pace.ts";
import type { AttentionAnswer, AttentionRequest } from "./request.ts";
import type { LmSetup } from "./setup.ts";

export interface AttentionAsked extends Pick<AttentionRequest, "layer" | "heads" | "device"> {
  text: OriginText;
  windows: WindowsSpec;
}

/** Those of the first window that is asked for, after rotation. Rejects with UserError, or with AbortError. */
export async function attentionOf(
  setup: LmSetup,
  asked: AttentionAsked,
  control: JobControl,
): Promise<AttentionAnswer> {
  const { model, backends } = setup;
  const { architecture } = model;
  const { layer, heads } = asked;
  const ids = await tokensOf(runnable(model), asked.text.text, control.signal);
  if (!Number.isInteger(layer) || layer < 0 || layer >= architecture.layers) {
    throw new UserError(`The model has layers 0 to ${architecture.layers - 1}, and no layer ${layer}.`);
  }
  const { attention } = architecture.design(layer);
  const [from, to] = heads;
  if (!(from >= 0 && from < to && to <= attention.heads)) {
    throw new UserError(`Layer ${layer} has heads 0 to ${attention.heads - 1}, and no heads ${from} to ${to - 1}.`);
  }
  const [window] = cutText(ids, { ...asked.windows, most: 1 }, architecture).windows;
  const running = await setup.running(await deviceOf(asked.device, backends));
  const { network } = running;
  const pace = pacer(control.signal);
  const seen = new Map<Site["kind"], Float32Array>();
  await running.alone(control.signal, async () => {
    let hidden = await network.embed(await running.held("ends", control.signal), window.tokens);
    try {
      for (let index = 0; index <= layer; index++) {
        const weights = await running.held(index, control.signal);
        const taps = {
          wants: ({ kind }: Site) => kind === "queries" || kind === "keys" || kind === "values",
          at: async ({ kind }: Site, values: Float32Array) => {
            seen.set(kind, values.slice());
            return undefined;
          },
        };
        const next = await network.layer(index, weights, hidden, index === layer ? taps : undefined);
        network.release(hidden);
        hidden = next;
        await pace();
        control.progress({ done: index + 1, total: layer + 1, unit: "layers", phase: "layers" });
      }
    } finally {
      network.release(hidden);
    }
  });
  const tokens = window.tokens.length;
  const { size, keyHeads } = attention;
  const group = attention.heads / keyHeads;
  const head = (kind: Site["kind"], index: number, of: number) =>
    columns(seen.get(kind)!, tokens, of * size, index * size, size);
  return {
    tokens,
    headWidth: size,
    scale: attention.scale,
    cap: attention.cap,
    span: attention.window,
    heads: Array.from({ length: to - from }, (_, i) => {
      const keyValueHead = Math.floor((from + i) / group);
      return {
        ...{ head: from + i, keyValueHead },
        queries: head("queries", from + i, attention.heads),
        keys: head("keys", keyValueHead, keyHeads),
        values: head("values", keyValueHead, keyHeads),
      };
    }),
  };
}

/** Columns [from, from + count) of rows of `cols` values. */
function columns(values: Float32Array, rows: number, cols: number, from: number, count: number): Float32Array {
  const out = new Float32Array(rows * count);
  for (let r = 0; r < rows; r++) out.set(values.subarray(r * cols + from, r * cols + from + count), r * count);
  return out;
}
