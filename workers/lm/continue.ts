/** Greedy continuation of a prompt: under the model as it is and under recipes, token after token, each time the whole text so far. */
import { UserError } from "../errors/user-error.ts";
import { deviceOf, isLost, runnable } from "../models/runnable.ts";
import type { RunningModel } from "../models/running.ts";
import { tokensOf } from "../models/text/tokens.ts";
import type { JobControl } from "../pace/pace.ts";
import { pacer } from "../pace/pace.ts";
import { benchOf } from "./bench.ts";
import { firstChoice } from "./figures/distribution.ts";
import { holdAll } from "./hold.ts";
import type { Continuation, ContinueAnswer, ContinuePart, ContinueRequest, Writer } from "./request.ts";
import type { LmSetup } from "./setup.ts";
import { RecipeSide } from "./side.ts";
import { Passing, type Stream } from "./streams.ts";

export type ContinueAsked = Omit<ContinueRequest, "source" | "calibration" | "budget">;
type Control = JobControl & { give(part: ContinuePart): void };

/** Tokens that may be asked for. */
const MOST = 4096;

/** Rejects with UserError or RecipeError, or with AbortError. */
export async function continueText(setup: LmSetup, asked: ContinueAsked, control: Control): Promise<ContinueAnswer> {
  const { model, backends, runs, calibration } = setup;
  const tokenizer = runnable(model);
  const { tokens: most } = asked;
  if (!Number.isInteger(most) || most < 1 || most > MOST) {
    throw new UserError(`A continuation has 1 to ${MOST} tokens, not ${most}.`);
  }
  const prompt = await tokensOf(tokenizer, asked.prompt, control.signal);
  if (prompt.length === 0)
    throw new UserError("The prompt is empty, and the model has no token that texts begin with.");
  const { positions } = model.architecture;
  if (positions !== null && prompt.length >= positions) {
    throw new UserError(`The prompt has ${prompt.length} tokens, and the model ${positions} positions.`);
  }
  const bench = benchOf(model, runs);
  const makings = { model, weights: bench.weights, backends, calibration };
  const sides = (["a", "b"] as const).flatMap((side) => {
    const recipe = asked[side];
    return recipe ? [new RecipeSide(side, recipe, asked.definitions, makings, control.signal)] : [];
  });
  const notes: string[] = [];
  const written = new Map<Writer, { tokens: Uint32Array; end: Continuation["end"] }>();
  const on = async (device: "wasm" | "webgpu") => {
    const running = await setup.running(device);
    return running.alone(control.signal, async () => {
      const own = await holdAll(running, sides, control, () => {});
      const streams: [Writer, Stream][] = [
        ["base", own.base],
        ...own.sides.map((stream, i): [Writer, Stream] => [sides[i].side, stream]),
      ];
      for (const [writer, stream] of streams) {
        if (!written.has(writer))
          written.set(writer, await write(running, stream, writer, prompt, asked, control, setup));
      }
    });
  };
  const device = await deviceOf(asked.device, backends);
  await on(device).catch((error: unknown) => {
    if (!isLost(error) || device === "wasm") throw error;
    notes.push(`${error.message} The processor goes on.`);
    return on("wasm");
  });
  const base = written.get("base")!;
  const of = (writer: Writer): Continuation | null => {
    const own = written.get(writer);
    return own
      ? { ...own, text: tokenizer.decode(own.tokens), differs: firstDifference(own.tokens, base.tokens) }
      : null;
  };
  return {
    prompt: { tokens: prompt, text: asked.prompt },
    base: of("base")!,
    a: of("a"),
    b: of("b"),
    notes,
  };
}

/** The first place where two texts of tokens differ, the end of the shorter one included; null where they are the same. */
export function firstDifference(a: Uint32Array, b: Uint32Array): number | null {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return null;
}

async function write(
  { network }: RunningModel,
  stream: Stream,
  writer: Writer,
  prompt: Uint32Array,
  { tokens: most }: ContinueAsked,
  control: Control,
  { model }: LmSetup,
): Promise<{ tokens: Uint32Array; end: Continuation["end"] }> {
  const { layers, positions, vocabulary } = model.architecture;
  const tokenizer = runnable(model);
  const pace = pacer(control.signal);
  const text = [...prompt];
  const made = () => Uint32Array.from(text.slice(prompt.length));
  while (text.length < prompt.length + most) {
    if (positions !== null && text.length >= positions) return { tokens: made(), end: "positions" };
    const passing = await Passing.start(network, [stream], Uint32Array.from(text));
    try {
      for (let layer = 0; layer < layers; layer++) {
        await passing.layer(layer);
        await pace();
      }
      const last = text.length - 1;
      const logits = await network.logits(
        stream.weights("ends"),
        passing.of(stream),
        last,
        last + 1,
        stream.taps("ends"),
      );
      if (logits.some((x) => x - x !== 0)) return { tokens: made(), end: "broken" };
      const token = firstChoice(logits, 0, vocabulary);
      if (tokenizer.ends.has(token)) return { tokens: made(), end: "stop" };
      text.push(token);
      control.give({ writer, token, piece: tokenizer.pieces([token])[0] });
      const done = text.length - prompt.length;
      control.progress({
        done,
        total: most,
        unit: "tokens",
        phase: writer === "base" ? "the model as it is" : writer.toUpperCase(),
      });
    } finally {
      passing.release();
    }
  }
  return { tokens: made(), end: "length" };
}
