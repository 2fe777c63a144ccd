import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memorySource } from "../bytes/byte-source.ts";
import { openCalibration } from "../calibration/open.ts";
import { openSample } from "../lm/open-for-test.ts";
import type { Model } from "../models/model.ts";
import { type DistilledModel, distilModel } from "./distil.ts";

const control = { signal: new AbortController().signal, progress() {} };
let model: Model;
let made: DistilledModel;
const join = (pieces: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(pieces));
const open = ({ pieces }: DistilledModel) =>
  openCalibration([memorySource("d.safetensors", join(pieces))], null, "d.safetensors", control.signal);

beforeAll(async () => {
  model = await openSample();
  made = await distilModel(model, { tokens: 32, seed: 1 }, control);
}, 30_000);
afterAll(() => model.source.close());

describe("inputs distilled from the sample's norms", () => {
  it("have in each channel the gain of the norm before it, within 1 %", async () => {
    expect(made.distance).toBeLessThan(0.01);
    const calibration = await open(made);
    expect(calibration.info.kind).toBe("capture");
    for (const [norm, weight] of [
      ["2.input_layernorm", "2.self_attn.v_proj"],
      ["5.post_attention_layernorm", "5.mlp.up_proj"],
    ]) {
      const gains = await model.source
        .tensor(`model.layers.${norm}.weight`)
        .read(0, model.architecture.width, control.signal);
      const name = `model.layers.${weight}.weight`;
      const { meanSquare, mean, rows, tokens, gram } = await calibration.of({ name, cols: gains.length }, control);
      expect(tokens).toBe(32);
      expect(rows!.length).toBe(32 * gains.length);
      expect(gram).not.toBeNull();
      gains.forEach((gain, j) => {
        const std = Math.sqrt(meanSquare![j] - mean![j] ** 2);
        expect(Math.abs(std - Math.abs(gain))).toBeLessThan(0.01 * Math.abs(gain) + 1e-6);
        expect(Math.abs(mean![j])).toBeLessThan(0.01 * Math.abs(gain) + 1e-6);
      });
    }
    calibration.close();
  });

  it("are shared by what reads one norm, and absent where none stands before", async () => {
    const calibration = await open(made);
    const has = (name: string) => calibration.has(`model.layers.3.${name}_proj.weight`);
    expect(["self_attn.q", "self_attn.k", "self_attn.v", "mlp.gate", "mlp.up"].every(has)).toBe(true);
    expect(["self_attn.o", "mlp.down"].some(has)).toBe(false);
    expect(made.without.length).toBe(2 * model.architecture.layers);
    expect(made.inputs).toBe(2 * model.architecture.layers);
    expect(made.notes.at(-1)).toContain("12 weights have none");
    const rows = async (name: string) =>
      (await calibration.of({ name: `model.layers.${name}_proj.weight`, cols: 0 }, control)).rows;
    expect(await rows("1.self_attn.q")).toEqual(await rows("1.self_attn.k"));
    expect(await rows("1.self_attn.q")).not.toEqual(await rows("2.self_attn.q"));
    calibration.close();
  });

  it("are the same for the same seed", async () => {
    const again = await distilModel(model, { tokens: 32, seed: 1 }, control);
    expect(Buffer.compare(join(again.pieces), join(made.pieces))).toBe(0);
    await expect(distilModel(model, { tokens: 1, seed: 1 }, control)).rejects.toThrow("2 to 4096 rows");
    const left = { ...control, signal: AbortSignal.abort() };
    await expect(distilModel(model, { tokens: 32, seed: 1 }, left)).rejects.toMatchObject({ name: "AbortError" });
  });
});
