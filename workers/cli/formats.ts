/** `formats`: every format, alias and preset, with range and bits. */
import { parseArgs } from "node:util";
import { ladderOf } from "../../kernels/formats/ladder.ts";
import { buildFormat, familyOf, GIVEN, MODULE } from "../../kernels/formats/registry.ts";
import type { Format } from "../../kernels/formats/types.ts";
import type { Call } from "../../kernels/grammar/ast.ts";
import { RecipeError } from "../../kernels/grammar/errors.ts";
import { prepareRecipe } from "../../kernels/index.ts";
import { parseRecipe } from "../../kernels/notation/index.ts";
import { vocabulary } from "../../kernels/notation/vocabulary.ts";
import { jsonLine } from "./say.ts";
import { figure, table } from "./table.ts";

/** Aliases are weighed on a matrix of this size, on which what is stored once a tensor or a row hardly counts. */
const WEIGHED = 4096;
const FLOAT32_MAX = 2 ** 128 - 2 ** 104;

interface Listed {
  name: string;
  /** Of the values without a scale; `null` where it depends on arguments. */
  min: number | null;
  max: number | null;
  /** Bits an element; for an alias with everything stored beside the elements. */
  bits: number | null;
  describe: string;
}

export async function formats(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
  const listed = vocabulary.formats
    .filter((entry) => entry.name !== GIVEN)
    .map((entry): Listed => ({ name: entry.name, ...factsOf(entry.name), describe: entry.describe }));
  const aliases = vocabulary.aliases.map(({ name, text, describe }) => ({
    ...aliasFacts(name, describe),
    recipe: text,
  }));
  if (values.json) {
    process.stdout.write(jsonLine({ formats: listed, aliases }));
    return;
  }
  const cells = ({ name, bits, min, max }: Listed) => [name, figure(bits), figure(min), figure(max)];
  const right = ["bits", "min", "max"];
  process.stdout.write(
    table(
      ["format", ...right, ""],
      listed.map((f) => [...cells(f), f.describe]),
      right,
    ) +
      "\n" +
      table(
        ["alias", ...right, "recipe", ""],
        aliases.map((a) => [...cells(a), a.recipe, a.describe]),
        right,
      ),
  );
}

type Facts = Pick<Listed, "min" | "max" | "bits">;

function rangeOf(format: Format): Facts {
  if (format.kind === "identity") return { min: -FLOAT32_MAX, max: FLOAT32_MAX, bits: format.bits };
  const { levels } = ladderOf(format);
  return { min: levels[0], max: levels[levels.length - 1], bits: format.bits };
}

/** A format by its bare name. A one-bit integer has no symmetric range, and a codebook none before it has values. */
function factsOf(name: string): Facts {
  // What a module gives is known when it has run, and what codes of a whole tensor take once they have its shape.
  if (name === MODULE || familyOf(name) === "vectors") return { min: null, max: null, bits: null };
  const full: Call = { name, args: [{ key: "range", value: { type: "word", value: "full" } }] };
  for (const call of [{ name, args: [] }, full]) {
    try {
      return rangeOf(buildFormat(call));
    } catch (error) {
      if (!(error instanceof RecipeError)) throw error;
    }
  }
  return { min: null, max: null, bits: null };
}

function aliasFacts(name: string, describe: string): Listed {
  const plan = prepareRecipe(parseRecipe(name), [], WEIGHED, WEIGHED);
  const bits = plan.bits.reduce((sum, part) => sum + part.bitsPerWeight, 0);
  return { name, ...rangeOf(plan.element.format), bits, describe };
}
