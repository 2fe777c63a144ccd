import { expect, it } from "vitest";
import { Access } from "./access.ts";

it("a server is read from once somebody said so, whatever the path", () => {
  const access = new Access();
  expect(access.allows("https://x.org/a")).toBe(false);
  access.allow("  https://x.org/a ");
  expect(
    ["https://x.org/b", "http://x.org/a", "https://x.org:8443/a", "https://y.org/a"].map((a) => access.allows(a)),
  ).toEqual([true, false, false, false]);
});

it("a token is for its own server", () => {
  const access = new Access();
  const token = { origin: "https://x.org", value: "secret" };
  access.allow("https://x.org/a", token);
  access.allow("https://y.org/a");
  expect(["https://x.org/other", "https://y.org/a"].map((a) => access.tokenFor(a))).toEqual([token, null]);
});
