import { expect, test } from "vitest";
import { startReduction } from "../../kernels/calibration/index.ts";
import { lcgValues } from "../../kernels/testing/matrix.ts";
import { memorySource } from "../bytes/byte-source.ts";
import { captureDigest } from "../calibration/digests.ts";
import { openCalibration } from "../calibration/open.ts";
import { textOf } from "../models/text/origin.ts";
import type { CapturedCalibration } from "./capture.ts";
import { layerArrays, layerFile } from "./file.ts";
import { datImatrix, ggufImatrix, sumsOf } from "./imatrix.ts";
import { factsMetadata, isOfModel } from "./metadata.ts";

const cols = 6;
const control = { signal: new AbortController().signal, progress() {} };
const info = { label: "small", fingerprints: [{ name: "m.safetensors", size: 7, digest: "ab" }] };
const model = { source: { info } as never };
const text = textOf("to be or not to be", "hamlet", 3, 9);
const facts = { text, windows: 2, tokens: 10, windowsInAll: 5, seed: 3, keep: 4, sequential: null, gradients: false };

async function captured(name: string, shared: string[] = [], cross = false): Promise<CapturedCalibration> {
  const x = lcgValues(20 * cols);
  const reduction = await startReduction(cols, { keep: 4, seed: 3, cross });
  await reduction.add(x, cross ? x.map((v) => v + 1) : undefined);
  const calibration = await reduction.finish({ kind: "capture", name: "", digest: "" });
  const input = { name, shared, sites: [], cols, bytes: 0 };
  return { input, calibration, expertTokens: undefined };
}

const joined = (pieces: Uint8Array[]) => new Uint8Array(Buffer.concat(pieces));

test("a file has what was captured to the bit, for every weight that shares it, and its digest is what its reader finds", async () => {
  const one = await captured("layers.0.q.weight", ["layers.0.k.weight"], true);
  const layer = { layer: 0, inputs: [one], attention: [], gradients: [] };
  const arrays = await layerArrays(layer, 12, async () => {});
  expect(arrays.name).toBe("inputs-00.safetensors");
  const file = layerFile(arrays, factsMetadata(model, facts));
  const bytes = joined(file.pieces);
  expect(bytes.length).toBe(file.bytes);
  const opened = await openCalibration([memorySource(arrays.name, bytes)], null, "cap", control.signal);
  expect(opened.info.kind).toBe("capture");
  for (const name of ["layers.0.q.weight", "layers.0.k.weight"]) {
    const found = await opened.of({ name, cols }, control);
    const { source, notes, ...values } = one.calibration;
    expect(found).toMatchObject(values);
    expect(found.source.digest).toBe(opened.info.metadata["digest of layers.0.q.weight"]);
  }
  expect(captureDigest(opened.info.metadata)).toMatch(/^[0-9a-f]{64}$/);
  expect(opened.info.metadata).toMatchObject({ model: "small", windows: "2", "text characters": "3-9", seed: "3" });
  expect(isOfModel(opened.info.metadata, info)).toBe(true);
  expect(isOfModel(opened.info.metadata, { ...info, fingerprints: [] })).toBe(false);
});

/** A weight of three experts, the second of which met no token, and one of its own. */
async function ofExperts() {
  const dense = await captured("model.layers.0.self_attn.o_proj.weight");
  const routed = await captured("model.layers.0.mlp.experts.down_proj");
  const meanSquare = Float64Array.from({ length: 3 * cols }, (_, i) => (i >= cols && i < 2 * cols ? 1 : (i + 1) / 7));
  routed.calibration.experts = { count: 3, meanSquare };
  routed.expertTokens = [5, 0, 15];
  const site = (layer: string, expert?: number) => ({ readers: [layer], name: layer, expert }) as never;
  dense.input.sites = [site("o")];
  routed.input.sites = [0, 1, 2].map((e) => site(`down.${e}`, e));
  const part = (tensor: string, gguf: string, adapt: object[]) =>
    ({ stored: { tensor }, part: { stored: { gguf: { name: gguf, adapt } } } }) as never;
  const parts = new Map([["o", part(dense.input.name, "blk.0.attn_output.weight", [])]]);
  for (const e of [0, 1, 2]) {
    parts.set(`down.${e}`, part(routed.input.name, "blk.0.ffn_down_exps.weight", [{ do: "slice", index: e }]));
  }
  return { sums: [dense, routed].flatMap((one) => sumsOf({ parts }, one)), dense, meanSquare };
}

test.each(["gguf", "dat"] as const)(
  "an importance matrix in the form %s is read as what was captured, by GGUF names",
  async (form) => {
    const { sums, dense, meanSquare } = await ofExperts();
    const write = form === "gguf" ? ggufImatrix : datImatrix;
    const bytes = write(sums, { text: "hamlet", windows: 2, tokens: 10 });
    const opened = await openCalibration([memorySource(`x.${form}`, bytes)], null, "x", control.signal);
    expect(opened.info).toMatchObject({
      kind: "imatrix",
      arrays: ["blk.0.attn_output.weight", "blk.0.ffn_down_exps.weight"],
    });
    const one = await opened.of({ name: dense.input.name, cols }, control);
    const closest = (found: Float64Array, wanted: Float64Array) =>
      expect(Math.max(...found.map((value, c) => Math.abs(value / wanted[c] - 1)))).toBeLessThan(1e-6);
    closest(one.meanSquare!, dense.calibration.meanSquare!);
    expect(one.tokens).toBe(form === "gguf" ? 20 : null);
    const routed = await opened.of({ name: "blk.0.ffn_down_exps.weight", cols }, control);
    expect(routed.experts?.count).toBe(3);
    closest(routed.experts!.meanSquare, meanSquare);
  },
);
