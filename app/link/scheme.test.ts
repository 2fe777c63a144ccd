import { expect, it } from "vitest";
import { createPart } from "../state/part.ts";
import { text } from "./fields.ts";
import { createScheme, type LinkPart } from "./scheme.ts";

const one = (id: string, key: string): LinkPart<{ name: string }> => ({
  part: createPart(id, { name: "" }),
  what: id,
  fields: { name: text(key, "the name") },
});

it("finds a field by its key in the link, whoever's it is", () => {
  const { fields } = createScheme(["x"], [one("p", "p1"), one("q", "q1")]);
  expect([...fields.keys()]).toEqual(["p1", "q1"]);
});

it("refuses two parts of one name, and two fields under one key", () => {
  const message = "have one name";
  expect(() => createScheme(["x"], [one("p", "p1"), one("p", "q1")])).toThrow(message);
  expect(() => createScheme(["x"], [one("p", "p1"), one("q", "p1")])).toThrow(message);
  // Recipe A has it.
  expect(() => createScheme(["x"], [one("p", "a")])).toThrow(message);
});
