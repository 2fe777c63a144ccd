/** The Formats view: any format on a line, its codes as bits, beside another. */
import { expect, test } from "./support/test.ts";

const open = (f: string, f2: string) =>
  `s=gen:uniform(4x4,seed=1)&a=nvfp4&b=int4/64:f16&tab=formats&f=${f}&f2=${f2}&n=2&v=1`;

test("bits are switched, and the value answers", async ({ bench }) => {
  const { page } = bench;
  await bench.open(open("e2m1", "int4"));
  const codes = page.getByRole("region", { name: "Codes of e2m1" });
  await expect(page.getByRole("table", { name: "Range and precision" })).toContainText("6");
  const before = await codes.textContent();
  await codes.getByRole("button").or(codes.getByRole("switch")).or(codes.getByRole("checkbox")).first().click();
  await expect.poll(() => codes.textContent()).not.toBe(before);
});

test("a format of one's own, compared; a mistake is said under the field; the link holds both", async ({ bench }) => {
  const { page } = bench;
  await bench.open(open("e4m3", "e5m2"));
  const format = page.getByLabel("Format", { exact: true });
  await format.fill("e3m2(bias=2)");
  await format.press("Enter");
  await bench.settled();
  await expect(page.getByRole("table", { name: "Range and precision" })).toContainText("e3m2(bias=2)");
  expect(decodeURIComponent(page.url())).toContain("f=e3m2(bias=2)");
  await format.fill("e99m2");
  await format.press("Enter");
  await bench.settled();
  await expect(format).toHaveAttribute("aria-invalid", "true");
  await expect(format).toHaveAccessibleDescription(/./);
  await page.getByRole("combobox", { name: "Compare with" }).fill("codebook(-1,0,0.5,1)");
  await page.getByRole("combobox", { name: "Compare with" }).press("Enter");
  await bench.settled();
  await expect(page.getByRole("table", { name: "Range and precision" })).toContainText("codebook(-1,0,0.5,1)");
});
