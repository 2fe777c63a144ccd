import { expect, it } from "vitest";
import { commandOf } from "../../export/command.ts";
import { decodeLink, encodeLink } from "../../link/fragment.ts";
import { defaultExperiment, withLook, withSource } from "../../state/experiment.ts";
import { scheme } from "../../testing/workbench.ts";
import { lmCommand } from "./index.ts";
import { MODEL, type ModelState, modelOf, modelPart, withModel } from "./state.ts";

const start = withLook({ ...defaultExperiment, source: { kind: "sample", id: "small-llama" } }, { tab: MODEL });
const all: ModelState = {
  ...{ a: "*down*=keep;*=gptq+int3/128", b: "", actA: "static int8/tensor", actB: "*q_proj*=int8/row" },
  ...{ kvA: "*.keys.*=int4/col;*.values.*=int4/row", kvB: "", text: "typed:Call me Ishmael; = & # ?" },
  ...{ length: 256, stride: 128, windows: 7, seed: 3, map: "d", pane: "go", chart: "token", device: "wasm" },
  memory: 64,
  prompt: "Fellow citizens\nof the Senate",
};

it("a link holds recipes, text, windows and how one looks at them", () => {
  const { fragment, omitted } = encodeLink(scheme, withModel(start, all));
  expect(omitted).toEqual([]);
  const { experiment, said } = decodeLink(scheme, fragment);
  expect(said).toEqual([]);
  expect(modelOf(experiment)).toEqual(all);
});

it("the first recipes are in it, whatever newcomers see one day; elsewhere the view takes no room", () => {
  const { fragment } = encodeLink(scheme, start);
  expect(fragment).toContain("&la=nvfp4&lb=int4/32:f16");
  expect(encodeLink(scheme, defaultExperiment).fragment).not.toContain("&la=");
});

it("what makes no sense is left out and told", () => {
  const { experiment, said } = decodeLink(scheme, "s=sample:small-llama&tab=model&ln=many&lm=red&n=2&v=1");
  expect(modelOf(experiment)).toEqual(modelPart.initial);
  expect(said).toEqual([expect.stringMatching(/window length.*colours/)]);
});

it("another source keeps them: the same rules are for other models, too", () => {
  const { experiment } = decodeLink(scheme, encodeLink(scheme, withModel(start, all)).fragment);
  expect(modelOf(withSource(experiment, { kind: "text", text: "1" })).a).toBe(all.a);
});

it("is one command over the whole model", () => {
  const { text, notes } = commandOf(withModel(start, all), "a.weight", "a", lmCommand(withModel(start, all)));
  expect(text).toBe(
    "npm run -s cli -- lm sample:small-llama --tokens 256 --windows 7 --stride 128 --seed 3 --device wasm --budget 64MB " +
      "--text text.txt --recipe '*down*=keep;*=gptq+int3/128' --activations-recipe 'static int8/tensor' " +
      "--kv-recipe '*.keys.*=int4/col;*.values.*=int4/row' --activations-recipe-b '*q_proj*=int8/row'",
  );
  expect(notes).toEqual(["save the text as text.txt first"]);
  expect(lmCommand(withModel(start, { text: "own:calibrate" })).options).toContain("calibrate");
});
