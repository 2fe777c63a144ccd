/** Experiments to start from, each a whole state of the page that shows one thing well. */
import { mapPart } from "../panels/map/options.ts";
import { profilesPart } from "../panels/profiles/options.ts";
import { defaultExperiment, type Experiment } from "../state/experiment.ts";

export interface Start {
  id: string;
  label: string;
  /** What to look at. */
  describe: string;
  experiment: Experiment;
}

const generated = (name: string, rows: number, cols: number, params: Record<string, number>): Experiment => ({
  ...defaultExperiment,
  source: { kind: "generator", generator: { name, rows, cols, seed: 1, params } },
});

export const starts: readonly Start[] = [
  {
    id: "fp4-int4",
    label: "FP4 against INT4 at the same bits",
    describe: "Weights of a text recogniser as NVFP4 and as integers in blocks of 32, both 4.5 bits a weight",
    experiment: defaultExperiment,
  },
  {
    id: "rotation",
    label: "What a rotation does to outliers",
    describe:
      "Some columns are twenty times as large as the others: a rotation spreads them, and the error falls by 8 dB",
    experiment: profilesPart.with(
      mapPart.with(
        {
          ...generated("outliers", 512, 512, { std: 1, share: 0.01, gain: 20 }),
          a: "int4/32:f16",
          b: "rht(32,seed=0)+int4/32:f16",
        },
        { mode: "difference" },
      ),
      { axis: "col" },
    ),
  },
  {
    id: "k-quant",
    label: "K-quant against plain blocks",
    describe:
      "ggml's q4_k keeps a scale and a minimum for every 32 values in 6 bits each: at the same 4.5 bits it loses less",
    experiment: { ...generated("student", 512, 1024, { nu: 5, scale: 1 }), a: "q4_k", b: "int4/32:f16" },
  },
];
