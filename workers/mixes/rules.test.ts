import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchRule, parseModelRecipe, printRecipe } from "../../kernels/notation/index.ts";
import { expressionOf, patternsOf } from "./numbers.ts";
import { type Assigned, rulesOf } from "./rules.ts";

/** What the rules give each tensor. */
function given(text: string, names: readonly string[]): Assigned[] {
  const rules = text === "" ? [] : parseModelRecipe(text);
  return names.map((name) => {
    const recipe = matchRule(rules, name)?.recipe;
    return { name, recipe: recipe ? printRecipe(recipe) : "keep" };
  });
}

const layers = (count: number, part: string, recipe: (layer: number) => string): Assigned[] =>
  Array.from({ length: count }, (_, layer) => ({ name: `blk.${layer}.${part}.weight`, recipe: recipe(layer) }));

describe("rules of an assignment", () => {
  it("are one where tensors differ by their layer alone, and none for kept ones", () => {
    const assigned = [...layers(12, "ffn_up", () => "q4_k"), ...layers(12, "attn_norm", () => "keep")];
    expect(rulesOf(assigned)).toBe("blk.*.ffn_up.weight=q4_k");
  });

  it("name exceptions before, whole decades at once", () => {
    const assigned = layers(32, "ffn_down", (layer) => (layer < 2 || (layer >= 10 && layer < 20) ? "q6_k" : "q4_k"));
    expect(rulesOf(assigned)).toBe(
      "blk.0.ffn_down.weight=q6_k;blk.1.ffn_down.weight=q6_k;blk.1?.ffn_down.weight=q6_k;blk.*.ffn_down.weight=q4_k",
    );
  });

  it("name a layer once for all its experts", () => {
    const assigned = Array.from({ length: 4 * 16 }, (_, i) => {
      const [layer, expert] = [Math.floor(i / 16), i % 16];
      const recipe = layer === 2 ? "int8/row" : expert === 5 && layer === 3 ? "keep" : "int4/32";
      return { name: `model.layers.${layer}.mlp.experts.${expert}.up_proj.weight`, recipe };
    });
    expect(rulesOf(assigned)).toBe(
      "model.layers.2.mlp.experts.*.up_proj.weight=int8/row;model.layers.3.mlp.experts.5.up_proj.weight=keep;model.layers.*.mlp.experts.*.up_proj.weight=int4/32",
    );
  });

  it("speak of a stack of experts as the one tensor that it is", () => {
    const experts = (recipes: string[]) =>
      recipes.map((recipe, i) => ({ name: `blk.0.ffn_up_exps.weight[${i}]`, recipe }));
    expect(rulesOf(experts(["q4_k", "q4_k", "q4_k"]))).toBe("blk.*.ffn_up_exps.weight=q4_k");
    expect(() => rulesOf(experts(["q4_k", "q5_k"]))).toThrow("Tie the experts of a layer.");
  });

  it("mend what a wider rule would take", () => {
    const assigned = [
      { name: "layers.0.up.weight", recipe: "int4/32" },
      { name: "layers.1.up.weight", recipe: "int4/32" },
      { name: "layers.0.side.up.weight", recipe: "keep" },
    ];
    const text = rulesOf(assigned);
    expect(
      given(
        text,
        assigned.map(({ name }) => name),
      ),
    ).toEqual(assigned);
    expect(text).toMatch(/^layers\.0\.side\.up\.weight=keep;/);
  });

  it("write names with characters that rules cannot have", () => {
    const assigned = [{ name: "a=b;c(d) é.weight", recipe: "int4/32" }];
    expect(given(rulesOf(assigned), [assigned[0].name])).toEqual(assigned);
  });

  it("give every tensor its recipe, whatever the assignment", () => {
    const recipe = fc.constantFrom("keep", "q4_k", "int4/32", "int8/row");
    const name = fc
      .tuple(
        fc.constantFrom("", "model."),
        fc.integer({ min: 0, max: 112 }),
        fc.constantFrom("up", "down", "side.up"),
        fc.option(fc.integer({ min: 0, max: 12 })),
      )
      .map(([prefix, layer, part, expert]) =>
        [`${prefix}layers`, layer, ...(expert === null ? [] : ["experts", expert]), part, "weight"].join("."),
      );
    const assignment = fc.uniqueArray(fc.record({ name, recipe }), { selector: (one) => one.name, maxLength: 60 });
    fc.assert(
      fc.property(assignment, (assigned) => {
        expect(
          given(
            rulesOf(assigned),
            assigned.map((one) => one.name),
          ),
        ).toEqual(assigned);
      }),
      { numRuns: 200 },
    );
  });
});

describe("numbers", () => {
  const number = fc.integer({ min: 0, max: 130 });
  it("are matched by patterns, and no others that there are", () => {
    fc.assert(
      fc.property(fc.uniqueArray(number), fc.uniqueArray(number, { minLength: 1 }), (others, some) => {
        const universe = [...new Set([...others, ...some])].map(String);
        const patterns = patternsOf(some.map(String), universe).map(
          (one) => new RegExp(`^${one.replaceAll("?", "\\d")}$`),
        );
        const hit = universe.filter((one) => patterns.some((pattern) => pattern.test(one)));
        expect(hit.sort()).toEqual(some.map(String).sort());
      }),
    );
  });

  it("are matched by expressions, and no others at all", () => {
    expect(expressionOf([0, 1, 2, 3, 12, 14, 20])).toBe("([0-3]|1[24]|20)");
    fc.assert(
      fc.property(fc.uniqueArray(number, { minLength: 1 }), (some) => {
        const pattern = new RegExp(`^${expressionOf(some)}$`);
        for (let i = 0; i <= 130; i++) expect(pattern.test(String(i))).toBe(some.includes(i));
      }),
    );
  });
});
