/** What is kept of a model between runs, so that a changed rule costs what it touches. */
import type { Model } from "../models/model.ts";
import type { RunningModel } from "../models/running.ts";
import { Lru } from "../runs/lru.ts";
import type { Runs } from "../runs/runs.ts";
import type { JudgedBase } from "./judge.ts";
import type { LmDevice, NoiseFloor, WindowSide } from "./request.ts";
import { SideLoads } from "./side.ts";
import { QuantizedWeights } from "./weights.ts";

const KEPT = 2 ** 16;
/** Hidden states behind the last layer: half a megabyte a window of 512 tokens and width 256. */
const FINALS_BYTES = 2 ** 27;
const RESULTS_BYTES = 2 ** 25;

export class LmBench {
  readonly weights: QuantizedWeights;
  /** Final hidden states of the model as it is, by window. */
  readonly finals = new Lru<Float32Array>(KEPT, FINALS_BYTES, (values) => values.byteLength);
  /** Losses and first choices of the model as it is, by window. */
  readonly bases = new Lru<JudgedBase>(KEPT, RESULTS_BYTES, ({ nll }) => 20 * nll.length);
  /** What recipes gave, by recipe and window. */
  readonly sides = new Lru<WindowSide>(KEPT, RESULTS_BYTES, ({ kl }) => 37 * kl.length);
  readonly noise = new Map<string, NoiseFloor>();
  /** Seconds that a token takes on its way through the model once, as last measured. */
  readonly seconds = new Map<LmDevice, number>();

  /** Seconds of a token, as they were just measured: the least so far, since the first window compiles. */
  measured(device: LmDevice, seconds: number): void {
    this.seconds.set(device, Math.min(seconds, this.seconds.get(device) ?? Number.POSITIVE_INFINITY));
  }

  constructor(model: Model, runs: Runs) {
    this.weights = new QuantizedWeights(model, runs);
  }
}

const loads = new WeakMap<RunningModel, SideLoads>();

/** Weights under rules that a machine holds. */
export function loadsOn(running: RunningModel): SideLoads {
  const held = loads.get(running) ?? new SideLoads(running);
  loads.set(running, held);
  return held;
}

const benches = new WeakMap<Model, LmBench>();

/** That of a model; one for as long as the model is open. */
export function benchOf(model: Model, runs: Runs): LmBench {
  const bench = benches.get(model) ?? new LmBench(model, runs);
  benches.set(model, bench);
  return bench;
}
