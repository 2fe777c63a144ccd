/** Every kind of file cut off where one of its parts begins: refused or told, in a sentence that says so. */
import { describe, expect, test } from "vitest";
import { openBytes } from "../../testing/open-bytes.ts";
import { specimens } from "./damage.ts";

/** All that is told of a file: why it is refused, or its notes and what is wrong with its tensors. */
async function told(files: Record<string, Uint8Array>): Promise<string[]> {
  try {
    const { info, tensor } = await openBytes(files);
    const sentences = [...info.notes];
    for (const { name, elements, problem } of info.tensors) {
      if (problem) sentences.push(problem);
      else
        await tensor(name)
          .read(0, elements)
          .catch((error: Error) => sentences.push(error.message));
    }
    return sentences;
  } catch (error) {
    if ((error as Error).name !== "UserError") throw error;
    return [(error as Error).message];
  }
}

/** What is left may be too short to tell what it was; beside another file that opens it is then left out. */
const CUT =
  /cut off|ends? at byte|too few|needs .+ at byte|is not valid JSON|this has \d+ bytes|: f is (?:empty|of a type that is not known|a zip archive|text, but|a JSON object|a pickled)|Left out: f\./;

describe.each(specimens.filter(({ boundaries }) => boundaries.length > 0))(
  "$kind",
  ({ kind, bytes, others, boundaries }) => {
    test("whole, it has nothing to tell but what is stored how", async () => {
      const sentences = await told({ f: bytes, ...others });
      expect(sentences).toEqual(kind === "gguf" ? [expect.stringMatching(/^Stored with/)] : []);
    });
    test("cut off at each boundary", async () => {
      for (const at of boundaries) {
        const [first] = await told({ f: bytes.slice(0, at), ...others });
        expect(`${at}: ${first}`).toMatch(CUT);
      }
    });
  },
);
