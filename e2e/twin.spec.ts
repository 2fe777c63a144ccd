/** A language model's twin with outliers: by the source menu, in a link, and back. */
import { expect, test } from "./support/test.ts";

test("the twin of the small model shows outliers, is in the link, and leads back", async ({ bench }) => {
  const { page } = bench;
  await bench.open("s=sample:small-llama&t=model.layers.2.mlp.up_proj.weight&a=int4/row&b=nvfp4&n=2&v=1");
  const plain = await bench.figure("sqnrDb", "A");
  await bench.menu(/^Source/, /^Small Llama.*its twin/);
  await bench.settled();
  await expect(page.getByRole("button", { name: /^Source/ })).toHaveText(
    /Small Llama, a language model, twin with outliers/,
  );
  expect(new URL(page.url()).hash).toContain("twin=channels");
  await bench.menu(/^Source/, /^Small Llama, a language model(?!:)/);
  await bench.settled();
  await expect(page.getByRole("button", { name: /^Source/ })).not.toHaveText(/twin/);

  await bench.open(
    "s=sample:small-llama&twin=channels=8,power=3,seed=2&t=model.layers.2.mlp.up_proj.weight&a=int4/row&b=nvfp4&n=2&v=1",
  );
  // Columns that became small are lost where a scale serves a whole row.
  const twin = await bench.figure("sqnrDb", "A");
  expect(twin).not.toBe(plain);
  await bench.open("s=sample:small-llama&twin=channels=many&a=int4/row&b=nvfp4&n=2&v=1");
  await expect(page.getByText(/A twin with outliers is written as channels=4,power=5,seed=1/).first()).toBeVisible();
});
