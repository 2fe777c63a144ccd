import { beforeEach, expect, it } from "vitest";
import { dismiss, isAbort, messageOf, noticesStore, notify } from "./notices.ts";

const texts = () => noticesStore.getState().notices.map(({ text }) => text);
beforeEach(() => noticesStore.setState({ notices: [] }));

it("the last four sentences are there; an equal one moves to the end", () => {
  for (const text of ["1", "2", "3", "4", "5"]) notify(text);
  expect(texts()).toEqual(["2", "3", "4", "5"]);
  notify("3", "error");
  expect(texts()).toEqual(["2", "4", "5", "3"]);
  expect(noticesStore.getState().notices.map(({ tone }) => tone)).toEqual(["info", "info", "info", "error"]);
});

it("each has a number of its own, by which it goes", () => {
  const [one, two] = [notify("one"), notify("two")];
  expect(two).toBeGreaterThan(one);
  dismiss(one);
  expect(texts()).toEqual(["two"]);
});

it("control characters are shown, not sent", () => {
  notify("a\u001b[31mb\nc");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
  expect(texts()[0]).not.toMatch(/[\u0000-\u001f]/);
});

it("anything that is thrown has a sentence, and what was stopped is known as such", () => {
  expect([new Error("no"), "text", 7].map(messageOf)).toEqual(["no", "text", "7"]);
  expect(messageOf(new Error(""))).toMatch(/went wrong/);
  expect(isAbort(new DOMException("", "AbortError"))).toBe(true);
  expect([new Error("AbortError"), { name: "AbortError" }, null].map(isAbort)).toEqual([false, false, false]);
});
