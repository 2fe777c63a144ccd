import { describe, expect, it } from "vitest";
import { noChoices } from "../../../workers/lm/figures/distribution.ts";
import { figuresOf } from "../../../workers/lm/figures/index.ts";
import type { WindowResult, WindowSide } from "../../../workers/lm/request.ts";
import { rowsOf, verdictOf, writeEstimate, writtenText } from "./estimates.ts";

const side = (kl: number[]): WindowSide => ({
  nll: Float64Array.from(kl, (x) => 3 + x),
  kl: Float64Array.from(kl),
  same: Uint8Array.from(kl, (x) => (x < 0.1 ? 1 : 0)),
  change: Float64Array.from(kl, (x) => -x / 10),
  choices: noChoices(kl.length),
});
const window = (index: number, a: number[], b: number[] | null): WindowResult => ({
  ...{ index, first: 0, targets: new Uint32Array(a.length), pieces: a.map(String) },
  ...{ nll: new Float64Array(a.length).fill(3), choices: noChoices(a.length), chosen: new Map() },
  a: side(a),
  b: b && side(b),
});

describe("figures of a model", () => {
  it("are written to two digits of their standard error", () => {
    const text = (value: number | null, stderr: number | null) => writtenText(writeEstimate({ value, stderr }));
    expect(text(27.66251, 1.0342)).toBe("27.7 ± 1.0");
    expect(text(0.209971, 0.00337)).toBe("0.2100 ± 0.0034");
    expect(text(-0.0123, 0.0004)).toBe("−0.01230 ± 0.00040");
    expect(text(0.0000021, 0.0000002)).toBe("2.10×10⁻⁶ ± 2.0×10⁻⁷");
    expect(text(-0.0002, 0.012)).toBe("0.000 ± 0.012");
    expect(text(8.00112, null)).toBe("8.001");
    expect(text(1, 0)).toBe("1.000");
    expect(text(null, null)).toBe("–");
    expect(text(Number.POSITIVE_INFINITY, null)).toBe("∞");
  });

  it("have a row each, and A less B where windows pair", () => {
    const figures = figuresOf([window(0, [0.2, 0.4], [0.01, 0.03]), window(1, [0.3, 0.5], [0.02, 0.02])]);
    const rows = new Map(rowsOf(figures).map((row) => [row.id, row]));
    expect(rows.get("nll")).toMatchObject({ base: { value: "3.000" } });
    expect(rows.get("kl")?.base).toBeNull();
    expect(rows.get("kl")?.difference?.value).toBe("0.330");
    expect(rows.get("same")).toMatchObject({ a: { value: "0" }, b: { value: "100.0" } });
    expect(verdictOf(figures)).toBe(
      "On KL, B is nearer to the model as it is by 0.330 ± 0.050 nats, paired over 2 windows.",
    );
  });

  it("are none below the noise floor, and a dash where logits broke", () => {
    const noise = { kl: 1e-6, windows: 1 };
    const quiet = figuresOf([window(0, [1e-8, 1e-9], null)], { noise });
    expect(rowsOf(quiet).find(({ id }) => id === "kl")?.a?.value).toBe("none");
    const broken = figuresOf([window(0, [Number.NaN, 0.1], [0.1, 0.2])], { noise });
    expect(rowsOf(broken).find(({ id }) => id === "kl")?.a?.value).toBe("–");
    expect(broken.a?.broken).toBe(1);
    expect(verdictOf(broken)).toBeNull();
  });

  it("do not tell A from B within two standard errors, nor in one window", () => {
    const near = figuresOf([window(0, [0.1, 0.2], [0.2, 0.2]), window(1, [0.3, 0.2], [0.2, 0.2])]);
    expect(verdictOf(near)).toMatch(/cannot be told apart/);
    expect(verdictOf(figuresOf([window(0, [0.1], [0.2])]))).toMatch(/in this one window/);
  });
});
