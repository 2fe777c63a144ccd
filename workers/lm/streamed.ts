/**
 * A model that does not fit: all windows pass a layer before the next one is read. Each layer is read and decoded once, for the model as
 * it is, for its recipes, and for the noise floor.
 */
import type { Loaded, Network } from "../../kernels/network/index.ts";
import type { Of, RunningModel } from "../models/running.ts";
import type { JobControl } from "../pace/pace.ts";
import { judge } from "./judge.ts";
import { keepNoise, knownNoise, noiseKls, noiseWindows } from "./noise.ts";
import type { LmTensor, NoiseFloor } from "./request.ts";
import { SideLoads } from "./side.ts";
import { Passing, type Stream } from "./streams.ts";
import type { Work } from "./work.ts";

/** The weights of one layer and of the ends, for one stream. */
class Slots implements Stream {
  readonly #held = new Map<Of, Loaded>();
  readonly #looks: Stream["taps"];

  constructor(looks: Stream["taps"] = () => undefined) {
    this.#looks = looks;
  }

  weights(of: Of): Loaded {
    return this.#held.get(of)!;
  }

  taps(of: Of) {
    return this.#looks(of);
  }

  set(of: Of, loaded: Loaded): void {
    this.#held.set(of, loaded);
  }
}

/** What passes, in both orders of sums. */
interface Run {
  running: RunningModel;
  base: Slots;
  sides: Slots[];
  loads: SideLoads;
  /** The machine of the other order; null where the noise floor is known. */
  other: { network: Network; stream: Slots } | null;
}

/** Gives every window at the end, and the noise floor. */
export async function evaluateStreamed(work: Work, running: RunningModel): Promise<NoiseFloor | null> {
  const { setup, sides, plan, control } = work;
  await running.forget();
  const known = knownNoise(work);
  const other = known === undefined ? await setup.other(plan.device) : null;
  try {
    const run: Run = {
      ...{ running, base: new Slots(), sides: sides.map((side) => new Slots((of) => side.taps(of))) },
      loads: new SideLoads(running),
      other: other && { network: other.network, stream: new Slots() },
    };
    const measured = await passAll(work, run);
    const noise = known === undefined ? measured && keepNoise(work, measured) : known;
    if (noise) control.give({ part: "noise", noise });
    return noise;
  } finally {
    other?.end();
  }
}

async function passAll(work: Work, run: Run): Promise<Float64Array[] | null> {
  const { cut, sides, control, pace, setup } = work;
  const { network } = run.running;
  const { layers } = setup.model.architecture;
  for (const side of sides) side.tensors.length = 0;
  await load(work, run, "ends");
  const streams = [run.base, ...run.sides];
  const passing: Passing[] = [];
  const again: Passing[] = [];
  try {
    for (const { tokens } of cut.windows) passing.push(await Passing.start(network, streams, tokens));
    if (run.other) {
      const { network: machine, stream } = run.other;
      for (const { tokens } of noiseWindows(work)) again.push(await Passing.start(machine, [stream], tokens));
    }
    for (let layer = 0; layer < layers; layer++) {
      const start = performance.now();
      const release = await load(work, run, layer);
      for (const [w, one] of passing.entries()) {
        await one.layer(layer);
        await pace();
        progress(control, layer + (w + 1) / passing.length, layers);
      }
      for (const one of again) {
        await one.layer(layer);
        await pace();
      }
      release();
      const tokens = cut.windows.reduce((sum, window) => sum + window.tokens.length, 0);
      const seconds = (layers * (performance.now() - start)) / 1000;
      work.bench.measured(work.plan.device, seconds / (streams.length * tokens));
      if (layer === 0) work.foretell();
    }
    for (const [w, window] of cut.windows.entries()) {
      if (work.given.has(window.index)) continue;
      const of = (stream: Stream) => ({ network, stream, hidden: passing[w].of(stream) });
      const { base, sides: judged } = await judge(window, of(run.base), run.sides.map(of), pace);
      work.finish(window, base, judged);
    }
    if (!run.other) return null;
    const { stream } = run.other;
    return await noiseKls(work, noiseWindows(work), run.other, stream, again, async ({ index }) => {
      const at = cut.windows.findIndex((window) => window.index === index);
      return { network, stream: run.base, hidden: passing[at].of(run.base) };
    });
  } finally {
    for (const one of [...passing, ...again]) one.release();
  }
}

/** Reads a layer once, and loads it for all that pass; gives what releases it. */
async function load({ setup, sides, control }: Work, run: Run, of: Of): Promise<() => void> {
  const raw = new Map<string, Float32Array>();
  const values = await setup.model.weights(of, control.signal, async ({ tensor }, read) => {
    const own = raw.get(tensor) ?? (await read());
    raw.set(tensor, own);
    return own;
  });
  const { network } = run.running;
  const base = await network.load(of, values);
  run.base.set(of, base);
  const own = run.other && (await run.other.network.load(of, values));
  if (own) run.other!.stream.set(of, own);
  const give = (tensor: LmTensor) => control.give({ part: "tensor", tensor });
  for (const [i, side] of sides.entries()) {
    run.sides[i].set(of, await side.load(run.running, of, base, run.loads, control, give, raw));
  }
  return () => {
    network.release(base);
    run.loads.keepOnly(sides, ["ends"]);
    if (own) run.other!.network.release(own);
  };
}

function progress(control: JobControl, done: number, total: number): void {
  control.progress({ done, total, unit: "layers", phase: "layers" });
}
