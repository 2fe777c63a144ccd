/** Tensors that several papers' claims are about. */
import type { Generated } from "./paper.ts";

const size = { rows: 256, cols: 1024 };

export const gaussian: Generated = { name: "normal", ...size, seed: 1 };
export const laplace: Generated = { name: "laplace", ...size, seed: 1 };
export const uniform: Generated = { name: "uniform", ...size, seed: 1 };
export const studentT = (nu: number): Generated => ({ name: "student", ...size, seed: 1, params: { nu } });

/** Gaussian activations of which so many channels of 1,024 are louder. */
export const loud = (tokens: number, channels: number, gain: number, seed = 11): Generated => ({
  ...{ name: "outliers", rows: tokens, cols: 1024, seed },
  params: { share: channels / 1024, gain },
});

/** A Gaussian weight of so many outputs that reads them. */
export const reader = (rows: number, seed = 2): Generated => ({ name: "normal", rows, cols: 1024, seed });

/** Activations whose channels follow one another, and a Gaussian weight that reads them. */
export const following = {
  weight: { name: "normal", rows: 64, cols: 256, seed: 2 },
  inputs: { name: "correlated", rows: 500, cols: 256, seed: 4, params: { rho: 0.9 } },
} as const;
