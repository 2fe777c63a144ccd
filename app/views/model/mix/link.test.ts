import { expect, it } from "vitest";
import { commandOf } from "../../../export/command.ts";
import { decodeLink, encodeLink } from "../../../link/fragment.ts";
import { defaultExperiment, withLook, withSource } from "../../../state/experiment.ts";
import { scheme } from "../../../testing/workbench.ts";
import { lmCommand } from "../index.ts";
import { MODEL } from "../state.ts";
import { type MixState, mixOf, mixPart, withMix } from "./state.ts";

const start = withLook({ ...defaultExperiment, source: { kind: "sample", id: "small-llama" } }, { tab: MODEL });
const all: MixState = {
  ...{
    side: "mix",
    grid: "(int3,int4)/64;q6_k",
    signal: "kl",
    share: 25,
    seed: 7,
    also: ["kurtosis"],
    kinds: ["head", "small"],
  },
  ...{
    budget: 3.5,
    unit: "gb",
    context: 8192,
    cache: "q8_0",
    pins: "*down*=q6_k;*=keep",
    first: 1,
    last: 2,
    least: "v_proj:6",
  },
  ...{ runtime: "llama.cpp", colour: "=int4/64", folded: false, chosen: "*q_proj*,a&b=c", tensor: "model.layers.0;#" },
  ...{ sort: "bits", panel: "report" },
};

it("a link holds what is scored, the budget, what is asked of the assignment, and how one looks at it", () => {
  const { fragment, omitted } = encodeLink(scheme, withMix(start, all));
  expect(omitted).toEqual([]);
  const { experiment, said } = decodeLink(scheme, fragment);
  expect(said).toEqual([]);
  expect(mixOf(experiment)).toEqual(all);
});

it("the grid is in it, whatever newcomers see one day; while a run is looked at the mix takes no room", () => {
  expect(encodeLink(scheme, withMix(start, { side: "mix" })).fragment).toContain("&mx=mix&mg=");
  expect(encodeLink(scheme, start).fragment).not.toMatch(/&m\w=/);
});

it("what makes no sense is left out and told", () => {
  const { experiment, said } = decodeLink(scheme, "s=sample:small-llama&tab=model&mx=mix&mb=-2&mk=wings&n=2&v=1");
  expect(mixOf(experiment)).toEqual({ ...mixPart.initial, side: "mix" });
  expect(said).toEqual([expect.stringMatching(/kinds of tensors.*budget/)]);
});

it("another source keeps recipes and rules, and forgets budget and selection", () => {
  const { budget, chosen, tensor, ...kept } = mixOf(withSource(withMix(start, all), { kind: "text", text: "1" }));
  expect({ budget, chosen, tensor }).toEqual({ budget: null, chosen: "", tensor: null });
  const { budget: _, chosen: __, tensor: ___, ...before } = all;
  expect(kept).toEqual(before);
});

it("is one command over the whole model, which is told what it does not know", () => {
  const { text, notes } = commandOf(withMix(start, all), null, "a", lmCommand(withMix(start, all)));
  expect(text).toBe(
    "npm run -s cli -- model sample:small-llama --recipes '(int3,int4)/64;q6_k' --signal kl --share 0.025 --seed 7 " +
      "--with-head --with-small --budget 3.5GB --assign rules.txt --runtime llama.cpp --context 8192 --kv-recipe q8_0 --out scores.json",
  );
  expect(notes).toEqual([expect.stringMatching(/pins/)]);
});
