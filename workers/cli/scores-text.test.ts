import "../../kernels/notation/all.ts";
import { expect, it } from "vitest";
import { asked, scored, sourceOf } from "../scores/for-test.ts";
import { scoresText } from "./scores-text.ts";

it("a recipe on all tensors is exact where every figure is, and of one window nobody knows the error", async () => {
  const source = sourceOf([0, 1].map((layer) => ({ name: `layers.${layer}.wq.weight`, shape: [8, 64] })));
  const scores = await scored(source, asked("int4/32"));
  const kl = { values: [[0.5], [0.25]], error: [[null], [null]], about: "KL on one window" };
  const line = (signal: string, of = scores) =>
    scoresText(of, null, signal)
      .split("\n")
      .find((text) => text.includes("int4/32"));
  expect(line("nmse")).toMatch(/ exact /);
  const one = { ...scores, signals: { ...scores.signals, kl } };
  expect(line("kl", one)).toMatch(/0\.75\d* +- /);
  const two = { ...one, signals: { ...one.signals, kl: { ...kl, error: [[0.1], [0.2]] } } };
  expect(line("kl", two)).toMatch(/0\.75\d* +0\.3\d* /);
});
