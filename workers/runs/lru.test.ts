import { expect, it } from "vitest";
import { Lru } from "./lru.ts";

const keys = (lru: Lru<number>, all: string) => [...all].filter((key) => lru.get(key) !== undefined).join("");

it("keeps the entries used last", () => {
  const lru = new Lru<number>(2);
  lru.set("a", 1);
  lru.set("b", 2);
  lru.get("a");
  lru.set("c", 3);
  expect(keys(lru, "abc")).toBe("ac");
});

it("gives up old entries beyond its budget, but never the newest", () => {
  const lru = new Lru<number>(9, 10, (weight) => weight);
  for (const [i, weight] of [4, 4, 4].entries()) lru.set("abc"[i], weight);
  expect(keys(lru, "abc")).toBe("bc");
  lru.set("d", 99);
  expect(keys(lru, "abcd")).toBe("d");
});
