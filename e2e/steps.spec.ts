/** Recipes with steps before their quantizer: what the steps make of the values. */
import { expect, test } from "./support/test.ts";

test("the value chart shows the values before and after the steps of each recipe", async ({ bench }) => {
  await bench.open("s=gen:normal(64x128,seed=1)&a=rht(64,seed=1)+nvfp4&b=int4/64:f16&n=2&v=1");
  const chart = bench.page.locator('figure[data-chart="values"]');
  await expect(chart).toContainText("A after rht(64,seed=1)");
  await expect(chart).toContainText("B as before: no steps");
  await expect(chart.locator("[data-outline]")).toHaveCount(1);
  await expect(chart).toHaveAccessibleDescription(/outline shows them after the steps of A/);

  await chart.getByRole("button", { name: "Table of values" }).click();
  const table = chart.getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveText(["from", "to", "elements", "A after its steps"]);
  const sums = await table
    .locator("tbody tr")
    .evaluateAll((rows) =>
      rows
        .map((row) => [2, 3].map((k) => Number(row.children[k].textContent?.replaceAll(",", ""))))
        .reduce((sum, row) => sum.map((n, k) => n + row[k]), [0, 0]),
    );
  // Every value is in both, once.
  expect(sums).toEqual([64 * 128, 64 * 128]);
  await chart.getByRole("button", { name: "Table of values" }).click();

  await bench.type("B", "ht(16)+int4/64:f16");
  await expect(chart.locator("[data-outline]")).toHaveCount(2);
  await expect(chart).toContainText("B after ht(16)");
  await bench.type("A", "nvfp4");
  await bench.type("B", "nvfp4");
  await expect(chart.locator("[data-outline]")).toHaveCount(0);
  await expect(chart).not.toContainText("steps");
});
