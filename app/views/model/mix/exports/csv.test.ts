import { expect, it } from "vitest";
import { assignmentCsv } from "./csv.ts";

it("has a line for each tensor, and nothing where there is no figure", () => {
  const row = { tensor: 'a,"b', layer: null, role: "head", shape: [2, 4], elements: 8, recipe: null, bits: 128 };
  const text = assignmentCsv([{ ...row, loss: null, stderr: null, read: null, pinned: true }], "nmse", "L");
  expect(text).toBe(
    'tensor,layer,role,shape,elements,recipe,bits,bitsPerWeight,nmse,stderr,shareRead,pinned,link\r\n"a,""b",,head,2x4,8,keep,128,16,,,,yes,L\r\n',
  );
});
