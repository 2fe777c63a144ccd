import type { Loaded } from "../../kernels/network/index.ts";
import type { Of, RunningModel } from "../models/running.ts";
import type { JobControl } from "../pace/pace.ts";
import { loadsOn } from "./bench.ts";
import { allOf } from "./plan.ts";
import type { LmTensor } from "./request.ts";
import type { RecipeSide } from "./side.ts";
import type { Stream } from "./streams.ts";

/** The model as it is and each side, with all weights at hand. */
export interface Streams {
  base: Stream;
  /** In the order of the sides. */
  sides: Stream[];
}

/** Reads what is not held yet, and quantizes what rules name; what they did to tensors is given. */
export async function holdAll(
  running: RunningModel,
  sides: readonly RecipeSide[],
  control: JobControl,
  give: (tensor: LmTensor) => void,
): Promise<Streams> {
  const layers = allOf(running.model.architecture);
  const loads = loadsOn(running);
  loads.keepOnly(sides, layers);
  const total = sides.reduce((sum, side) => sum + side.touched, 0);
  let done = 0;
  const quantized = (tensor: LmTensor) => {
    give(tensor);
    control.progress({ done: ++done, total, unit: "tensors", phase: "quantizing" });
  };
  const base = new Map<Of, Loaded>();
  const own = sides.map(() => new Map<Of, Loaded>());
  for (const side of sides) side.tensors.length = 0;
  for (const of of layers) {
    if (!running.whole) control.progress({ done: base.size, total: layers.length, unit: "layers", phase: "reading" });
    const stored = await running.held(of, control.signal);
    base.set(of, stored);
    for (const [i, side] of sides.entries()) {
      own[i].set(of, await side.load(running, of, stored, loads, control, quantized));
    }
  }
  return {
    base: { weights: (of) => base.get(of)!, taps: () => undefined },
    sides: sides.map((side, i) => ({ weights: (of) => own[i].get(of)!, taps: (of) => side.taps(of) })),
  };
}
